import CivilTime
import Records
import RunEngine
import RunModel
import RunStoreConformance

/// The store of a world: records that keep what `RunStore` promises, what the checks want to know of them, and around them
/// what a planted bug does wrong.
struct SimulatedStore {
    /// All that it holds.
    var records: MemoryStore
    /// What it does wrong, if anything.
    let bug: PlantedBug?
    /// The rows that were deleted, for the checks alone.
    private(set) var pruned: [RunRecord] = []
    /// For each row of an occurrence the watermark before it, in the order in which they were written.
    private(set) var steps: [(job: JobName, from: Instant, to: Instant)] = []
    /// Jobs whose watermark is deleted, by a bug.
    private var unmarked: Set<JobName> = []

    /// A lease that never runs out.
    private static let endless: Duration = .seconds(1_000_000_000)

    init(now: Instant, bug: PlantedBug?) {
        records = MemoryStore(now: now)
        self.bug = bug
    }

    /// The database server's clock.
    var now: Instant {
        get { records.now }
        set { records.now = newValue }
    }

    var rows: [RunID: MemoryStore.RunRow] { records.runs }
    /// The rows that have no outcome yet.
    var open: Set<RunID> { records.live }

    func isOwner(_ owned: OwnedRun) -> Bool {
        records.owned(owned) != nil || bug == .writeWithoutFence && rows[owned.id] != nil
    }

    mutating func perform(_ write: StoreWrite) throws(StoreError) -> StoreAnswer {
        switch write {
        case .register(let jobs, _, let now):
            for job in jobs where unmarked.remove(job.job) != nil { records.jobs[job.job]?.watermark = now }
            return try records.perform(write)
        case .claim(let claim): return .claim(try self.claim(claim))
        case .startAttempt, .awaitRetry, .finish: return try change(write)
        case .record(let rows): return .recorded(try record(rows))
        case .note: return try records.perform(write)
        }
    }

    mutating func renew(_ owned: [OwnedRun]) -> [RunID] {
        records.renew(owned, lease: lease)
    }

    mutating func takeOver(host: HostID, hostRestarted: Bool, except held: [RunID], limit: Int)
        -> [AbandonedRun]
    {
        records.takeOver(
            host: host, hostRestarted: hostRestarted, except: bug == .heldTakenOver ? [] : held, lease: lease,
            limit: limit)
    }

    private var lease: Duration { bug == .leaseWithoutEnd ? Self.endless : EngineLimits.lease }

    /// Moves the watermark of a write that fails, which no store must do.
    mutating func failBadly(_ write: StoreWrite) {
        guard bug == .watermarkBeforeCommit else { return }
        let rows: [RunRecord] =
            switch write {
            case .claim(let claim): [claim.run]
            case .record(let rows): rows
            case .register, .startAttempt, .awaitRetry, .finish, .note: []
            }
        for row in rows {
            guard let last = row.scheduledUntil ?? row.scheduledFor, let mark = watermark(of: row.job) else {
                continue
            }
            records.jobs[row.job]?.watermark = max(mark, last)
        }
    }

    func watermark(of job: JobName) -> Instant? { records.jobs[job]?.watermark }

    // MARK: Writes

    private mutating func claim(_ claim: Claim) throws(StoreError) -> ClaimAnswer {
        var claim = claim
        let run = claim.run
        if bug == .handTakenForDue, run.scheduledFor != nil, isRunByHand(run.job) { return .alreadyDecided }
        if bug == .claimWithoutConstraint { reopen(run) }
        if bug == .overlapIgnored { claim.isExclusive = false }
        if bug == .pauseIgnored { claim.ignoresPause = true }
        if bug == .forceIgnored { claim.ignoresPause = false }
        claim.lease = lease
        let mark = watermark(of: run.job)
        guard case .claim(let answer) = try records.perform(.claim(claim)) else {
            preconditionFailure("no answer to a claim")
        }
        if let mark, let at = run.scheduledFor, watermark(of: run.job) != mark {
            steps.append((run.job, mark, at))
            if case .paused = answer { spoil(run, mark, at) }
        }
        if bug == .refusalRecorded, run.scheduledFor == nil, case .paused(let pause) = answer {
            // As a store does that takes the run for one of the schedule; a run without an occurrence breaks no rule.
            _ = try records.perform(.record([run.skipped(for: pause)]))
        }
        return answer
    }

    /// What a bug makes of an occurrence that a pause held back.
    private mutating func spoil(_ run: RunRecord, _ mark: Instant, _ at: Instant) {
        if bug == .watermarkLeftBehind { records.jobs[run.job]?.watermark = mark }
        guard bug == .pausedNotCounted, rows[run.id] == nil else { return }
        for row in rows.values.map(\.record) where row.job == run.job && row.scheduledUntil == at {
            records.runs[row.id]?.record.occurrences -= 1
        }
    }

    private mutating func record(_ rows: [RunRecord]) throws(StoreError) -> [RunID: Instant] {
        guard let job = rows.first?.job, var mark = watermark(of: job) else {
            _ = try records.perform(.record(rows))
            return [:]
        }
        let before = mark
        let rows = bug == .handTakenForDue && isRunByHand(job) ? [] : rows
        let new = rows.filter { self.rows[$0.id] == nil }
        guard case .recorded(let leftOut) = try records.perform(.record(rows)) else {
            preconditionFailure("no answer to a record")
        }
        for row in new where self.rows[row.id] != nil {
            guard let first = row.scheduledFor else { continue }
            steps.append((job, mark, first))
            mark = max(mark, row.scheduledUntil ?? first)
        }
        if bug == .watermarkLeftBehind { records.jobs[job]?.watermark = before }
        return bug == .sharedRowLeftOut ? [:] : leftOut
    }

    private mutating func change(_ write: StoreWrite) throws(StoreError) -> StoreAnswer {
        var write = write
        guard let owned = write.owned else { preconditionFailure("\(write.summary) is about no run") }
        if bug == .writeWithoutFence, let row = rows[owned.id] {
            if row.record.state == .finished { revive(row.record) }
            write = write.owned(as: OwnedRun(id: owned.id, fence: row.fence))
        }
        if case .finish = write, bug == .outcomeNotWritten, isOwner(owned) { return .owner(true) }
        let answer = try records.perform(write)
        if case .finish = write, bug == .reasonNotWritten, answer == .owner(true) {
            records.runs[owned.id]?.record.reason = nil
        }
        return answer
    }

    private mutating func revive(_ run: RunRecord) {
        records.live.insert(run.id)
        records.runs[run.id]?.record.state = .running
        records.runs[run.id]?.record.attempts = max(run.attempts, 1)
        records.runs[run.id]?.record.outcome = nil
        records.runs[run.id]?.record.reason = nil
        records.runs[run.id]?.record.finishedAt = nil
    }

    /// Forgets that the occurrence of a run was decided.
    private mutating func reopen(_ run: RunRecord) {
        records.runs[run.id] = nil
        records.live.remove(run.id)
        guard let at = run.scheduledFor else { return }
        records.occurrences.remove(MemoryStore.Occurrence(job: run.job, at: at))
        records.jobs[run.job]?.spans.removeAll { $0.first <= at && at <= $0.last }
        records.jobs[run.job]?.prunedUntil = nil
    }

    private func isRunByHand(_ job: JobName) -> Bool {
        open.contains { id in
            rows[id].map { $0.record.job == job && $0.record.trigger == .manual } ?? false
        }
    }

    // MARK: Forgetting

    /// Deletes the rows that ended more than `age` ago, but for some. Answers the deleted.
    mutating func prune(olderThan age: Duration, except unsaid: Set<RunID>) -> [RunRecord] {
        let old = rows.values.map(\.record)
            .filter { row in
                row.finishedAt.map { $0 < now - age && !unsaid.contains(row.id) }
                    ?? (bug == .pruningTakesLive && row.dueAt < now - age)
            }
            .sorted { ($0.dueAt, $0.id) < ($1.dueAt, $1.id) }
        for row in old { records.forget(row) }
        pruned += old
        let jobs = Set(old.map(\.job))
        if bug == .pruningReopens { for job in jobs { records.jobs[job]?.prunedUntil = nil } }
        if bug == .pruningForgetsJob {
            unmarked.formUnion(jobs.subtracting(rows.values.map(\.record.job)))
            for job in unmarked { records.jobs[job]?.prunedUntil = nil }
        }
        return old
    }
}
