import ArgumentParser
import CivilTime
import Operations
import Preflight
import Records

struct PreflightCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "preflight",
        abstract: "Go through the launch checklist, as far as a program can check it.",
        discussion: """
            The list is a file: a line a check, with what it is to be. No check changes anything. What only a person can say \
            is signed. `almanac preflight run --help` lists the options. Exits with 0 when nothing fails and everything manual \
            is signed, else with 1; with 78 without a list.

              almanac preflight
              almanac preflight --only edge --wait 2m
              almanac preflight sign restore-tested --by "Amina Haddad" --note "in staging"
            """,
        subcommands: [PreflightRunCommand.self, PreflightSignCommand.self],
        defaultSubcommand: PreflightRunCommand.self)
}

/// Where the list is.
struct PreflightListOption: ParsableArguments {
    @Option(help: "The list; \(Checklist.path) when left out.", completion: .file())
    var list: String?
}

struct PreflightRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the checks (the default).")

    /// How the report is printed.
    enum Form: String, ExpressibleByArgument, CaseIterable {
        case short
        case json
        case markdown
    }

    @OptionGroup var place: PreflightListOption

    @Option(help: "Only the checks of this group.")
    var only: String?

    @Option(help: "Only the checks of this phase of a launch: before, cutover or after.")
    var phase: Check.Phase?

    @Option(help: "How long to try again what fails, like 2m.")
    var wait: String?

    @Flag(help: "End with 0 although something manual is not signed.")
    var allowUnsigned = false

    @Option(help: "short, json or markdown: the list with its boxes ticked.")
    var output: Form = .short

    func run() async throws {
        try await Console.exiting {
            let checklist = try Program.checklist(
                list: place.list, only: only, console: Console.errors
            ) { phase == nil || $0.phase == phase }
            let report = try await checklist.run(
                wait: try checklist.duration(wait, option: "--wait") ?? .zero
            ) { check in
                (only == nil || check.group == only) && (phase == nil || check.phase == phase)
            }
            switch output {
            case .short: Console.write(report.short(allowsUnsigned: allowUnsigned))
            case .json: Console.write(report.json)
            case .markdown: Console.write(report.markdown(allowsUnsigned: allowUnsigned))
            }
            return report.isReady(allowsUnsigned: allowUnsigned) ? .done : .failed
        }
    }
}

struct PreflightSignCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sign", abstract: "Sign a question that no program can check.")

    @Argument(help: "The name of the check.")
    var item: String

    @Option(help: "Who confirms it.")
    var by: String

    @Option(help: "What there is to say about it.")
    var note: String?

    @OptionGroup var place: PreflightListOption

    func validate() throws {
        guard !by.isEmpty else { throw ValidationError("--by must be a name") }
        // Whoever reads the list as text or Markdown must see what was signed, and nothing that looks like another line.
        for (option, text) in [("--by", by), ("--note", note ?? "")]
        where text.unicodeScalars.contains(where: \.isControlOrSeparator) {
            throw ValidationError("\(option) must be one line without control characters")
        }
    }

    func run() async throws {
        try await Console.exiting {
            let checklist = try Program.checklist(list: place.list, console: Console.errors) { _ in false }
            let signature = try await checklist.sign(
                item, by: by, note: note.flatMap { $0.isEmpty ? nil : $0 })
            Console.write("\(signature.item) is signed by \(signature.by)")
            return .done
        }
    }
}

extension Check.Phase: ExpressibleByArgument {}

extension Unicode.Scalar {
    /// Whether it ends a line, steers a terminal or turns the direction of text.
    fileprivate var isControlOrSeparator: Bool {
        switch properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: true
        default: false
        }
    }
}
