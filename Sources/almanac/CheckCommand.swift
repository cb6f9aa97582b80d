import ArgumentParser
import JobCatalog
import Operations
import RunModel
import Scheduling

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Read schedule files and report every problem.",
        discussion: "Exits with 0 when there is no error, else with 65. Needs no configuration and no store.")

    @Argument(help: "Files or directories; those of ALMANAC_SCHEDULES when none is named.")
    var paths: [String] = []

    @OptionGroup var output: FormOptions

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(paths.isEmpty ? .files : .settings, console: Console.errors)
            let (catalog, diagnostics) = session.load(paths.isEmpty ? nil : paths)
            let errors = diagnostics.count { $0.severity == .error }
            let warnings = diagnostics.count { $0.severity == .warning }
            if output.isJSON {
                Console.write(
                    .object([
                        .init("jobs", .integer(Int64(catalog.jobs.count))),
                        .init("errors", .integer(Int64(errors))),
                        .init("warnings", .integer(Int64(warnings))),
                        .init("diagnostics", .array(diagnostics.map(\.json))),
                    ]))
            } else {
                for diagnostic in diagnostics { Console.error(diagnostic.rendered) }
                let repairs = diagnostics.count { $0.severity == .repair }
                let counts = [(catalog.jobs.count, "job"), (errors, "error"), (warnings, "warning")]
                Console.write(
                    (repairs > 0 ? counts + [(repairs, "repair")] : counts).map(EnglishList.count)
                        .joined(separator: ", "))
            }
            return errors == 0 ? .done : .badInput
        }
    }
}

extension Diagnostic {
    /// The diagnostic for programs.
    var json: JSONValue {
        .object([
            .init("severity", .string(severity.rawValue)), .init("file", .string(location.file)),
            .init("line", .integer(Int64(location.line))), .init("column", .integer(Int64(location.column))),
            .init("code", .string(code)), .init("message", .string(message)),
            .init("details", .array(details.map { .string($0) })),
            .init("hint", hint.map { .string($0) } ?? .null),
        ])
    }
}
