package import CivilTime
package import Records
package import RunModel

/// What a run store holds and does, as a value: each call is one transaction, at `now`.
///
/// It checks before it changes, so that a call that throws has changed nothing.
package struct MemoryStore: Sendable {
    /// What is known of a job.
    package struct JobRow: Sendable {
        package var watermark: Instant
        /// The row that moved the watermark last.
        var latest: RunID?
        var fence: Int64 = 0
        /// Up to here rows were deleted.
        package var prunedUntil: Instant?
        package var host: HostID?
        /// Oldest first.
        package var definitions: [StoredDefinition] = []
        /// Rows that stand for several occurrences.
        package var spans: [(first: Instant, last: Instant)] = []
    }

    /// A run, with its lease and its attempts.
    package struct RunRow: Sendable {
        package var record: RunRecord
        package var fence: Int64
        package var leaseUntil: Instant?
        package var attempts: [AttemptRecord] = []
    }

    /// What has one row.
    package struct Occurrence: Hashable, Sendable {
        package var job: JobName
        package var at: Instant

        package init(job: JobName, at: Instant) {
            self.job = job
            self.at = at
        }
    }

    /// The time by which leases run out.
    package var now: Instant
    package var jobs: [JobName: JobRow] = [:]
    package var runs: [RunID: RunRow] = [:]
    /// The runs that have no outcome yet.
    package var live: Set<RunID> = []
    package var occurrences: Set<Occurrence> = []
    /// By scope, also those that have ended by themselves.
    package var kept: [PauseScope: Pause] = [:]
    var sightings: [HostID: HostSighting] = [:]
    var delivering: [HostID: Instant] = [:]
    /// The number of the instance that was seen last of each host.
    var instances: [HostID: String] = [:]
    var noted: [StoreEvent] = []

    /// An empty store.
    package init(now: Instant) {
        self.now = now
    }

    /// As `RunStore.perform`.
    package mutating func perform(_ write: StoreWrite) throws(StoreError) -> StoreAnswer {
        switch write {
        case .register(let jobs, let host, let now): return .registered(makeKnown(jobs, by: host, now: now))
        case .claim(let claim): return .claim(try self.claim(claim, keeps: true))
        case .startAttempt(let owned, let number, let at):
            return .owner(try startAttempt(owned, number: number, at: at))
        case .awaitRetry(let owned, let attempt, let retryAt):
            return .owner(try awaitRetry(owned, attempt, retryAt: retryAt))
        case .finish(let owned, let completion): return .owner(try finish(owned, completion))
        case .record(let rows): return .recorded(try record(rows))
        case .note(let events):
            keep(events)
            return .noted
        }
    }

    /// Answers a claim, and leaves nothing of it.
    package mutating func rehearse(_ claim: Claim) throws(StoreError) -> ClaimAnswer {
        try self.claim(claim, keeps: false)
    }

    private mutating func claim(_ claim: Claim, keeps: Bool) throws(StoreError) -> ClaimAnswer {
        let run = claim.run.storable
        guard let fence = jobs[run.job].map({ $0.fence + 1 }) else { throw unknown(run.job) }
        let lease = now + claim.lease
        if let known = runs[run.id]?.record {
            guard
                (known.host, known.createdAt, known.state, known.attempts, known.detail)
                    == (run.host, run.createdAt, run.state, run.attempts, run.detail)
            else { return .alreadyDecided }
            if keeps { take(run.id, for: run.host, fence: fence, until: lease) }
            return .claimed(OwnedRun(id: run.id, fence: fence))
        }
        if isDecided(run) { return .alreadyDecided }
        if !claim.ignoresPause, let pause = pause(holding: run.job) {
            if keeps { skip(run, for: pause) }
            return .paused(pause)
        }
        let rivals = liveRuns(of: run.job)
        if claim.isExclusive, let rival = rivals.first { return .overlaps(rival.record.id) }
        try check(run, isLeased: true)
        if keeps {
            insert(
                RunRow(
                    record: run, fence: fence, leaseUntil: lease, attempts: claim.attempt.map { [$0] } ?? []))
            jobs[run.job]?.fence = fence
        }
        return .claimed(OwnedRun(id: run.id, fence: fence))
    }

    private mutating func startAttempt(_ owned: OwnedRun, number: Int, at: Instant) throws(StoreError) -> Bool
    {
        guard var row = self.owned(owned) else { return false }
        row.record.state = .running
        row.record.retryAt = nil
        row.record.attempts = number
        row.record.startedAt = row.record.startedAt ?? at
        try check(row.record, isLeased: true)
        put(AttemptRecord(number: number, startedAt: at), in: &row)
        runs[owned.id] = row
        return true
    }

    private mutating func awaitRetry(
        _ owned: OwnedRun, _ attempt: AttemptRecord, retryAt: Instant
    ) throws(StoreError) -> Bool {
        guard var row = self.owned(owned) else { return false }
        row.record.state = .retryWait
        row.record.retryAt = retryAt
        row.record.httpStatus = attempt.httpStatus
        try check(row.record, isLeased: true)
        put(attempt.storable, in: &row)
        runs[owned.id] = row
        return true
    }

    private mutating func finish(_ owned: OwnedRun, _ completion: Completion) throws(StoreError) -> Bool {
        let end = completion.storable
        guard var row = runs[owned.id] else { return false }
        guard self.owned(owned) != nil || end.mayCorrect(row.record) else {
            let known = row.record
            return known.finishedAt == end.finishedAt && known.outcome == end.outcome
                && known.host == end.host ?? known.host
        }
        row.leaseUntil = nil
        row.record = row.record.ended(by: end)
        row.record.retryAt = nil
        try check(row.record, isLeased: false)
        if let attempt = end.attempt { put(attempt, in: &row) }
        runs[owned.id] = row
        live.remove(owned.id)
        return true
    }

    private mutating func record(_ decisions: [RunRecord]) throws(StoreError) -> [RunID: Instant] {
        let rows = decisions.map(\.storable)
        for run in rows {
            guard jobs[run.job] != nil else { throw unknown(run.job) }
            try check(run, isLeased: false)
        }
        let watermarks = jobs.mapValues(\.watermark)
        var leftOut: [RunID: Instant] = [:]
        for run in rows {
            if let first = run.scheduledFor, let last = run.scheduledUntil, let mark = watermarks[run.job],
                first <= mark
            {
                if last > mark { leftOut[run.id] = mark }
            } else if runs[run.id] == nil, !isDecided(run) {
                insert(RunRow(record: run, fence: 0, leaseUntil: nil))
            }
        }
        return leftOut
    }

    /// As `RunStore.renew`.
    package mutating func renew(_ owned: [OwnedRun], lease: Duration) -> [RunID] {
        var lost: [RunID] = []
        for run in owned {
            if self.owned(run) == nil {
                lost.append(run.id)
            } else {
                runs[run.id]?.leaseUntil = now + lease
            }
        }
        return lost
    }

    /// As `RunStore.takeOver`.
    package mutating func takeOver(
        host: HostID, hostRestarted: Bool, except held: [RunID], lease: Duration, limit: Int
    ) -> [AbandonedRun] {
        precondition(limit >= 1, "a limit of \(limit) takes over nothing")
        let gone = live.compactMap { runs[$0] }
            .filter { row in
                (hostRestarted ? row.record.host == host : row.leaseUntil.map { $0 <= now } ?? false)
                    && !held.contains(row.record.id)
            }
            .sorted { ($0.record.dueAt, $0.record.id) < ($1.record.dueAt, $1.record.id) }
        return gone.prefix(limit).map { row in
            let fence = (jobs[row.record.job]?.fence ?? 0) + 1
            take(row.record.id, for: host, fence: fence, until: now + lease)
            let record = row.record.takenOver(by: host)
            runs[record.id]?.record = record
            return AbandonedRun(
                record: record, owned: OwnedRun(id: record.id, fence: fence),
                requestMayHaveBeenSent: row.attempts.contains { $0.finishedAt == nil },
                lastAttemptEndedAt: row.attempts.last { $0.finishedAt != nil }?.finishedAt)
        }
    }

    /// The row of a run that has not ended, when this is the proof that it is the owner's.
    package func owned(_ owned: OwnedRun) -> RunRow? {
        guard let row = runs[owned.id], row.fence == owned.fence, row.record.state != .finished else {
            return nil
        }
        return row
    }

    private mutating func take(_ id: RunID, for host: HostID, fence: Int64, until lease: Instant) {
        guard let job = runs[id]?.record.job else { return }
        jobs[job]?.fence = fence
        runs[id]?.record.host = host
        runs[id]?.fence = fence
        runs[id]?.leaseUntil = lease
    }

    private mutating func insert(_ row: RunRow) {
        let run = row.record
        runs[run.id] = row
        if run.state != .finished { live.insert(run.id) }
        guard !run.isDryRun, let first = run.scheduledFor, var job = jobs[run.job] else { return }
        occurrences.insert(Occurrence(job: run.job, at: first))
        if let last = run.scheduledUntil { job.spans.append((first, last)) }
        let last = run.scheduledUntil ?? first
        if job.watermark <= last { job.latest = run.id }
        job.watermark = max(job.watermark, last)
        jobs[run.job] = job
    }

    /// Records the occurrence as skipped, in the row of the one before it when the same pause decided that.
    private mutating func skip(_ run: RunRecord, for pause: Pause) {
        guard let at = run.scheduledFor, let mark = jobs[run.job]?.watermark else { return }
        guard at > mark, let latest = jobs[run.job]?.latest, var row = runs[latest]?.record,
            let first = row.scheduledFor, (row.scheduledUntil ?? first) == mark, row.reason == .paused,
            row.configHash == run.configHash, row.detail?.hasSuffix(pause.detail) == true
        else { return insert(RunRow(record: run.skipped(for: pause), fence: 0, leaseUntil: nil)) }
        row.scheduledUntil = at
        row.occurrences += 1
        row.finishedAt = run.createdAt
        row.detail = RunRecord.sharedDetail(row.occurrences, pause.detail)
        runs[row.id]?.record = row
        jobs[run.job]?.spans.removeAll { $0.first == first }
        jobs[run.job]?.spans.append((first, at))
        jobs[run.job]?.watermark = at
    }

    private func put(_ attempt: AttemptRecord, in row: inout RunRow) {
        guard let index = row.attempts.firstIndex(where: { $0.number == attempt.number }) else {
            row.attempts.append(attempt)
            return
        }
        let start = row.attempts[index].startedAt
        row.attempts[index] = attempt
        row.attempts[index].startedAt = start
    }

    /// Deletes the row of a run that has ended, and notes up to where rows are gone.
    package mutating func forget(_ run: RunRecord) {
        runs[run.id] = nil
        live.remove(run.id)
        guard !run.isDryRun, let first = run.scheduledFor, var job = jobs[run.job] else { return }
        let last = run.scheduledUntil ?? first
        occurrences.remove(Occurrence(job: run.job, at: first))
        job.spans.removeAll { $0.first == first }
        job.prunedUntil = max(job.prunedUntil ?? last, last)
        jobs[run.job] = job
    }

    /// Whether the occurrence was decided before; a dry run decides none.
    private func isDecided(_ run: RunRecord) -> Bool {
        guard !run.isDryRun, let at = run.scheduledFor else { return false }
        return occurrences.contains(Occurrence(job: run.job, at: at))
            || jobs[run.job]?.prunedUntil.map { at <= $0 } ?? false
            || jobs[run.job]?.spans.contains { $0.first <= at && at <= $0.last } ?? false
    }

    /// The runs of a job that have no outcome yet, the oldest first.
    func liveRuns(of job: JobName) -> [RunRow] {
        live.compactMap { runs[$0] }.filter { $0.record.job == job && !$0.record.isDryRun }
            .sorted { ($0.record.createdAt, $0.record.id) < ($1.record.createdAt, $1.record.id) }
    }

    private func unknown(_ job: JobName) -> StoreError {
        StoreError(.unregistered, "the job \(job) is not registered in the store", hint: "almanac reload")
    }

    private func check(_ run: RunRecord, isLeased: Bool) throws(StoreError) {
        guard let constraint = run.brokenConstraint(isLeased: isLeased) else { return }
        throw StoreError(.defect, "the row breaks \(constraint)")
    }
}
