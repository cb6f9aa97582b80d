package import RunModel

/// Who decides about runs: leases, and runs whose host is gone.
extension JournaledStore {
    package func renew(_ owned: [OwnedRun], lease: Duration) async throws(StoreError) -> [RunID] {
        let current = owned.compactMap { knowledge.current($0) }
        let known = Set(current.map(\.id))
        let gone = owned.map(\.id).filter { !known.contains($0) }
        // While the store is away nobody can renew a lease, nor say that it is lost.
        let lost = try await direct { (store) throws(StoreError) in
            try await store.renew(current, lease: lease)
        }
        guard let lost else { return gone }
        for run in current where lost.contains(run.id) { knowledge.lose(run) }
        return gone + lost
    }

    package func takeOver(
        host: HostID, hostRestarted: Bool, except held: [RunID], lease: Duration, limit: Int
    ) async throws(StoreError) -> [AbandonedRun] {
        openTakeovers += 1
        defer { openTakeovers -= 1 }
        let abandoned = try await direct { (store) throws(StoreError) in
            try await store.takeOver(
                host: host, hostRestarted: hostRestarted, except: held, lease: lease, limit: limit)
        }
        guard let abandoned else {
            // What an earlier daemon left must be known before a new one begins.
            if hostRestarted, let outage { throw outage.error }
            return []
        }
        var given: [AbandonedRun] = []
        for run in abandoned {
            guard journalled.contains(run.owned.id) else {
                knowledge.own(run.record, fence: run.owned.fence)
                given.append(run)
                continue
            }
            // This host claimed it after it had asked, and an outage began meanwhile: what it journalled of the run needs
            // the new proof, and nobody resumes what it has made.
            knowledge.give(run.owned)
            deliveredFences[run.owned.id] = run.owned.fence
            try await withJournal { (journal) throws(StoreError) in try await journal.give(run.owned) }
        }
        return given
    }
}
