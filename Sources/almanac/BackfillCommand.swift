import ArgumentParser
import CivilTime
import JobCatalog
import Operations
import RunEngine
import RunModel
import Scheduling

struct BackfillCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backfill", abstract: "Run what was due in a past span and did not end well.",
        discussion: """
            Lists what was due by the schedule in force, and what would be run; --run runs it, one after another, oldest \
            first, and stops at the first run that does not end well. Each occurrence is backfilled once: its request says \
            which one it is for in X-Job-Scheduled-For, its run is recorded beside the row that the occurrence has, and \
            `almanac audit` counts it apart. One that did not end well is not backfilled again: `almanac run-now` is for that. \
            Pauses and runs under way hold it back, as they do any run by hand; while it runs, occurrences that fall due may \
            be skipped, as the job's rule on overlaps says.

              almanac backfill purge --from 2026-11-20 --until 2026-11-23
              almanac backfill purge --from 2026-11-20 --until 2026-11-23 --run
            """)

    @Argument(help: "The name of the job.", completion: JobNames.completion)
    var job: String

    @Option(help: "The beginning of the span, like 2026-11-01T00:00:00Z.")
    var from: String

    @Option(help: "The end of the span, which does not belong to it; now when left out.")
    var until: String?

    @Flag(help: "Run it. Without this, nothing is run.")
    var run = false

    @Flag(help: "Only list what would be run, as without --run.")
    var dryRun = false

    @Flag(help: "Include occurrences that succeeded or were declined.")
    var all = false

    @Option(help: "The most runs of one call, 1 to 1000.")
    var limit = 100

    @Flag(help: "Run it even while the job is paused.")
    var force = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard 1...Session.backfillSpanMax ~= limit else {
            throw ValidationError("--limit must be from 1 to \(Session.backfillSpanMax)")
        }
        guard !run || !dryRun else { throw ValidationError("--run and --dry-run: name one") }
    }

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(console: Console.errors)
            let times = try output.times(session)
            let bounds = try session.bounds((from, "--from"), (until, "--until"), in: times.zone)
            let backfill = try await session.backfill(
                job, from: bounds.first ?? .earliest, until: bounds.second, includesDone: all)
            guard run else {
                if output.isJSON {
                    Console.write(backfill.json(times, runs: nil))
                } else {
                    Console.write(Self.table(backfill, times), colour: output.usesColour, width: output.width)
                    Console.write(closing(backfill))
                }
                return .done
            }
            let runs = try await session.run(backfill, atMost: limit, ignoresPause: force) { run in
                if !output.isJSON { Console.write(Self.line(run, times)) }
            }
            if output.isJSON {
                Console.write(backfill.json(times, runs: runs))
            } else {
                Console.write(closing(backfill, runs))
            }
            return runs.map(\.exitStatus).first { $0 != .done } ?? .done
        }
    }

    private static func table(_ backfill: Backfill, _ times: TimeText) -> Table {
        var table = Table(
            ["SCHEDULED FOR", "OUTCOME", "REASON", "BACKFILL"], flexible: [.init(column: 2, widthMin: 12)])
        for item in backfill.plan.items {
            table.add([
                times.text(item.occurrence.instant), item.row?.outcomeText ?? "no row",
                item.row.flatMap { [$0.reason?.rawValue, $0.detail].compactMap(\.self).first } ?? "-",
                text(of: item),
            ])
        }
        return table
    }

    private static func text(of item: BackfillPlan.Item) -> String {
        switch item.leftFor {
        case nil: "to run"
        case .done: "not needed"
        case .live: "not now: its run is under way"
        case .undecided: "not now: a daemon may still run it"
        case .backfilled:
            item.backfill.map { "\($0.outcomeText), run \($0.id.description.prefix(8))" } ?? "made"
        }
    }

    private static func line(_ run: ManualRun, _ times: TimeText) -> String {
        let record = run.record
        return "\(times.text(record.backfillOf)) \(record.outcomeText)"
            + (record.httpStatus.map { " \($0)" } ?? "") + "  run \(record.id)"
            + (record.outcome == .succeeded ? "" : record.detail.map { "\n" + $0 } ?? "")
    }

    private func closing(_ backfill: Backfill) -> String {
        let (all, due) = (backfill.plan.items.count, backfill.plan.toRun.count)
        let occurrences = "\(all.grouped) occurrence\(all == 1 ? "" : "s") of \(backfill.job.name)"
        guard due > 0 else { return "\(occurrences): nothing to run, by \(backfill.place)" }
        let more = due > limit ? ", \(limit) of them with each call" : ""
        return "\(occurrences), \(due.grouped) to run\(more): add --run"
    }

    private func closing(_ backfill: Backfill, _ runs: [ManualRun]) -> String {
        let left = backfill.plan.toRun.count - runs.count
        let made = "\(runs.count.grouped) run\(runs.count == 1 ? "" : "s") recorded in \(backfill.place)"
        return left > 0 ? "\(made); \(left.grouped) left: run the same command again" : made
    }
}
