package import CivilTime
package import Records
package import RunModel

/// What this host knows of runs and jobs by itself, from which it answers while the store is away.
///
/// A run that is claimed while the store is away has a negative fence, the number of its claim in the journal: it is on disk,
/// unique, and less than any that a store gives. Who makes the run keeps the proof of ownership that it was given; here
/// alone it is known which one the store takes.
package struct HostKnowledge: Sendable {
    private struct LiveRun {
        var record: RunRecord
        /// Of the proof that the run's maker has; 0 until there is one.
        var given: Int64
        /// Of the proof that the store takes, or will take.
        var current: Int64
    }

    /// An occurrence, or several in a row, that was decided while the store was away.
    private struct Span {
        var job: JobName
        var first: Instant
        var last: Instant
    }

    private var live: [RunID: LiveRun] = [:]
    /// The current fences of runs that have ended here, and not yet in the store.
    private var ended: [RunID: Int64] = [:]
    /// The proofs of runs that the store lost and let somebody else decide about, who may have the same fence.
    private var lost: Set<OwnedRun> = []
    private var spans: [Span] = []
    private var decided: Set<RunID> = []
    private var watermarks = JobTable<Instant>()
    /// The watermarks that the store had when this daemon registered the jobs first: it knows all that was decided since.
    private var beginnings = JobTable<Instant>()
    /// The definitions in force, and since when, nil when the store did not tell.
    private var definitions = JobTable<(hash: String, since: Instant?)>()
    private var pauses: [Pause] = []
    private var summaries = JobTable<JobSummary>()

    // MARK: What the store said

    /// The store knows these definitions now, and these watermarks.
    mutating func learn(_ jobs: [JobRegistration], _ answer: [JobName: RegisteredJob]) {
        definitions.merge(jobs.map { ($0.job, ($0.configHash, answer[$0.job]?.inForceSince)) })
        let marks = jobs.compactMap { job in answer[job.job].map { (job.job, $0.watermark) } }
        beginnings.merge(marks.filter { beginnings[$0.0] == nil })
        raise(marks)
    }

    /// The store answered these pauses.
    mutating func learn(pauses: [Pause]) {
        self.pauses = pauses
    }

    /// The store says that the occurrence of a run was decided, here or elsewhere.
    mutating func learn(decided run: RunRecord) { raise(run) }

    /// The pause is in force.
    package mutating func pause(_ pause: Pause) {
        resume(pause.scope)
        pauses.append(pause)
    }

    /// No pause of this scope is in force.
    package mutating func resume(_ scope: PauseScope) {
        pauses.removeAll { $0.scope == scope }
    }

    /// The store answered these summaries.
    mutating func learn(summaries: [JobSummary]) {
        self.summaries = JobTable(summaries.map { ($0.job, $0) })
        raise(summaries.map { ($0.job, $0.watermark) })
    }

    /// The store answered the summaries of jobs that others changed.
    mutating func learn(changes: [JobSummary]) {
        summaries.merge(changes.map { ($0.job, $0) })
        raise(changes.map { ($0.job, $0.watermark) })
    }

    /// Up to where the occurrences of a job are decided; nil when it is not known.
    func watermark(of job: JobName) -> Instant? { watermarks[job] }

    /// How many runs have no outcome yet, as far as this host knows.
    package var liveRuns: Int { live.count }

    /// The store knows all that was decided here.
    mutating func settled() {
        spans = []
        decided = []
        ended = [:]
    }

    /// The registration, for a store that has forgotten how far its job had come: the job is known from a while before, so that
    /// the rows that are delivered again are of its time. What is older was dropped with the schema.
    package func withBeginning(_ registration: JobRegistration) -> JobRegistration {
        var registration = registration
        registration.decidedUntil = watermarks[registration.job]
        registration.knownSince = registration.decidedUntil.map { mark in
            min(mark, max(beginnings[registration.job] ?? mark, mark - Rewind.historyMax))
        }
        return registration
    }

    // MARK: What this host does

    /// The run is this host's, under this proof of ownership.
    mutating func own(_ run: RunRecord, fence: Int64) {
        live[run.id] = LiveRun(record: run, given: fence, current: fence)
        raise(run)
    }

    /// The run will be this host's, once its claim is journalled.
    mutating func reserve(_ run: RunRecord) {
        live[run.id] = LiveRun(record: run, given: 0, current: 0)
    }

    /// The claim of the run is journalled.
    mutating func confirm(_ owned: OwnedRun) {
        guard let run = live[owned.id], run.given == 0 else { return }
        live[owned.id]?.given = owned.fence
        // By now the store may even have answered it.
        if run.current == 0 { live[owned.id]?.current = owned.fence }
        raise(run.record)
    }

    /// The claim of the run was not journalled after all.
    mutating func withdraw(_ id: RunID) {
        live[id] = nil
    }

    /// The store takes this proof of ownership for the run from now on; whether the run is this host's.
    mutating func give(_ owned: OwnedRun) -> Bool {
        if ended[owned.id] != nil { ended[owned.id] = owned.fence }
        guard live[owned.id] != nil else { return ended[owned.id] != nil }
        live[owned.id]?.current = owned.fence
        return true
    }

    /// The proof of ownership that the store takes, or will take, for one that this host gave; nil when the run is not this
    /// host's any more.
    func current(_ owned: OwnedRun) -> OwnedRun? {
        guard let run = live[owned.id] else { return owned.fence > 0 && !lost.contains(owned) ? owned : nil }
        return run.given == owned.fence ? OwnedRun(id: owned.id, fence: run.current) : nil
    }

    /// Whether the store has lost the run, and another host may have it under this very fence.
    func isGivenUp(_ owned: OwnedRun) -> Bool { lost.contains(owned) }

    /// The fence that the store takes for a write of the journal, when this host knows it.
    func delivered(_ id: RunID) -> Int64? {
        (live[id]?.current ?? ended[id]).flatMap { $0 > 0 ? $0 : nil }
    }

    /// The proofs of ownership that the store takes, of runs that go on and of runs whose end it does not know yet, in the
    /// order of their identities.
    var ownedByStore: [OwnedRun] {
        (live.values.map { OwnedRun(id: $0.record.id, fence: $0.current) }
            + ended.map { OwnedRun(id: $0.key, fence: $0.value) })
            .filter { $0.fence > 0 }.sorted { $0.id < $1.id }
    }

    /// An attempt of the run starts.
    mutating func start(_ id: RunID, number: Int, at: Instant) {
        live[id]?.record.state = .running
        live[id]?.record.attempts = number
        if live[id]?.record.startedAt == nil { live[id]?.record.startedAt = at }
    }

    /// The run has ended; `isTold`: the store knows it.
    mutating func end(_ id: RunID, _ completion: Completion, isTold: Bool) {
        guard let run = live.removeValue(forKey: id) else { return }
        if !isTold { ended[id] = run.current }
        show(run.record.ended(by: completion))
    }

    /// The store knows the end of the run.
    mutating func told(_ id: RunID) {
        ended[id] = nil
    }

    /// The run is not the owner's of this proof any more; under a newer one it may still be this host's.
    mutating func lose(_ owned: OwnedRun) {
        if live[owned.id]?.current == owned.fence { live[owned.id] = nil }
    }

    /// The store let somebody else decide about the run.
    mutating func lose(_ id: RunID) {
        if let run = live.removeValue(forKey: id) { lost.insert(OwnedRun(id: id, fence: run.given)) }
        ended[id] = nil
    }

    /// These rows were recorded.
    mutating func record(_ rows: [RunRecord]) {
        for row in rows {
            raise(row)
            show(row)
        }
    }

    /// The rows, or the run of a claim, decide occurrences that the store does not know yet.
    mutating func decide(_ rows: [RunRecord]) {
        for row in rows where !row.isDryRun {
            decided.insert(row.id)
            if let first = row.scheduledFor, let last = row.scheduledUntil {
                spans.append(Span(job: row.job, first: first, last: last))
            }
        }
    }

    // MARK: What this host answers

    /// The answer to a claim without the store; nil when the run may be made.
    func answer(_ claim: Claim) -> ClaimAnswer? {
        let run = claim.run
        if let known = live[run.id] {
            // Asked again, since the answer was lost: the row is as it was claimed.
            guard known.given != 0, known.record.state == run.state, known.record.attempts == run.attempts,
                known.record.createdAt == run.createdAt, known.record.detail == run.detail
            else { return .alreadyDecided }
            return .claimed(OwnedRun(id: run.id, fence: known.given))
        }
        let isInSpan =
            run.scheduledFor.map { at in
                spans.contains { $0.job == run.job && $0.first <= at && at <= $0.last }
            } ?? false
        if decided.contains(run.id) || isInSpan { return .alreadyDecided }
        guard claim.isExclusive else { return nil }
        let rival = live.values.map(\.record).filter { $0.job == run.job && !$0.isDryRun }.map(\.id).min()
        return rival.map { .overlaps($0) }
    }

    /// What is known of `jobs`, whose definitions are in force from now on; `now` is the watermark of one that was never
    /// seen.
    mutating func register(_ jobs: [JobRegistration], now: Instant) -> [JobName: RegisteredJob] {
        var answer: [JobName: RegisteredJob] = [:]
        for job in jobs {
            let before = definitions[job.job]
            answer[job.job] = RegisteredJob(
                watermark: watermarks[job.job] ?? now, previousHash: before?.hash,
                inForceSince: before?.hash == job.configHash ? before?.since : now)
        }
        learn(jobs, answer)
        return answer
    }

    /// The pauses that hold at `now`, as far as the store told: that of all first, then those of jobs by name.
    package func pauses(at now: Instant) -> [Pause] {
        pauses.filter { $0.isInForce(at: now) }.sorted { $0.scope.key < $1.scope.key }
    }

    /// The pause that holds back `claim` at `now`.
    func pause(holding claim: Claim, at now: Instant) -> Pause? {
        guard !claim.ignoresPause else { return nil }
        return pauses(at: now).first { $0.scope == .all || $0.scope == .job(claim.run.job) }
    }

    /// The store's summaries of the jobs, brought up to date with what this host did since.
    package var currentSummaries: [JobSummary] {
        var liveRuns: [JobName: Int] = [:]
        for run in live.values where !run.record.isDryRun { liveRuns[run.record.job, default: 0] += 1 }
        return summaries.pairs.map { job, summary in
            var summary = summary
            summary.watermark = watermarks[job] ?? summary.watermark
            summary.liveRuns = liveRuns[job] ?? 0
            return summary
        }
    }

    private mutating func raise(_ run: RunRecord) {
        guard !run.isDryRun, let decided = run.scheduledUntil ?? run.scheduledFor else { return }
        raise(run.job, to: decided)
    }

    private mutating func raise(_ job: JobName, to decided: Instant) {
        raise([(job, decided)])
    }

    private mutating func raise(_ decided: [(job: JobName, until: Instant)]) {
        watermarks.merge(decided.map { job, until in (job, max(watermarks[job] ?? until, until)) })
    }

    private mutating func show(_ run: RunRecord) {
        guard !run.isDryRun else { return }
        summaries[run.job]?.lastRun = run
        if run.outcome == .succeeded { summaries[run.job]?.lastSuccess = run }
        let newest = summaries[run.job]?.lastOccurrence?.scheduledFor ?? .earliest
        if let at = run.scheduledFor, at >= newest { summaries[run.job]?.lastOccurrence = run }
    }
}
