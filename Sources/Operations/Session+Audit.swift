package import CivilTime
import JobCatalog
import Records
package import RunEngine
package import RunModel
import ScheduleFiles
import Scheduling

/// What the comparison of all that was due with all that was recorded came to.
package struct AuditReport: Sendable {
    /// What it came to for one job.
    package struct JobPart: Sendable {
        /// Which job.
        package var job: JobName
        /// Occurrences that were due and have their row.
        package var occurrences: Int
        /// Rows that were looked at.
        package var rows: Int
        /// Occurrences of a definition that nobody decided any more before a daemon started with another.
        package var excused: Int
        /// Occurrences that were made good beside their rows.
        package var backfilled: Int
        /// In the order of the occurrences.
        package var findings: [AuditFinding]
        /// Findings beyond `OccurrenceAudit.findingsMax`.
        package var findingsLeftOut: Int
    }

    /// The earliest instant that was looked at; nil when nothing was.
    package var from: Instant?
    /// The last instant that was looked at.
    package var through: Instant
    /// By name.
    package var jobs: [JobPart] = []

    /// Whether everything is as it should be.
    package var isClean: Bool { jobs.allSatisfy(\.findings.isEmpty) }
}

extension Session {
    /// Rows that are read at once: few enough for any memory, enough to be quick.
    private static let auditPage = 2000
    /// Events that are kept while comparing: years of clocks that are set each day.
    private static let auditEventsMax = 100_000

    /// Computes what was due of every job that the store knows, from `from` on and before `until`, and compares it with
    /// the records. Without bounds, all of which definitions and rows are kept, up to what must have its row by now: what
    /// the watermark has passed, and what nobody has decided although the time to do so is over.
    package func audit(from: Instant?, until: Instant?) async throws(CommandError) -> AuditReport {
        if asksService { return try await auditOfService(from: from, until: until) }
        let opened = try await openRecords()
        let store = opened.store
        let now = now()
        let definitions = try await ask { () throws(StoreError) in try await store.definitions(of: nil) }
        let summaries = try await ask { () throws(StoreError) in try await store.summaries(until: now) }
        let earliest = from ?? definitions.map(\.since).min() ?? now
        let events = try await events(from: earliest - OccurrenceAudit.changeTolerance, until: now, in: store)
        let byJob = Dictionary(grouping: definitions, by: \.job)
        var report = AuditReport(through: .earliest)
        for summary in summaries {
            guard !Task.isCancelled else { throw Self.auditGivenUp }
            let spans = (byJob[summary.job] ?? []).map { DefinitionSpan($0, zones: zones) }
            guard let first = spans.first?.since else { continue }
            let pruned = try await ask { () throws(StoreError) in try await store.prunedUntil(of: summary.job)
            }
            let start = max(from.map { $0 - .microseconds(1) } ?? first, first, pruned ?? first)
            let overdue = now - EngineLimits.onTimeTolerance - (spans.last?.delayMax ?? .zero)
            let settled = max(overdue, min(summary.watermark, now))
            let end = min(until.map { $0 - .microseconds(1) } ?? settled, settled)
            guard start < end else { continue }
            report.from = min(report.from ?? start, start)
            report.through = max(report.through, end)
            var facts = OccurrenceAudit.Facts(
                definitions: spans, from: start, through: end, now: now, watermark: summary.watermark,
                lateAfter: configuration.engine.lateAfter)
            facts.hasLiveRun = summary.liveRuns > 0
            facts.reloads = events.filter { $0.kind == .reload || $0.kind == .zoneData }.map(\.at)
            facts.disturbances = events.filter {
                [.clockStep, .storeOutage, .storeRewound].contains($0.kind)
            }.map(\.at)
            report.jobs.append(
                try await audit(summary.job, facts, until: until, in: store))
        }
        // Nothing was looked at: no job is known, or none is old enough.
        if report.from == nil { report.through = min(until ?? now, now) }
        return report
    }

    private static let auditGivenUp = CommandError(.tryAgain, "the audit was given up")

    private func audit(
        _ job: JobName, _ facts: OccurrenceAudit.Facts, until: Instant?, in store: any AnyStore
    ) async throws(CommandError) -> AuditReport.JobPart {
        var audit = OccurrenceAudit(of: job, facts)
        // One that began before the span may reach into it.
        let before = try await ask { () throws(StoreError) in
            try await store.occurrences(of: job, covering: facts.from)
        }
        for row in before where row.record.scheduledUntil.map({ $0 > facts.from }) ?? false {
            audit.take(row)
        }
        var after = facts.from
        while true {
            let start = after
            let page = try await ask { () throws(StoreError) in
                try await store.occurrences(
                    of: job, after: start, through: facts.through, limit: Self.auditPage)
            }
            for row in page { audit.take(row) }
            guard !Task.isCancelled else { throw Self.auditGivenUp }
            guard page.count == Self.auditPage, let last = page.last?.record.scheduledFor else { break }
            after = last
        }
        audit.finish()
        let future = facts.now + HostSighting.clockOffsetMax
        let early = try await ask { () throws(StoreError) in
            try await store.occurrences(
                of: job, after: future, through: .latest, limit: Self.auditPage)
        }
        for row in early where row.record.createdAt < until ?? .latest { audit.takeFuture(row.record) }
        let backfilled = try await countBackfills(of: job, facts, in: store)
        return AuditReport.JobPart(
            job: job, occurrences: audit.occurrences, rows: audit.rows, excused: audit.excused,
            backfilled: backfilled,
            findings: audit.findings, findingsLeftOut: audit.findingsLeftOut)
    }

    private func countBackfills(
        of job: JobName, _ facts: OccurrenceAudit.Facts, in store: any AnyStore
    ) async throws(CommandError) -> Int {
        var (count, next) = (0, facts.from)
        while true {
            let start = next
            let page = try await ask { () throws(StoreError) in
                try await store.backfills(
                    of: job, from: start, through: facts.through, limit: Self.auditPage)
            }
            count += page.count
            guard page.count == Self.auditPage, let last = page.last?.backfillOf else { return count }
            next = last + .microseconds(1)
        }
    }

    private func events(
        from: Instant, until: Instant, in store: any AnyStore
    ) async throws(CommandError) -> [StoreEvent] {
        var events: [StoreEvent] = []
        var start = from
        while events.count < Self.auditEventsMax {
            let next = start
            let page = try await ask { () throws(StoreError) in
                try await store.events(from: next, until: until, job: nil, limit: Self.auditPage)
            }
            events += page
            guard page.count == Self.auditPage, let last = page.last?.at, last > start else { break }
            start = last
        }
        return events
    }
}

extension DefinitionSpan {
    /// The longest delay of a start after its occurrence was due.
    fileprivate var delayMax: Duration {
        guard let job else { return .zero }
        guard case .triggers(let triggers)? = job.schedule?.rule else { return job.policy.jitter }
        return job.policy.jitter + (triggers.map(\.randomDelay).max() ?? .zero)
    }
}
