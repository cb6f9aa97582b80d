package import CivilTime
package import Records
package import RunModel

/// A small real store without a file or a server: `MemoryStore` behind the port, to which the checks hold both.
package actor InMemoryRunStore: Store {
    private let clock: @Sendable () -> Instant
    private var kept: MemoryStore
    private var signed: [String: Signature] = [:]
    private var launched: [LaunchStep] = []

    /// An empty store; `clock` tells the time by which leases run out.
    package init(clock: @escaping @Sendable () -> Instant) {
        self.clock = clock
        kept = MemoryStore(now: clock())
    }

    /// All of it, at what the clock shows.
    private(set) var records: MemoryStore {
        get {
            var records = kept
            records.now = clock()
            return records
        }
        set { kept = newValue }
    }

    /// What it holds now.
    package func backup() -> MemoryStore { records }

    /// Goes back to what it held then, as databases do that are restored or failed over, and forgets all that came after.
    package func restore(_ backup: MemoryStore) { kept = backup }

    /// Forgets everything, as a database does whose schema is dropped and made anew.
    package func forget() { kept = MemoryStore(now: clock()) }

    package func perform(_ write: StoreWrite) throws(StoreError) -> StoreAnswer { try records.perform(write) }

    package func rehearse(_ claim: Claim) throws(StoreError) -> ClaimAnswer { try records.rehearse(claim) }

    package func renew(_ owned: [OwnedRun], lease: Duration) -> [RunID] {
        records.renew(owned, lease: lease)
    }

    package func takeOver(
        host: HostID, hostRestarted: Bool, except held: [RunID], lease: Duration, limit: Int
    ) -> [AbandonedRun] {
        records.takeOver(host: host, hostRestarted: hostRestarted, except: held, lease: lease, limit: limit)
    }

    package func pause(_ pause: Pause) { records.pause(pause) }

    package func resume(_ scope: PauseScope) -> Pause? { records.resume(scope) }

    package func pauses() -> [Pause] { records.pauses() }

    package func heartbeat(_ heartbeat: Heartbeat) -> [HostSighting] { records.heartbeat(heartbeat) }

    package func hosts() -> [HostSighting] { records.hosts() }

    package func mark(_ host: HostID, deliveringFor lease: Duration) {
        records.mark(host, deliveringFor: lease)
    }

    package func prune(_ retention: Retention, limit: Int) -> Pruning {
        records.prune(retention, limit: limit)
    }

    package func events(from: Instant, until: Instant, job: JobName?, limit: Int) -> [StoreEvent] {
        precondition(limit >= 1, "a limit of \(limit) asks for nothing")
        let found = records.noted.filter { event in
            from <= event.at && event.at < until && (job == nil || event.job == nil || event.job == job)
        }
        return Array(found.prefix(limit))
    }

    package func definitions(of job: JobName?) -> [StoredDefinition] {
        records.jobs.keys.sorted().filter { job == nil || $0 == job }.flatMap {
            records.jobs[$0]?.definitions ?? []
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
        guard records.kept[.all]?.at == pausedAt else { return false }
        records.kept[.all] = nil
        return true
    }

    package func launchSteps() -> [LaunchStep] {
        let last = launched.map(\.launch).max()
        return launched.filter { $0.launch == last }.sorted { ($0.at, $0.step) < ($1.at, $1.step) }
    }

    package func signatures() -> [Signature] { signed.values.sorted { $0.item < $1.item } }

    package func summaries(until now: Instant) -> [JobSummary] {
        records.jobs.keys.sorted().map { job in
            let past = records.runs.values.map(\.record)
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
                job: job, watermark: records.jobs[job]?.watermark ?? clock(), lastRun: ended.last,
                lastSuccess: ended.last { $0.outcome == .succeeded }, lastOccurrence: newest,
                liveRuns: records.liveRuns(of: job).count)
        }
    }

    package func changes(since: Instant, byOthersThan host: HostID, until now: Instant) -> StoreChanges {
        let changed = records.runs.values.map(\.record).filter { run in
            run.host != host && (run.createdAt >= since || run.finishedAt.map { $0 >= since } ?? false)
        }
        let jobs = Set(changed.map(\.job))
        return StoreChanges(
            summaries: summaries(until: now).filter { jobs.contains($0.job) }, liveRuns: records.live.count,
            pauses: pauses(), rewound: records.rewound(since: since))
    }

    package func rewind(_ rewinding: Rewinding) -> Rewound? { records.rewind(rewinding) }
}
