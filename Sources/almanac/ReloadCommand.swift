import ArgumentParser
import Operations
import RunModel

struct ReloadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Let the daemon read its files again, and wait for it.",
        discussion: """
            Ends when the files are in force, or were refused: then the jobs stay as they were, the reason is printed, and \
            the exit status is 65. `systemctl reload almanac` does the same.
            """)

    @OptionGroup var output: FormOptions

    func run() async throws {
        try await Console.exiting {
            let report = try await Program.session(console: Console.errors).reload()
            if output.isJSON {
                Console.write(
                    .object([
                        .init("ok", .bool(report.problem == nil)),
                        .init("jobs", .integer(Int64(report.jobs))),
                        .init("problem", JSONValue(report.problem)),
                    ]))
                return report.problem == nil ? .done : .badInput
            }
            if let problem = report.problem {
                throw CommandError(
                    .badInput, "not reloaded, the jobs stay as they were: \(problem)",
                    hint: "run `almanac check`")
            }
            Console.write("reloaded: \(report.jobs == 1 ? "1 job is" : "\(report.jobs) jobs are") in force")
            return .done
        }
    }
}
