package import CivilTime
package import Records
package import RunModel

/// A small real store without a file or a server, for simulations; the checks hold it to the port too.
///
/// It checks before it changes, so that a call that throws has changed nothing.
package actor InMemoryRunStore: Store {
    struct JobRow {
        var watermark: Instant
        var fence: Int64 = 0
        /// Up to here rows were deleted.
        var prunedUntil: Instant?
        var host: HostID?
        /// Oldest first.
        var definitions: [StoredDefinition] = []
        /// Rows that stand for several occurrences.
        var spans: [(first: Instant, last: Instant)] = []
    }

    struct RunRow {
        var record: RunRecord
        var fence: Int64
        var leaseUntil: Instant?
        var attempts: [AttemptRecord] = []
    }

    let clock: @Sendable () -> Instant
    var jobs: [JobName: JobRow] = [:]
    var runs: [RunID: RunRow] = [:]
    var sightings: [HostID: HostSighting] = [:]
    var delivering: [HostID: Instant] = [:]
    /// The number of the instance that was seen last of each host.
    var instances: [HostID: String] = [:]
    var noted: [StoreEvent] = []
    private var signed: [String: Signature] = [:]
    private var launched: [LaunchStep] = []
    var live: Set<RunID> = []
    var occurrences: Set<Occurrence> = []
    private var kept: [PauseScope: Pause] = [:]

    struct Occurrence: Hashable {
        var job: JobName
        var at: Instant
    }

    /// An empty store; `clock` tells the time by which leases run out.
    package init(clock: @escaping @Sendable () -> Instant) {
        self.clock = clock
    }

    private func makeKnown(
        _ jobs: [JobRegistration], by host: HostID?, now: Instant
    ) -> [JobName: RegisteredJob] {
        var known: [JobName: RegisteredJob] = [:]
        for registration in jobs {
            var row = self.jobs[registration.job] ?? JobRow(watermark: registration.decidedUntil ?? now)
            let last = row.definitions.last
            let since =
                last == nil ? registration.knownSince ?? registration.decidedUntil ?? now : now
            known[registration.job] = RegisteredJob(watermark: row.watermark, previousHash: last?.configHash)
            if let host {
                row.host = host
                if last?.configHash != registration.configHash || last?.zoneData != registration.zoneData {
                    row.define(registration.job, registration, by: host, now: since)
                }
            }
            let hash = row.definitions.last?.configHash
            known[registration.job]?.inForceSince =
                hash.flatMap { hash in row.definitions.reversed().prefix { $0.configHash == hash }.last?.since
                }
            self.jobs[registration.job] = row
        }
        guard let host else { return known }
        for name in self.jobs.keys where self.jobs[name]?.host == host && known[name] == nil {
            self.jobs[name]?.host = nil
            self.jobs[name]?.define(name, nil, by: host, now: now)
        }
        return known
    }

    package func pause(_ pause: Pause) {
        kept[pause.scope] = pause.storable
    }

    package func resume(_ scope: PauseScope) -> Pause? {
        let pause = inForce(scope)
        kept[scope] = nil
        return pause
    }

    package func pauses() -> [Pause] {
        kept.keys.sorted { $0.key < $1.key }.compactMap { inForce($0) }
    }

    private func inForce(_ scope: PauseScope) -> Pause? {
        kept[scope].flatMap { $0.isInForce(at: clock()) ? $0 : nil }
    }

    package func perform(_ write: StoreWrite) throws(StoreError) -> StoreAnswer {
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

    package func rehearse(_ claim: Claim) throws(StoreError) -> ClaimAnswer {
        try self.claim(claim, keeps: false)
    }

    private func claim(_ claim: Claim, keeps: Bool) throws(StoreError) -> ClaimAnswer {
        let run = claim.run.storable
        guard let fence = jobs[run.job].map({ $0.fence + 1 }) else { throw unknown(run.job) }
        let lease = clock() + claim.lease
        if let known = runs[run.id]?.record {
            guard
                (known.host, known.createdAt, known.state, known.attempts, known.detail)
                    == (run.host, run.createdAt, run.state, run.attempts, run.detail)
            else { return .alreadyDecided }
            if keeps { take(run.id, for: run.host, fence: fence, until: lease) }
            return .claimed(OwnedRun(id: run.id, fence: fence))
        }
        if isDecided(run) { return .alreadyDecided }
        if !claim.ignoresPause, let pause = inForce(.all) ?? inForce(.job(run.job)) {
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

    private func startAttempt(_ owned: OwnedRun, number: Int, at: Instant) throws(StoreError) -> Bool {
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

    private func awaitRetry(
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

    private func finish(_ owned: OwnedRun, _ completion: Completion) throws(StoreError) -> Bool {
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

    private func record(_ decisions: [RunRecord]) throws(StoreError) -> [RunID: Instant] {
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

    package func renew(_ owned: [OwnedRun], lease: Duration) -> [RunID] {
        var lost: [RunID] = []
        for run in owned {
            if self.owned(run) == nil {
                lost.append(run.id)
            } else {
                runs[run.id]?.leaseUntil = clock() + lease
            }
        }
        return lost
    }

    package func takeOver(
        host: HostID, hostRestarted: Bool, except held: [RunID], lease: Duration, limit: Int
    ) -> [AbandonedRun] {
        precondition(limit >= 1, "a limit of \(limit) takes over nothing")
        let now = clock()
        let gone = live.compactMap { runs[$0] }
            .filter { row in
                (row.leaseUntil.map { $0 <= now } ?? false || hostRestarted && row.record.host == host)
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

    package func sign(_ signature: Signature) { signed[signature.item] = signature.storable }

    package func record(_ step: LaunchStep) {
        launched.removeAll { $0.launch == step.launch && $0.kind == step.kind && $0.step == step.step }
        launched.append(step)
    }

    package func record(_ step: LaunchStep, after latest: Instant?) -> Bool {
        guard launched.map(\.at).max() == latest else { return false }
        record(step)
        return true
    }

    package func resumeAll(pausedAt: Instant) -> Bool {
        guard kept[.all]?.at == pausedAt else { return false }
        kept[.all] = nil
        return true
    }

    package func launchSteps() -> [LaunchStep] {
        let last = launched.map(\.launch).max()
        return launched.filter { $0.launch == last }.sorted { ($0.at, $0.step) < ($1.at, $1.step) }
    }

    package func signatures() -> [Signature] { signed.values.sorted { $0.item < $1.item } }

    package func summaries(until now: Instant) -> [JobSummary] {
        jobs.keys.sorted().map { job in
            let past = runs.values.map(\.record)
                .filter { $0.job == job && !$0.isDryRun && $0.scheduledFor ?? .earliest <= now }
            var newest = past.filter { $0.scheduledFor != nil }
                .max { ($0.scheduledFor ?? .earliest) < ($1.scheduledFor ?? .earliest) }
            newest?.responseExcerpt = nil
            // A backfill of an occurrence before the newest says nothing of how the job does now.
            let telling = past.filter { run in
                run.backfillOf.map { of in newest?.scheduledFor.map { of >= $0 } ?? false } ?? true
            }
            let ended = telling.filter { $0.state == .finished && $0.finishedAt ?? .earliest <= now }
                .sorted { $0.endedBefore($1) }
            return JobSummary(
                job: job, watermark: jobs[job]?.watermark ?? clock(), lastRun: ended.last,
                lastSuccess: ended.last { $0.outcome == .succeeded }, lastOccurrence: newest,
                liveRuns: liveRuns(of: job).count)
        }
    }

    package func changes(since: Instant, byOthersThan host: HostID, until now: Instant) -> StoreChanges {
        let changed = runs.values.map(\.record).filter { run in
            run.host != host && (run.createdAt >= since || run.finishedAt.map { $0 >= since } ?? false)
        }
        let jobs = Set(changed.map(\.job))
        return StoreChanges(
            summaries: summaries(until: now).filter { jobs.contains($0.job) }, liveRuns: live.count,
            pauses: pauses(), rewound: rewound(since: since))
    }

    private func owned(_ owned: OwnedRun) -> RunRow? {
        guard let row = runs[owned.id], row.fence == owned.fence, row.record.state != .finished else {
            return nil
        }
        return row
    }

    private func take(_ id: RunID, for host: HostID, fence: Int64, until lease: Instant) {
        guard let job = runs[id]?.record.job else { return }
        jobs[job]?.fence = fence
        runs[id]?.record.host = host
        runs[id]?.fence = fence
        runs[id]?.leaseUntil = lease
    }

    private func insert(_ row: RunRow) {
        let run = row.record
        runs[run.id] = row
        if run.state != .finished { live.insert(run.id) }
        guard !run.isDryRun, let first = run.scheduledFor, var job = jobs[run.job] else { return }
        occurrences.insert(Occurrence(job: run.job, at: first))
        if let last = run.scheduledUntil { job.spans.append((first, last)) }
        job.watermark = max(job.watermark, run.scheduledUntil ?? first)
        jobs[run.job] = job
    }

    /// Records the occurrence as skipped, in the row of the one before it when the same pause decided that.
    private func skip(_ run: RunRecord, for pause: Pause) {
        guard let at = run.scheduledFor, let mark = jobs[run.job]?.watermark else { return }
        let before = runs.values.map(\.record).first { row in
            row.job == run.job && !row.isDryRun && (row.scheduledUntil ?? row.scheduledFor) == mark
        }
        guard at > mark, var row = before, row.reason == .paused, row.configHash == run.configHash,
            row.detail?.hasSuffix(pause.detail) == true, let first = row.scheduledFor
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
    func forget(_ run: RunRecord) {
        runs[run.id] = nil
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

    private func liveRuns(of job: JobName) -> [RunRow] {
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
