import ArgumentParser
import Operations
import RunModel

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "End a pause: jobs run again from their next occurrence on.",
        discussion: """
            With --all the pause of all ends, and jobs that are paused by themselves stay so. What was skipped in the \
            pause is not run late; `almanac run-now` makes a run at once.
            """)

    @OptionGroup var scope: ScopeArguments

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(console: Console.errors)
            let times = try output.times(session)
            let result = try await session.resume(scope.request)
            if output.isJSON {
                Console.write(Self.json(result, times))
            } else {
                Console.write(Self.text(result, times))
            }
            return .done
        }
    }

    private static func text(_ result: ResumeResult, _ times: TimeText) -> String {
        var lines = result.entries.map { entry in
            let subject = entry.scope.subject
            guard let ended = entry.ended else { return "there was no pause of \(subject)" }
            return "the pause of \(subject) is ended; it was made \(times.origin(of: ended))"
        }
        let isOfAll = result.entries.contains { $0.scope == .all }
        for pause in result.left {
            switch pause.scope {
            case .all:
                lines.append(
                    "all jobs are still paused, \(times.terms(of: pause)); `almanac resume --all` ends that")
            case .job(let name) where isOfAll:
                lines.append(
                    "\(name) still has its own pause, \(times.terms(of: pause)); `almanac resume \(name)` ends that"
                )
            case .job: break
            }
        }
        return (lines + ["in \(result.place)"]).joined(separator: "\n")
    }

    private static func json(_ result: ResumeResult, _ times: TimeText) -> JSONValue {
        .object([
            .init("store", .string(result.place)),
            .init("resumed", .array(result.entries.compactMap { $0.ended?.json(times) })),
            .init("still_paused", .array(result.left.map { $0.json(times) })),
        ])
    }
}
