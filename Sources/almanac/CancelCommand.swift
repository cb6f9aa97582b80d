import ArgumentParser
import Operations
import RunModel

struct CancelCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Give up a run that the daemon of this host makes.",
        discussion: """
            The run ends with the reason cancelled: as failed when nothing of its request was sent, as unknown when it \
            was, for then the API may have done it. Attempts that wait are not made.
            """)

    @Argument(help: "The run, or the beginning of its identity, as `almanac history` prints it.")
    var run: String

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(console: Console.errors)
            let times = try output.times(session)
            let record = try await session.cancel(try await session.runID(run))
            if output.isJSON {
                Console.write(record.json(times))
            } else {
                Console.write(record.sentence)
            }
            return .done
        }
    }
}
