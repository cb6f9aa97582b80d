package import CivilTime
import JobCatalog
package import Records
package import RunModel
import Scheduling

/// Compares what was due of one job with the rows that were recorded, which come in their order.
///
/// It keeps neither occurrences nor rows, so that a year of a job that is due each second needs no memory.
package struct OccurrenceAudit: Sendable {
    /// What is known besides the rows.
    package struct Facts: Sendable {
        /// The definitions of the job, oldest first; before the first nothing was due.
        package var definitions: [DefinitionSpan]
        /// Occurrences after it are looked at.
        package var from: Instant
        /// The last instant that is looked at; what is due later may still be on its way to its row.
        package var through: Instant
        /// The store's time, by which leases run out.
        package var now: Instant
        /// The last occurrence that was decided.
        package var watermark: Instant
        /// Whether a run of the job is live, for which others may wait.
        package var hasLiveRun = false
        /// When a running daemon put another catalog in force; other changes came with a start of a daemon.
        package var reloads: [Instant] = []
        /// When clocks were set or the store was away, so that starts may be late.
        package var disturbances: [Instant] = []
        /// How late an attempt may start without a reason.
        package var lateAfter: Duration

        package init(
            definitions: [DefinitionSpan], from: Instant, through: Instant, now: Instant, watermark: Instant,
            lateAfter: Duration
        ) {
            self.definitions = definitions
            self.from = from
            self.through = through
            self.now = now
            self.watermark = watermark
            self.lateAfter = lateAfter
        }
    }

    /// What was found, in the order of the occurrences, at most `findingsMax`.
    package private(set) var findings: [AuditFinding] = []
    /// Findings beyond that, which were counted only.
    package private(set) var findingsLeftOut = 0
    /// Occurrences that were due and have their row.
    package private(set) var occurrences = 0
    /// Rows that were looked at.
    package private(set) var rows = 0

    /// Findings of a job that are kept: more than anybody reads.
    package static let findingsMax = 1000
    /// Hosts put a new definition in force at different moments, each within so much of the first.
    package static let changeTolerance: Duration = .seconds(120)
    /// A clock that was set back a little makes a start look early.
    package static let earlyTolerance: Duration = .seconds(5)

    let facts: Facts
    private let job: JobName
    /// The definition in force at the cursor; -1 before the first.
    private var index = -1
    /// What was due up to here has been looked at.
    private var cursor: Instant
    private var upcoming: Instant?
    /// The end of the last row.
    private var covered: Instant?
    private var missing: AuditFinding?
    /// Occurrences at the end of a definition that nobody decided any more, before a daemon started with another.
    package private(set) var excused = 0

    /// An audit before its first row.
    package init(of job: JobName, _ facts: Facts) {
        self.job = job
        self.facts = facts
        cursor = facts.from
        upcoming = nil
        // The definition in force at the start of the span.
        while index + 1 < facts.definitions.count, facts.definitions[index + 1].since <= facts.from {
            index += 1
        }
        if index >= 0 { tellUnknown(from: facts.from) }
        search()
    }

    // MARK: What was due

    /// The end of the current definition's time.
    private var end: Instant {
        index + 1 < facts.definitions.count
            ? min(facts.definitions[index + 1].since, facts.through) : facts.through
    }

    /// Finds the next occurrence that was due after the cursor.
    private mutating func search() {
        while true {
            if index >= 0, let next = facts.definitions[index].next(after: cursor)?.instant, next <= end {
                upcoming = next
                return
            }
            guard index + 1 < facts.definitions.count, facts.definitions[index + 1].since <= facts.through
            else {
                upcoming = nil
                return
            }
            changeDefinition()
        }
    }

    private mutating func changeDefinition() {
        let since = facts.definitions[index + 1].since
        if let left = missing, index >= 0, !isReload(since) {
            // No row of this definition came after them: nobody was there, and whoever came had another definition.
            excused += left.count
            missing = nil
        }
        flush()
        index += 1
        cursor = max(cursor, since)
        tellUnknown(from: since)
    }

    private func isReload(_ since: Instant) -> Bool {
        facts.reloads.contains { max(since - $0, $0 - since) <= Self.changeTolerance }
    }

    private mutating func tellUnknown(from: Instant) {
        guard case .unknown(let why) = facts.definitions[index].content else { return }
        note(AuditFinding(.unproven, job: job, first: from, last: end, count: 0, detail: why))
    }

    /// Goes on behind the next occurrence.
    private mutating func pass() {
        guard let upcoming else { return }
        cursor = upcoming
        search()
    }

    /// The next occurrence has no row.
    private mutating func miss(_ instant: Instant) {
        if isOwed(instant) {
            if missing == nil {
                missing = AuditFinding(
                    .missing, job: job, first: instant, count: 0, detail: missingDetail(instant))
            }
            missing?.last = instant
            missing?.count += 1
        }
        pass()
    }

    /// Whether an occurrence must have its row by now.
    private func isOwed(_ instant: Instant) -> Bool {
        let definition = facts.definitions[index]
        // Hosts change at different moments, and what is due in between may be decided by either definition.
        if index > 0, instant - definition.since <= Self.changeTolerance { return false }
        if index + 1 < facts.definitions.count,
            facts.definitions[index + 1].since - instant <= Self.changeTolerance
        {
            return false
        }
        guard instant > facts.watermark, facts.hasLiveRun, let policy = definition.job?.policy else {
            return true
        }
        // It waits for the run that is live.
        return policy.overlap != .queue && policy.overlap != .replace && policy.catchUp != .all
    }

    private func missingDetail(_ instant: Instant) -> String {
        let note = facts.definitions[index].zoneNote.map { "; " + $0 } ?? ""
        if instant > facts.watermark {
            return
                "nobody has decided it yet, the last decision was for \(facts.watermark): is a daemon running?"
                + note
        }
        return "it was due, and has no row" + note
    }

    // MARK: What was recorded

    /// Takes the next row, whose occurrence is not before that of the row before.
    package mutating func take(_ row: OccurrenceRow) {
        let record = row.record
        guard let first = record.scheduledFor else { return }
        let last = record.scheduledUntil ?? first
        rows += 1
        while let upcoming, upcoming < first { miss(upcoming) }
        // A row of a later definition does not show that anybody was there under this one.
        if index < 0 || facts.definitions[index].configHash == record.configHash { flush() }
        let before = covered
        covered = max(before ?? last, last)
        var matched = 0
        while let upcoming, upcoming <= last {
            matched += 1
            pass()
        }
        if let before, first <= before {
            occurrences += min(matched, record.occurrences)
            tellRepeated(record, first, min(last, before))
        } else if first <= facts.from || last > facts.through {
            occurrences += matched
        } else {
            compare(record, first, last, matched: matched)
        }
        judge(row)
    }

    private mutating func tellRepeated(_ record: RunRecord, _ first: Instant, _ last: Instant) {
        let count = index >= 0 && first < last ? max(counts(facts.definitions[index], first, last), 1) : 1
        note(
            AuditFinding(
                .duplicated, job: job, first: first, last: last, count: count, run: record.id,
                detail: "another row stands for it as well"))
    }

    /// Whether the row stands for as much as was due.
    private mutating func compare(_ record: RunRecord, _ first: Instant, _ last: Instant, matched: Int) {
        occurrences += min(matched, record.occurrences)
        guard matched != record.occurrences else { return }
        let other = decider(of: record)
        if let other, other.isUnknown || counts(other, first, last) == record.occurrences {
            occurrences += record.occurrences - min(matched, record.occurrences)
            return
        }
        if matched > record.occurrences {
            note(
                AuditFinding(
                    .missing, job: job, first: first, last: last, count: matched - record.occurrences,
                    run: record.id,
                    detail:
                        "\(matched) occurrences were due in the row's span, and it stands for \(record.occurrences)"
                ))
        } else {
            note(
                AuditFinding(
                    .extra, job: job, first: first, last: last, count: record.occurrences - matched,
                    run: record.id, detail: extraDetail(record, matched: matched)))
        }
    }

    /// The definition that made the row's occurrence due although another was in force, as far as that may be.
    private func decider(of record: RunRecord) -> DefinitionSpan? {
        guard let first = record.scheduledFor else { return nil }
        for (number, definition) in facts.definitions.enumerated()
        where definition.configHash == record.configHash {
            let end =
                number + 1 < facts.definitions.count ? facts.definitions[number + 1].since : facts.through
            // A host that was late to take the next one.
            let isLate = first <= end + Self.changeTolerance
            // A host that was there first, or one that started with it and looked back.
            let before = number > 0 ? facts.definitions[number - 1].since : definition.since
            let isEarly =
                first > definition.since - Self.changeTolerance
                || !isReload(definition.since) && first > before && record.createdAt >= definition.since
            if isLate, isEarly { return definition }
        }
        return nil
    }

    /// How many occurrences a definition has in a span, the last included.
    private func counts(_ definition: DefinitionSpan, _ first: Instant, _ last: Instant) -> Int {
        guard definition.occurrence(at: first) != nil else { return 0 }
        var count = 1
        var instant = first
        while let next = definition.next(after: instant)?.instant, next <= last {
            count += 1
            instant = next
        }
        return count
    }

    private func extraDetail(_ record: RunRecord, matched: Int) -> String {
        let note = index >= 0 ? facts.definitions[index].zoneNote.map { "; " + $0 } ?? "" : ""
        if matched > 0 {
            return "the row stands for \(record.occurrences) occurrences, and \(matched) were due in its span"
                + note
        }
        let known = facts.definitions.indices.last { facts.definitions[$0].configHash == record.configHash }
        guard let known else { return "it was not due, and its definition is not known" + note }
        if known < index {
            return "it was not due: its definition had been replaced at \(facts.definitions[known + 1].since)"
                + note
        }
        return "it was not due by the definition in force" + note
    }

    /// Whether the row's run began in time and has ended.
    private mutating func judge(_ row: OccurrenceRow) {
        let record = row.record
        guard let first = record.scheduledFor else { return }
        if let lease = row.leaseUntil, record.state != .finished, lease < facts.now - EngineLimits.lease {
            note(
                AuditFinding(
                    .unfinished, job: job, first: first, run: record.id,
                    detail: "it is \(record.state.rawValue), and its host's lease ran out at \(lease)"))
        }
        guard let startedAt = record.startedAt else { return }
        if startedAt < record.dueAt - Self.earlyTolerance {
            note(
                AuditFinding(
                    .early, job: job, first: first, run: record.id,
                    detail: "its first attempt started at \(startedAt)"))
        }
        let isDisturbed = facts.disturbances.contains {
            record.dueAt - facts.lateAfter <= $0 && $0 <= startedAt + facts.lateAfter
        }
        guard !isDisturbed else { return }
        let delay = startedAt - record.dueAt
        guard delay > facts.lateAfter, record.trigger == .schedule, !mayWait(record) else { return }
        note(
            AuditFinding(
                .late, job: job, first: first, run: record.id,
                detail:
                    "its first attempt started \(DurationText.compact(.seconds(delay.components.seconds))) late, "
                    + "at \(startedAt)"))
    }

    /// Takes a row of what is still to come, which only a clock that was ahead decides.
    package mutating func takeFuture(_ row: RunRecord) {
        guard let first = row.scheduledFor else { return }
        rows += 1
        note(
            AuditFinding(
                .early, job: job, first: first, last: row.scheduledUntil ?? first, count: row.occurrences,
                run: row.id,
                detail: "it is still to come, and was decided at \(row.createdAt) by a clock that was ahead"))
    }

    /// Whether the policy under which the row was decided lets an occurrence wait for another run.
    private func mayWait(_ record: RunRecord) -> Bool {
        let definition = facts.definitions.last { $0.configHash == record.configHash }
        guard let policy = definition?.job?.policy else { return false }
        return policy.overlap == .queue || policy.overlap == .replace || policy.catchUp == .all
    }

    /// No row comes any more.
    package mutating func finish() {
        while let upcoming { miss(upcoming) }
        flush()
    }

    private mutating func flush() {
        if let missing { note(missing) }
        missing = nil
    }

    private mutating func note(_ finding: AuditFinding) {
        if findings.count < Self.findingsMax { findings.append(finding) } else { findingsLeftOut += 1 }
    }
}
