package import CivilTime
import JobCatalog
package import Records
package import RunEngine
package import RunModel
import ScheduleFiles
import Scheduling

/// The explanation of an occurrence, with what was recorded of it and around it.
package struct Reasons: Sendable {
    /// The definition that was in force, or that decided.
    package struct Definition: Sendable {
        /// The schedule in words, or what is known in its place.
        package var words: String
        /// Since when it was in force.
        package var since: Instant
        /// What it is known by; nil when nothing was due.
        package var configHash: String?
        /// What another version of the zone data changes about it; nil when nothing.
        package var zoneNote: String?
    }

    /// Which job.
    package var job: JobName
    /// How much is known.
    package var verdict: Explanation.Verdict
    /// When the occurrence was due; nil when the job was never due.
    package var scheduledFor: Instant?
    /// The local time that it stands for, with its zone; nil when it cannot be computed.
    package var local: String?
    /// What happened, in a sentence or two.
    package var summary: String
    /// Those that decided, the first the most.
    package var rules: [Explanation.Rule]
    /// Why it is another instant than the one that was asked about; nil when there is nothing to say.
    package var aside: String?
    /// The definition that was in force, or that decided; nil when it is not known.
    package var definition: Definition?
    /// The row that stands for the occurrence; nil when there is none.
    package var row: RunRecord?
    /// The run that made it good, or is to; nil when there is none.
    package var backfill: RunRecord?
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

extension Reasons {
    /// The explanation without what only those may see who have a token: who paused, gave up or asked for what.
    package var redacted: Reasons {
        var reasons = self
        reasons.row = row?.redacted
        reasons.backfill = backfill?.redacted
        if row?.reason == .paused || row?.reason == .cancelled {
            reasons.summary = reasons.row?.detail ?? ""
            reasons.rules = []
        }
        reasons.events = events.map { event in
            var event = event
            if event.kind == .paused { event.detail = "somebody held jobs back" }
            if event.kind == .resumed { event.detail = "somebody ended a pause" }
            return event
        }
        return reasons
    }

    fileprivate init(_ explanation: Explanation, of job: JobName, row: RunRecord?) {
        self.init(
            job: job, verdict: explanation.verdict, scheduledFor: explanation.scheduledFor,
            local: explanation.local, summary: explanation.summary, rules: explanation.rules,
            aside: explanation.aside, definition: explanation.definition.map(Definition.init), row: row)
    }
}

extension Reasons.Definition {
    fileprivate init(_ span: DefinitionSpan) {
        let words =
            switch span.content {
            case .job(let job): job.schedule?.words ?? "by hand"
            case .nothing: "nothing was due"
            case .unknown(let why): "not known: \(why)"
            }
        self.init(words: words, since: span.since, configHash: span.configHash, zoneNote: span.zoneNote)
    }
}

extension Session {
    /// What happens so long before or after an occurrence may explain it.
    private static let eventsAround: Duration = .seconds(600)
    /// Events that are shown.
    private static let eventsMax = 20

    /// Explains the occurrence of a job at an instant, or the last one before it; without an instant the last that was
    /// due.
    package func why(_ text: String, at: Instant?) async throws(CommandError) -> Reasons {
        if asksService { return try await whyOfService(try jobName(text), at: at) }
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
        var reasons = Reasons(Explanation(facts), of: name, row: facts.row)
        if summary.watermark - now > HostSighting.clockOffsetMax {
            reasons.rules.append(
                Explanation.Rule(
                    name: "clock ahead",
                    sentence: "a clock that was ahead decided everything up to \(summary.watermark); "
                        + "`almanac rewind \(name) --reason …` lets the job run from now on"))
        }
        reasons.following = facts.following?.instant
        reasons.isOver = reasons.following == nil && facts.isOver
        reasons.zoneData = facts.row?.zoneData ?? stored.last { $0.since <= facts.at }?.zoneData
        if let row = facts.row {
            let found = try await ask { () throws(StoreError) in try await store.run(row.id) }
            reasons.attempts = found?.attempts ?? []
        }
        // An occurrence may be backfilled that was before the job was known, or that an earlier schedule did not have.
        if let due = reasons.scheduledFor ?? at {
            reasons.backfill = try await ask { () throws(StoreError) in
                try await store.backfills(of: name, from: due, through: due, limit: 1).first
            }
        }
        if let due = reasons.scheduledFor {
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
