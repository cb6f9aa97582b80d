import CivilTime
import JobCatalog
import RunEngine
import RunModel
import Scheduling
import Testing

@Suite struct BackfillPlanTests {
    private static let hours = (0..<6).map { at(Double($0) * 3600) }

    private func row(
        _ job: Job, _ hour: Int, _ outcome: Outcome?, until: Int? = nil
    ) -> RunRecord {
        let instant = Self.hours[hour]
        return RunRecord(
            id: RunID(job: job.name, scheduledFor: instant), job: job.name, trigger: .schedule,
            scheduledFor: instant, scheduledUntil: until.map { Self.hours[$0] },
            occurrences: until.map { $0 - hour + 1 } ?? 1, dueAt: instant,
            state: outcome == nil ? .running : .finished, outcome: outcome, host: HostID("a/1"),
            configHash: "", createdAt: instant)
    }

    private func plan(
        _ job: Job, _ rows: [RunRecord], backfilled: [Int] = [], watermark: Int = 5,
        includesDone: Bool = false
    ) throws -> [String] {
        let occurrences = Self.hours.map { Occurrence(instant: $0, local: Zone.utc.local(at: $0)) }
        let backfills = backfilled.map { hour in
            var run = row(job, hour, .failed)
            (run.trigger, run.scheduledFor, run.backfillOf) = (.manual, nil, Self.hours[hour])
            return run
        }
        return BackfillPlan(
            occurrences, rows: rows, backfills: backfills, watermark: Self.hours[watermark],
            includesDone: includesDone
        ).items.map { $0.leftFor?.rawValue ?? "run" }
    }

    @Test("what did not end well is run, what did is left, and what lives is left alone")
    func outcomes() throws {
        let job = try makeJob()
        let rows = [
            row(job, 0, .succeeded), row(job, 1, .failed), row(job, 2, .declined), row(job, 3, nil),
            row(job, 4, .unknown), row(job, 5, .timedOut),
        ]
        #expect(try plan(job, rows) == ["done", "run", "done", "live", "run", "run"])
        #expect(try plan(job, rows, includesDone: true) == ["run", "run", "run", "live", "run", "run"])
    }

    @Test("a row that several occurrences share stands for each of them, in whatever order rows come")
    func shared() throws {
        let job = try makeJob()
        let rows = [row(job, 4, .succeeded), row(job, 1, .missed, until: 3)]
        #expect(try plan(job, rows) == ["run", "run", "run", "run", "done", "run"])
    }

    @Test("an occurrence is backfilled once, whatever came of it")
    func once() throws {
        let job = try makeJob()
        #expect(
            try plan(job, [row(job, 1, .missed)], backfilled: [1, 3], includesDone: true)
                == ["run", "backfilled", "run", "backfilled", "run", "run"])
    }

    @Test("what a daemon may still decide is left to it")
    func undecided() throws {
        let job = try makeJob()
        #expect(
            try plan(job, [], watermark: 3) == ["run", "run", "run", "run", "undecided", "undecided"])
    }
}
