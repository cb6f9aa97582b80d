import ArgumentParser
import Operations
import RunEngine

struct RunNowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run-now", abstract: "Make one run of a job now, in the foreground.",
        discussion: """
            The run obeys the same claim and overlap rules as a scheduled one, and has one attempt. With --dry-run \
            everything is done but the request: nothing is sent to the job's URL, and a verdict is printed for each check. \
            A job that is paused is refused, unless --force says that the run is meant all the same.
            """)

    @Argument(help: "The name of the job.", completion: JobNames.completion)
    var job: String

    @Flag(help: "Check everything and send nothing.")
    var dryRun = false

    @Flag(help: "Run it even while it is paused.")
    var force = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(console: Console.errors)
            let times = try output.times(session)
            if dryRun {
                let rehearsal = try await session.rehearse(job, ignoresPause: force)
                if output.isJSON {
                    Console.write(rehearsal.json)
                } else {
                    Console.write(rehearsal.text)
                }
                return rehearsal.exitStatus
            }
            let run = try await session.runNow(job, ignoresPause: force)
            if output.isJSON {
                Console.write(run.record.json(times))
            } else {
                Console.write(run.summary)
            }
            return run.exitStatus
        }
    }
}
