import CivilTime
import Journal
import Records
import RunModel
import RunStoreConformance

/// A store as a daemon sees it with a journal in front, with all else that a store can be asked.
struct StoreInFront: Store {
    let journaled: JournaledStore
    let records: InMemoryRunStore

    func perform(_ write: StoreWrite) async throws(StoreError) -> StoreAnswer {
        try await journaled.perform(write)
    }
    func renew(_ owned: [OwnedRun], lease: Duration) async throws(StoreError) -> [RunID] {
        try await journaled.renew(owned, lease: lease)
    }
    func takeOver(
        host: HostID, hostRestarted: Bool, except held: [RunID], lease: Duration, limit: Int
    ) async throws(StoreError) -> [AbandonedRun] {
        try await journaled.takeOver(
            host: host, hostRestarted: hostRestarted, except: held, lease: lease, limit: limit)
    }
    func summaries(until now: Instant) async throws(StoreError) -> [JobSummary] {
        try await journaled.summaries(until: now)
    }
    func changes(
        since: Instant, byOthersThan host: HostID, until now: Instant
    ) async throws(StoreError) -> StoreChanges {
        try await journaled.changes(since: since, byOthersThan: host, until: now)
    }
    func pauses() async throws(StoreError) -> [Pause] { try await journaled.pauses() }
    func heartbeat(_ heartbeat: Heartbeat) async throws(StoreError) -> [HostSighting] {
        try await journaled.heartbeat(heartbeat)
    }
    func prune(_ retention: Retention, limit: Int) async throws(StoreError) -> Pruning {
        try await journaled.prune(retention, limit: limit)
    }

    func rehearse(_ claim: Claim) async throws(StoreError) -> ClaimAnswer {
        try await records.rehearse(claim)
    }
    func history(_ query: HistoryQuery) async throws(StoreError) -> [RunRecord] {
        await records.history(query)
    }
    func run(_ id: RunID) async throws(StoreError) -> (record: RunRecord, attempts: [AttemptRecord])? {
        await records.run(id)
    }
    func holdings(of runs: [RunID]) async throws(StoreError) -> [RunHolding] {
        await records.holdings(of: runs)
    }
    func hosts() async throws(StoreError) -> [HostSighting] { await records.hosts() }
    func mark(_ host: HostID, deliveringFor lease: Duration) async throws(StoreError) {
        await records.mark(host, deliveringFor: lease)
    }
    func pause(_ pause: Pause) async throws(StoreError) { await records.pause(pause) }
    func resume(_ scope: PauseScope) async throws(StoreError) -> Pause? { await records.resume(scope) }
    func rewind(_ rewinding: Rewinding) async throws(StoreError) -> Rewound? {
        await records.rewind(rewinding)
    }
    func events(
        from: Instant, until: Instant, job: JobName?, limit: Int
    ) async throws(StoreError) -> [StoreEvent] {
        await records.events(from: from, until: until, job: job, limit: limit)
    }
    func definitions(of job: JobName?) async throws(StoreError) -> [StoredDefinition] {
        await records.definitions(of: job)
    }
}
