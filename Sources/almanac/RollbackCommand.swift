import ArgumentParser
import CivilTime
import Operations
import Preflight
import RunModel

struct RollbackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollback",
        abstract: "Go back to the old system: pause all jobs, on all hosts, at once.",
        discussion: """
            Without --run it shows the reasons to go back, what is under way and the steps for people. --run pauses all jobs, \
            waits for the runs under way, and shows what ran since the cutover. Exits with 75 when runs are still under way \
            after --wait.
            """)

    @Flag(help: "Do it. Without this, nothing is done.")
    var run = false

    @Option(help: "Who does it; the user and the host when left out.")
    var by: String?

    @Option(help: "Why, for those who will ask.")
    var reason: String?

    @Option(help: "How long to wait for runs under way, like 10m.")
    var wait = "10m"

    @OptionGroup var place: PreflightListOption

    func run() async throws {
        try await Console.exiting {
            let checklist = try Program.checklist(
                list: place.list, mayLack: true, console: Console.errors)
            let times = TimeText(zone: .utc)
            var status = ExitStatus.done
            if run {
                let limit = try checklist.duration(wait)
                // First what matters; all else is to be said about it.
                let pause = try await pause(checklist)
                Console.write("\(times.text(pause.at)) pause done: \(pause.detail)")
                let drain = try await checklist.drain(after: pause, within: limit)
                Console.write(
                    "\(times.text(drain.at)) drain \(drain.isDone ? "done" : "failed"): \(drain.detail)")
                if !drain.isDone { status = .tryAgain }
            }
            let launch = try await checklist.status()
            Console.write(launch.text(times))
            if !launch.manualSteps.isEmpty {
                Console.write(
                    "\nfor people\n" + launch.manualSteps.map { "  ☐ \($0)" }.joined(separator: "\n"))
            }
            if !run { Console.write("\nnothing was done: add --run") }
            return status
        }
    }

    private func pause(_ checklist: Checklist) async throws(CommandError) -> LaunchStep {
        do throws(CommandError) {
            return try await checklist.pauseAll(by: by, reason: reason.flatMap { $0.isEmpty ? nil : $0 })
        } catch {
            throw CommandError(
                .failed, "the jobs cannot be paused: \(error.message)",
                hint: "stop the service on each host: systemctl stop almanac")
        }
    }
}
