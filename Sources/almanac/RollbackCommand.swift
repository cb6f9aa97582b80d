import ArgumentParser
import CivilTime
import Operations
import Preflight
import Records

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

    @Option(help: "Your name, for the record; left out, it is user@host.")
    var by: String?

    @Option(help: "Why, for those who will ask.")
    var reason: String?

    @Option(help: "How long to wait for runs under way, like 10m.")
    var wait = "10m"

    @OptionGroup var place: PreflightListOption

    func validate() throws {
        guard by != "" else { throw ValidationError("--by must be a name") }
    }

    func run() async throws {
        try await Console.exiting {
            let checklist = try Program.checklist(
                list: place.list, mayLack: true, console: Console.errors
            ) { $0.trigger != nil }
            let times = TimeText(zone: .utc)
            let limit = try checklist.duration(wait, option: "--wait") ?? .zero
            guard run else {
                let status = try await checklist.status()
                Console.write(Console.folded(status.text(times)))
                writeSteps(of: checklist)
                Console.write("\nnothing was done: add --run")
                return .done
            }
            // First what matters, then what people wait for; all else is to be said about it.
            let pause = try await pause(checklist)
            Console.write("\(times.text(pause.at)) pause done: \(pause.detail)")
            writeSteps(of: checklist)
            Console.write("")
            let reasons = try await reasons(checklist)
            let drain = try await checklist.drain(after: pause, within: limit, reasons: reasons) { live in
                Console.write("\(live == 1 ? "1 run is" : "\(live) runs are") under way")
            } warned: {
                Self.warn($0)
            }
            Console.write(
                "\(times.text(drain.at)) drain \(drain.isDone ? "done" : "failed"): \(drain.detail)")
            Console.write("")
            Console.write(Console.folded(try await checklist.status().text(times)))
            guard !drain.isDone else { return .done }
            Console.error("hint: type it again to wait longer, or end a run: almanac cancel RUN")
            return .tryAgain
        }
    }

    private func writeSteps(of checklist: Checklist) {
        guard !checklist.list.steps.isEmpty else { return }
        Console.write("\nfor people\n" + checklist.list.steps.map { "  ☐ \($0)" }.joined(separator: "\n"))
    }

    private static func warn(_ error: CommandError) {
        Console.error("warning: \(error.message)" + (error.hint.map { "\nhint: \($0)" } ?? ""))
    }

    /// A reason that cannot be determined does not stop the rollback.
    private func reasons(_ checklist: Checklist) async throws -> [LaunchTrigger] {
        do throws(CommandError) {
            let reasons = try await checklist.reasons()
            for reason in reasons where reason.isMet {
                Console.write("reason: \(reason.kind) \(reason.id): \(reason.evidence)")
            }
            return reasons
        } catch {
            Self.warn(error)
            return []
        }
    }

    private func pause(_ checklist: Checklist) async throws(CommandError) -> LaunchStep {
        do throws(CommandError) {
            return try await checklist.pauseAll(
                by: by, reason: reason.flatMap { $0.isEmpty ? nil : $0 }, warned: Self.warn)
        } catch {
            throw CommandError(
                .failed, "the jobs cannot be paused: \(error.message)",
                hint: "stop the service on each host: systemctl stop almanac")
        }
    }
}
