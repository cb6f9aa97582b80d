package import CivilTime
import CurlTransport
package import JobCatalog
import Records
package import RunEngine
package import RunModel
import Scheduling

/// A past span of a job, and what a backfill makes of it.
package struct Backfill: Sendable {
    /// The definition in force, whose schedule says what was due.
    package var job: Job
    /// The first instant of the span.
    package var from: Instant
    /// The end of the span, which does not belong to it.
    package var until: Instant
    /// What becomes of each occurrence.
    package var plan: BackfillPlan
    /// Where the records are.
    package var place: String
}

extension Session {
    /// The most occurrences of one span: a table that people still read.
    package static let backfillSpanMax = 1000

    /// Looks at the occurrences of the job called `text` from `from` on and before `until`, which is now at the latest; runs
    /// nothing. With `includesDone` those that ended well are run, too.
    package func backfill(
        _ text: String, from: Instant, until: Instant?, includesDone: Bool
    ) async throws(CommandError) -> Backfill {
        try checkRoot()
        let job = try job(text)
        guard let schedule = job.schedule else {
            throw CommandError(
                .usage, "\(job.name) has no schedule: nothing was due", hint: "`almanac run-now \(job.name)`")
        }
        try checkOnDemand(job)
        let now = now()
        let until = min(until ?? now, now)
        guard from < until else {
            throw CommandError(
                .usage, "--from \(from) is not before \(until)", hint: "a backfill is of the past")
        }
        let occurrences = schedule.occurrences(
            after: from - .microseconds(1), through: until - .microseconds(1), limit: Self.backfillSpanMax + 1
        )
        guard occurrences.count <= Self.backfillSpanMax else {
            let end = occurrences[Self.backfillSpanMax].instant
            throw CommandError(
                .usage, "more than \(Self.backfillSpanMax) occurrences of \(job.name) were due then",
                hint: "name a shorter span, as --until \(end)")
        }
        let opened = try await openRecords(ifMissing: .make)
        let store = opened.store
        let (rows, backfills, watermark) = try await ask { () throws(StoreError) in
            let known = try await store.summaries(of: [job.name], until: now).first
            let before = try await store.occurrences(of: job.name, covering: from)
            let rows = try await store.occurrences(
                of: job.name, after: from, through: until, limit: Self.backfillSpanMax)
            let backfills = try await store.backfills(
                of: job.name, from: from, through: until, limit: Self.backfillSpanMax)
            return ((before + rows).map(\.record), backfills, known?.watermark ?? now)
        }
        return Backfill(
            job: job, from: from, until: until,
            plan: BackfillPlan(
                occurrences, rows: rows, backfills: backfills, watermark: watermark,
                includesDone: includesDone), place: opened.place)
    }

    /// Makes the runs of a backfill, one after another, at most `limit`, each told to `ended`; ends with the first that does
    /// not end well, since somebody is there to decide about the others.
    package func run(
        _ backfill: Backfill, atMost limit: Int, ignoresPause: Bool, ended: (ManualRun) -> Void
    ) async throws -> [ManualRun] {
        let foreground = try await foreground(for: backfill.job)
        var runs: [ManualRun] = []
        for item in backfill.plan.toRun.prefix(limit) {
            var record = manualRecord(backfill.job, isDryRun: false)
            let occurrence = item.occurrence
            record.id = RunID(job: backfill.job.name, backfillOf: occurrence.instant)
            record.backfillOf = occurrence.instant
            record.nominalLocal = occurrence.nominal(in: backfill.job.schedule?.zone)
            record.attemptsMax = backfill.job.policy.retries + 1
            let run = try await foreground.finish(record, ignoresPause: ignoresPause)
            ended(run)
            runs.append(run)
            if run.exitStatus != .done { break }
        }
        await foreground.transport.shutdown()
        return runs
    }
}

extension Backfill {
    /// The plan for programs, and the runs that were made, when some were.
    package func json(_ times: TimeText, runs: [ManualRun]?) -> JSONValue {
        .object([
            .init("job", .string(job.name.description)), .init("from", times.json(from)),
            .init("until", times.json(until)), .init("store", .string(place)),
            .init("dry_run", .bool(runs == nil)),
            .init(
                "occurrences",
                .array(
                    plan.items.map { item in
                        .object([
                            .init("scheduled_for", times.json(item.occurrence.instant)),
                            .init("outcome", JSONValue(item.row?.outcome?.rawValue)),
                            .init("run_id", JSONValue(item.row?.id.description)),
                            .init("backfill", item.backfill?.json(times) ?? .null),
                            .init("left", JSONValue(item.leftFor?.rawValue)),
                        ])
                    })),
            .init("runs", .array((runs ?? []).map { $0.record.json(times) })),
        ])
    }
}
