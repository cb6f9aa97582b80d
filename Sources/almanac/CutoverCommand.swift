import ArgumentParser
import CivilTime
import Operations
import Preflight
import Records

struct CutoverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cutover", abstract: "Go over to the new system, step by step, each recorded.",
        discussion: """
            The steps are preflight (everything is as it must be), resume (the pause of all jobs ends), smoke (what users see \
            works), and verify, thirty minutes later. Without --run it only shows how the launch stands. --run does the \
            steps that are not done, and stops at the first that fails; typed again it goes on there. Exits with 1 when a step \
            failed, with 75 when the last one is not due yet.
            """,
        subcommands: [CutoverRunCommand.self, CutoverStatusCommand.self],
        defaultSubcommand: CutoverRunCommand.self)
}

struct CutoverRunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step", abstract: "Show the steps, or do them, as almanac cutover alone does."
    )

    @Flag(help: "Do the steps that are not done. Without this, nothing is done.")
    var run = false

    @Option(help: "Your name, for the record; left out, it is user@host.")
    var by: String?

    @Flag(help: "Go on although something manual is not signed.")
    var allowUnsigned = false

    @Option(help: "How long after smoke verify is due, like 30m.")
    var after: String?

    @OptionGroup var place: PreflightListOption

    func validate() throws {
        guard by != "" else { throw ValidationError("--by must be a name") }
    }

    func run() async throws {
        try await Console.exiting {
            let checklist = try Program.checklist(list: place.list, console: Console.errors) { check in
                run || check.trigger != nil
            }
            let times = TimeText(zone: .utc)
            guard run else {
                Console.write(Console.folded(try await checklist.status().text(times)))
                return .done
            }
            let after = try checklist.duration(after, option: "--after") ?? Checklist.verifyAfter
            var isFirst = true
            while let result = try await checklist.doNext(
                by: by, allowsUnsigned: allowUnsigned, verifyAfter: after, begins: isFirst)
            {
                isFirst = false
                let step = result.step
                Console.write(
                    "\(times.text(step.at)) \(step.step) \(step.isDone ? "done" : "failed"): \(step.detail)")
                guard step.isDone else {
                    if let report = result.report {
                        Console.write(report.short(allowsUnsigned: allowUnsigned))
                    }
                    return .failed
                }
            }
            Console.write("the cutover is complete")
            return .done
        }
    }
}

struct CutoverStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Show how the launch stands, for everybody in the room.")

    @OptionGroup var place: PreflightListOption

    @OptionGroup var output: OutputOptions

    @OptionGroup var watching: WatchOptions

    func run() async throws {
        try await Console.exiting {
            let checklist = try Program.checklist(list: place.list, console: Console.errors) {
                $0.trigger != nil
            }
            let times = TimeText(zone: try output.timeZone.map { try checklist.zone($0) } ?? .utc)
            if watching.watch {
                try await Watch.run { () throws(CommandError) in
                    Console.folded(try await checklist.status().text(times))
                }
                return .done
            }
            let status = try await checklist.status()
            if output.isJSON {
                Console.write(status.json(times))
            } else {
                Console.write(Console.folded(status.text(times)))
            }
            return .done
        }
    }
}
