import ArgumentParser
import CivilTime
import Operations
import RunModel

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Hold jobs back, on every host at once.",
        discussion: """
            From now on no occurrence of the jobs runs; each is recorded as skipped, with who paused it and why. Runs \
            that are under way go on to their end. A pause holds over restarts, until --for or --until has passed or \
            `almanac resume` ends it; pausing again replaces it.

              almanac pause --all --reason "cutover rolled back"
              almanac pause purge --for 2h
            """)

    @OptionGroup var scope: ScopeArguments

    @Option(name: .customLong("for"), help: "How long, like 90s, 30m, 2h, 1d; it ends by itself.")
    var duration: String?

    @Option(help: "The instant at which it ends by itself, like 2026-11-01T00:00:00Z.")
    var until: String?

    @Option(help: "Why, for those who will ask.")
    var reason: String?

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(console: Console.errors)
            let times = try output.times(session)
            // To the second, as people say it.
            let now = Instant(seconds: session.now().seconds)
            let end = try session.pauseEnd(
                until: until.map { ($0, "--until") }, for: duration.map { ($0, "--for") }, in: times.zone,
                after: now)
            let result = try await session.pause(
                scope.request, at: now, until: end,
                reason: reason.flatMap { $0.isEmpty ? nil : $0 })
            if output.isJSON {
                Console.write(Self.json(result, times))
            } else {
                Console.write(Self.text(result, times))
            }
            return .done
        }
    }

    private static func text(_ result: PauseResult, _ times: TimeText) -> String {
        var lines = result.entries.map { entry in
            let pause = entry.pause
            let end = pause.until.map { "until \(times.text($0))" } ?? "until somebody resumes"
            let replaced = entry.replaced.map { " (in the place of the pause \(times.origin(of: $0)))" } ?? ""
            return "\(pause.scope.subject) \(pause.scope.verb) paused \(end)\(replaced)"
        }
        if let all = result.pauseOfAll {
            lines.append(
                "all jobs are also paused, \(times.terms(of: all)); `almanac resume --all` ends that pause")
        }
        switch result.liveRuns {
        case 0: break
        case 1: lines.append("1 run is under way and goes on to its end")
        default: lines.append("\(result.liveRuns) runs are under way and go on to their ends")
        }
        return (lines + ["in \(result.place)"]).joined(separator: "\n")
    }

    private static func json(_ result: PauseResult, _ times: TimeText) -> JSONValue {
        .object([
            .init("store", .string(result.place)),
            .init("paused", .array(result.entries.map { $0.pause.json(times) })),
            .init("replaced", .array(result.entries.compactMap { $0.replaced?.json(times) })),
            .init("pause_of_all", result.pauseOfAll?.json(times) ?? .null),
            .init("live_runs", .integer(Int64(result.liveRuns))),
        ])
    }
}

/// Which jobs a command is about: some by name, or all.
struct ScopeArguments: ParsableArguments {
    @Argument(help: "The names of jobs.", completion: JobNames.completion)
    var jobs: [String] = []

    @Flag(help: "All jobs, those to come included.")
    var all = false

    func validate() throws { try Self.validate(jobs, all: all) }

    /// Refuses arguments that name no job, and ones that name some and all.
    static func validate(_ jobs: [String], all: Bool) throws {
        guard jobs.isEmpty == all else {
            throw ValidationError(all ? "name jobs, or --all, not both" : "name jobs, or --all")
        }
    }

    var request: PauseRequest { all ? .all : .jobs(jobs) }
}
