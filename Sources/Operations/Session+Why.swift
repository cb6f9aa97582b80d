package import CivilTime
import JobCatalog
package import RunEngine
package import RunModel
import ScheduleFiles
import Scheduling

/// The explanation of an occurrence, with what was recorded of it and around it.
package struct Reasons: Sendable {
    /// Which job.
    package var job: JobName
    /// What happened, and why.
    package var explanation: Explanation
    /// The row that stands for the occurrence; nil when there is none.
    package var row: RunRecord?
    /// In their order.
    package var attempts: [AttemptRecord] = []
    /// The next occurrence; nil when there is none.
    package var following: Instant?
    /// Whether none follows because the schedule is over.
    package var isOver = false
    /// The zone data with which the definition was made; nil when it is not known.
    package var zoneData: String?
    /// What happened besides, shortly before its end or after it was due, oldest first.
    package var events: [StoreEvent] = []
}

extension Session {
    /// What happens so long before or after an occurrence may explain it.
    private static let eventsAround: Duration = .seconds(600)
    /// Events that are shown.
    private static let eventsMax = 20

    /// Explains the occurrence of a job at an instant, or the last one before it; without an instant the last that was
    /// due.
    package func why(_ text: String, at: Instant?) async throws(CommandError) -> Reasons {
        let opened = try await openRecords()
        let store = opened.store
        let name = try await knownJob(text, in: opened)
        let now = now()
        let summaries = try await ask { () throws(StoreError) in
            try await store.summaries(of: [name], until: now)
        }
        guard let summary = summaries.first else {
            throw CommandError(
                .badInput, "\(opened.place) does not know the job “\(text)” yet",
                hint: "a job is known from when a daemon has loaded it: is the service running?")
        }
        let stored = try await ask { () throws(StoreError) in try await store.definitions(of: name) }
        var facts = ExplanationFacts(
            definitions: stored.map { DefinitionSpan($0, zones: zones) }, at: at ?? now, now: now,
            watermark: summary.watermark)
        facts.isAsked = at != nil
        facts.hasLiveRun = summary.liveRuns > 0
        facts.prunedUntil = try await ask { () throws(StoreError) in try await store.prunedUntil(of: name) }
        let pauses = try await ask { () throws(StoreError) in try await store.pauses() }
        facts.pause = pauses.first { $0.scope == .all || $0.scope == .job(name) }
        facts.row = try await row(of: name, facts, in: store)
        var reasons = Reasons(job: name, explanation: Explanation(facts), row: facts.row)
        reasons.following = facts.following?.instant
        reasons.isOver = reasons.following == nil && facts.isOver
        reasons.zoneData = facts.row?.zoneData ?? stored.last { $0.since <= facts.at }?.zoneData
        if let row = facts.row {
            let found = try await ask { () throws(StoreError) in try await store.run(row.id) }
            reasons.attempts = found?.attempts ?? []
        }
        if let due = reasons.explanation.scheduledFor {
            let end = min(facts.row?.finishedAt ?? due, now) + Self.eventsAround
            reasons.events = try await ask { () throws(StoreError) in
                try await store.events(
                    from: due - Self.eventsAround, until: max(end, due), job: name, limit: Self.eventsMax)
            }
        }
        return reasons
    }

    /// The row of the occurrence; or, when what was due cannot be computed, the last row before.
    private func row(
        of job: JobName, _ facts: ExplanationFacts, in store: any AnyStore
    ) async throws(CommandError) -> RunRecord? {
        let computed = facts.occurrence?.occurrence.instant
        if let computed {
            let rows = try await ask { () throws(StoreError) in
                try await store.occurrences(of: job, covering: computed)
            }
            if let row = rows.first?.record { return row }
        }
        // A row that no definition explains is what somebody sees in the history and asks about.
        let last = try await ask { () throws(StoreError) in
            try await store.lastOccurrence(of: job, notAfter: facts.at)
        }
        guard let row = last?.record, let first = row.scheduledFor else { return nil }
        return computed.map { $0 < first } ?? true ? row : nil
    }
}
