import CivilTime
import Records
import RunModel

/// A store in memory that keeps what `RunStore` promises; each call is one transaction at the time it is made.
struct SimulatedStore {
    struct Row {
        var record: RunRecord
        var fence: Int64
        var leaseUntil: Instant?
        var attempts: [AttemptRecord] = []
    }

    /// The database server's clock.
    var now: Instant
    /// What it does wrong, if anything.
    let bug: PlantedBug?
    private(set) var rows: [RunID: Row] = [:]
    /// The rows that were deleted, for the checks alone.
    private(set) var pruned: [RunRecord] = []
    /// Up to where rows of a job were deleted.
    private var prunedUntil: [JobName: Instant] = [:]
    /// The rows that have no outcome yet.
    private(set) var open: Set<RunID> = []
    /// For each row of an occurrence the watermark before it, in the order in which they were written.
    private(set) var steps: [(job: JobName, from: Instant, to: Instant)] = []
    private var occurrences: [JobName: [Instant: RunID]] = [:]
    private var spans: [JobName: [ClosedRange<Instant>]] = [:]
    private(set) var watermarks: [JobName: Instant] = [:]
    /// Those that were in force, oldest first.
    var definitions: [JobName: [Definition]] = [:]
    /// The host that put a job's definition in force last.
    var definers: [JobName: HostID] = [:]
    /// The row that moved the watermark last.
    private var latest: [JobName: RunID] = [:]
    private var fences: [JobName: Int64] = [:]
    /// By scope, also those that have ended by themselves.
    var pauses: [PauseScope: Pause] = [:]

    init(now: Instant, bug: PlantedBug?) {
        self.now = now
        self.bug = bug
    }

    /// The watermark of a job, which is `now` when it was never seen.
    mutating func seen(_ job: JobName, at now: Instant) -> Instant {
        let watermark = watermarks[job] ?? now
        watermarks[job] = watermark
        return watermark
    }

    mutating func claim(_ claim: Claim) -> ClaimAnswer {
        let run = claim.run
        if let known = rows[run.id], bug != .claimWithoutConstraint {
            let before = known.record
            guard
                (before.host, before.createdAt, before.state, before.attempts, before.detail)
                    == (run.host, run.createdAt, run.state, run.attempts, run.detail)
            else { return .alreadyDecided }
            return .claimed(take(run.id, for: run.host, lease: claim.lease))
        }
        if isDecided(run), bug != .claimWithoutConstraint { return .alreadyDecided }
        if let pause = pause(holding: run.job), bug != .pauseIgnored,
            !claim.ignoresPause || bug == .forceIgnored
        {
            if run.scheduledFor != nil || bug == .refusalRecorded { skip(run, for: pause) }
            return .paused(pause)
        }
        let live = open.compactMap { rows[$0]?.record }.filter { $0.job == run.job }
        if claim.isExclusive, bug != .overlapIgnored, let other = live.map(\.id).min() {
            return .overlaps(other)
        }
        insert(run)
        if let attempt = claim.attempt { put(attempt, of: run.id) }
        return .claimed(take(run.id, for: run.host, lease: claim.lease))
    }

    mutating func record(_ decisions: [RunRecord]) -> [RunID: Instant] {
        let marks = watermarks
        var leftOut: [RunID: Instant] = [:]
        for row in decisions {
            if let first = row.scheduledFor, let last = row.scheduledUntil, let mark = marks[row.job],
                first <= mark
            {
                if last > mark, bug != .sharedRowLeftOut { leftOut[row.id] = mark }
            } else if !isDecided(row) {
                insert(row)
            }
        }
        return leftOut
    }

    mutating func startAttempt(_ owned: OwnedRun, number: Int, at: Instant) -> Bool {
        guard isOwner(owned) else { return false }
        rows[owned.id]?.record.state = .running
        rows[owned.id]?.record.attempts = number
        put(AttemptRecord(number: number, startedAt: at), of: owned.id)
        return true
    }

    mutating func awaitRetry(_ owned: OwnedRun, _ attempt: AttemptRecord, retryAt: Instant) -> Bool {
        guard isOwner(owned) else { return false }
        rows[owned.id]?.record.state = .retryWait
        rows[owned.id]?.record.retryAt = retryAt
        put(attempt, of: owned.id)
        return true
    }

    mutating func finish(_ owned: OwnedRun, _ completion: Completion) -> Bool {
        guard isOwner(owned) else {
            let row = rows[owned.id]
            return row?.fence == owned.fence && row?.record.finishedAt == completion.finishedAt
        }
        guard bug != .outcomeNotWritten else { return true }
        open.remove(owned.id)
        rows[owned.id]?.record.state = .finished
        rows[owned.id]?.record.outcome = completion.outcome
        rows[owned.id]?.record.reason = bug == .reasonNotWritten ? nil : completion.reason
        rows[owned.id]?.record.finishedAt = completion.finishedAt
        if let startedAt = completion.startedAt { rows[owned.id]?.record.startedAt = startedAt }
        if let attempt = completion.attempt { put(attempt, of: owned.id) }
        return true
    }

    mutating func renew(_ owned: [OwnedRun], lease: Duration) -> [RunID] {
        var lost: [RunID] = []
        for run in owned {
            if isOwner(run) { rows[run.id]?.leaseUntil = now + lease } else { lost.append(run.id) }
        }
        return lost
    }

    mutating func takeOver(
        host: HostID, hostRestarted: Bool, except held: [RunID], lease: Duration, limit: Int
    ) -> [AbandonedRun] {
        let held = Set(bug == .heldTakenOver ? [] : held)
        let abandoned = open.compactMap { rows[$0] }.filter { row in
            (row.leaseUntil.map { $0 <= now } ?? false && bug != .leaseWithoutEnd
                || hostRestarted && row.record.host == host) && !held.contains(row.record.id)
        }
        return abandoned.sorted { ($0.record.dueAt, $0.record.id) < ($1.record.dueAt, $1.record.id) }.prefix(
            limit
        )
        .map { row in
            let owned = take(row.record.id, for: host, lease: lease)
            let record = row.record.takenOver(by: host)
            rows[record.id]?.record = record
            return AbandonedRun(
                record: record, owned: owned,
                requestMayHaveBeenSent: row.attempts.contains { $0.finishedAt == nil },
                lastAttemptEndedAt: row.attempts.last { $0.finishedAt != nil }?.finishedAt)
        }
    }

    /// The pause in force that holds back a job.
    func pause(holding job: JobName) -> Pause? {
        [pauses[.all], pauses[.job(job)]].compactMap(\.self).first { $0.isInForce(at: now) }
    }

    /// Moves the watermark of a transaction that fails, which no store must do.
    mutating func failBadly(_ row: RunRecord) {
        guard bug == .watermarkBeforeCommit, let last = row.scheduledUntil ?? row.scheduledFor else { return }
        watermarks[row.job] = max(watermarks[row.job] ?? last, last)
    }

    func isOwner(_ owned: OwnedRun) -> Bool {
        guard let row = rows[owned.id] else { return false }
        return row.fence == owned.fence && row.record.state != .finished || bug == .writeWithoutFence
    }

    private func isDecided(_ run: RunRecord) -> Bool {
        guard let at = run.scheduledFor else { return rows[run.id] != nil }
        if bug == .handTakenForDue, isRunByHand(run.job) { return true }
        return occurrences[run.job]?[at] != nil || spans[run.job]?.contains { $0.contains(at) } ?? false
            || bug != .pruningReopens && prunedUntil[run.job].map { at <= $0 } ?? false
    }

    private func isRunByHand(_ job: JobName) -> Bool {
        open.contains { id in
            rows[id].map { $0.record.job == job && $0.record.trigger == .manual } ?? false
        }
    }

    private mutating func insert(_ run: RunRecord) {
        if run.state != .finished { open.insert(run.id) }
        rows[run.id] = Row(record: run, fence: 0, leaseUntil: nil)
        guard let first = run.scheduledFor else { return }
        occurrences[run.job, default: [:]][first] = run.id
        let last = run.scheduledUntil ?? first
        if last > first { spans[run.job, default: []].append(first...last) }
        if let watermark = watermarks[run.job] { steps.append((run.job, watermark, first)) }
        if bug == .watermarkLeftBehind, run.state == .finished { return }
        if watermarks[run.job].map({ $0 <= last }) ?? true { latest[run.job] = run.id }
        watermarks[run.job] = max(watermarks[run.job] ?? last, last)
    }

    /// Records the occurrence as skipped, in the row of the one before it when the same pause decided that.
    private mutating func skip(_ run: RunRecord, for pause: Pause) {
        guard let at = run.scheduledFor, let mark = watermarks[run.job], at > mark, let id = latest[run.job],
            let row = rows[id]?.record, let first = row.scheduledFor, (row.scheduledUntil ?? first) == mark,
            row.reason == .paused, row.configHash == run.configHash,
            row.detail?.hasSuffix(pause.detail) == true
        else { return insert(run.skipped(for: pause)) }
        rows[id]?.record.scheduledUntil = at
        if bug != .pausedNotCounted { rows[id]?.record.occurrences += 1 }
        rows[id]?.record.finishedAt = run.createdAt
        spans[run.job, default: []].removeAll { $0.lowerBound == first }
        spans[run.job, default: []].append(first...at)
        steps.append((run.job, mark, at))
        watermarks[run.job] = at
    }

    /// Deletes a row; what it decided stays decided.
    mutating func forget(_ run: RunRecord) {
        rows[run.id] = nil
        open.remove(run.id)
        pruned.append(run)
        guard let first = run.scheduledFor else { return }
        let last = run.scheduledUntil ?? first
        occurrences[run.job]?[first] = nil
        spans[run.job]?.removeAll { $0.lowerBound == first }
        prunedUntil[run.job] = max(prunedUntil[run.job] ?? last, last)
    }

    /// Deletes all that is known of a job, which no store must do.
    mutating func forget(_ job: JobName) {
        watermarks[job] = nil
        prunedUntil[job] = nil
    }

    private mutating func take(_ id: RunID, for host: HostID, lease: Duration) -> OwnedRun {
        guard let job = rows[id]?.record.job else { preconditionFailure("a run without a row") }
        let fence = (fences[job] ?? 0) + 1
        fences[job] = fence
        rows[id]?.record.host = host
        rows[id]?.fence = fence
        rows[id]?.leaseUntil = now + lease
        return OwnedRun(id: id, fence: fence)
    }

    private mutating func put(_ attempt: AttemptRecord, of id: RunID) {
        guard let index = rows[id]?.attempts.firstIndex(where: { $0.number == attempt.number }) else {
            rows[id]?.attempts.append(attempt)
            return
        }
        rows[id]?.attempts[index] = attempt
    }
}
