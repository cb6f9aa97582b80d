import ArgumentParser
import CivilTime
import Operations
import RunModel
import Scheduling

struct RewindCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rewind", abstract: "Set a job back to now that a clock which was ahead has decided.",
        discussion: """
            A clock that was ahead lets a host decide what is still to come: until then the job does not run, and \
            `almanac health` and `almanac why` say so. From now on it is due again as its schedule says. Rows of the \
            future without a request are removed; what was requested stays on record, and is not requested again. It \
            is recorded who did it and why. A running daemon takes it up within a minute.

              almanac rewind purge --reason "the clock was an hour ahead at boot"
            """)

    @Argument(help: "The name of the job.", completion: JobNames.completion)
    var job: String

    @Option(help: "Why, for those who will ask.")
    var reason: String

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard reason.contains(where: { !$0.isWhitespace }) else {
            throw ValidationError("--reason must say why")
        }
    }

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(console: Console.errors)
            let times = try output.times(session)
            let result = try await session.rewind(job, reason: reason)
            if output.isJSON {
                Console.write(
                    .object([
                        .init("store", .string(result.place)), .init("job", .string(result.job.description)),
                        .init("from", times.json(result.from)), .init("to", times.json(result.to)),
                        .init("rows_removed", .integer(Int64(result.removed))),
                    ]))
            } else {
                let rows = EnglishList.count(result.removed, "row")
                Console.write(
                    """
                    \(result.job) is set back from \(times.text(result.from)) to \(times.text(result.to)); \(rows) removed
                    in \(result.place)
                    """)
            }
            return .done
        }
    }
}
