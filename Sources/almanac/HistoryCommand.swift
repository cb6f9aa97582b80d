import ArgumentParser
import CivilTime
import Operations
import Records
import RunModel

struct HistoryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "List runs, newest first.",
        discussion:
            """
            A line is a run, or an occurrence that was skipped or missed, or (×) several in a row. TIME is when it was \
            due by its schedule, or when it was asked for. REASON says why it did not succeed, cut to the width of a \
            terminal; `almanac show RUN` tells all.
            """
    )

    @Argument(help: "The name of a job; all jobs when left out.", completion: JobNames.completion)
    var job: String?

    @Option(help: "Only runs from this instant on, like 2026-11-01T00:00:00Z.")
    var since: String?

    @Option(help: "Only runs before this instant.")
    var until: String?

    @Option(help: "Only runs with this outcome: \(Outcome.allCases.map(\.rawValue).joined(separator: ", ")).")
    var outcome: Outcome?

    @Option(help: "The most runs to list, 1 to 10000.")
    var limit = 20

    @OptionGroup var output: OutputOptions

    @OptionGroup var watching: WatchOptions

    /// The most runs of one call.
    private static let limitMax = 10_000

    func validate() throws {
        guard 1...Self.limitMax ~= limit else {
            throw ValidationError("--limit must be from 1 to \(Self.limitMax)")
        }
    }

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(console: Console.errors)
            let times = try output.times(session)
            var query = HistoryQuery(outcome: outcome, limit: limit)
            (query.since, query.until) = try session.bounds(
                (since, "--since"), (until, "--until"), in: times.zone)
            let history = try await session.history(query, of: job)
            func runs() async throws(CommandError) -> [RunRecord] { try await history.runs() }
            func text(_ runs: [RunRecord]) -> String {
                Self.table(runs, times).text(colour: output.usesColour, width: output.width)
            }
            if watching.watch {
                try await Watch.run { () throws(CommandError) in text(try await runs()) }
                return .done
            }
            let found = try await runs()
            if output.isJSON {
                Console.write(.object([.init("runs", .array(found.map { $0.json(times) }))]))
            } else {
                Console.write(tables: text(found))
                if found.isEmpty { Console.error("no run matches, from \(history.place)") }
            }
            return .done
        }
    }

    private static func table(_ runs: [RunRecord], _ times: TimeText) -> Table {
        var table = Table(
            ["TIME", "JOB", "OUTCOME", "HTTP", "TRIGGER", "TOOK", "REASON", "RUN"],
            flexible: [.init(column: 6, widthMin: 12)], optional: [5, 4, 3])
        for run in runs {
            let reason = [run.reason?.rawValue, run.detail].compactMap(\.self).joined(separator: ": ")
            table.add([
                times.text(run.scheduledFor ?? run.createdAt), run.job.description,
                run.outcomeText + (run.occurrences > 1 ? " ×\(run.occurrences.grouped)" : ""),
                run.httpStatus.map(String.init) ?? "-", run.triggerText + (run.isDryRun ? " (dry)" : ""),
                run.tookText, reason.isEmpty ? "-" : reason, String(run.id.description.prefix(8)),
            ])
        }
        return table
    }
}

extension Outcome: ExpressibleByArgument {}
