package import CivilTime
package import RunModel

/// Pauses, hosts, events and pruning: what is asked beside the runs.
extension JournaledStore {
    package func pause(_ pause: Pause) async throws(StoreError) {
        try await required { (store) throws(StoreError) in try await store.pause(pause) }
        knowledge.pause(pause)
    }

    package func resume(_ scope: PauseScope) async throws(StoreError) -> Pause? {
        let pause = try await required { (store) throws(StoreError) in try await store.resume(scope) }
        knowledge.resume(scope)
        return pause
    }

    /// The pauses that were known last, while the store is away.
    package func pauses() async throws(StoreError) -> [Pause] {
        let pauses = try await direct { (store) throws(StoreError) in try await store.pauses() }
        guard let pauses else { return knowledge.pauses(at: clock()) }
        knowledge.learn(pauses: pauses)
        return pauses
    }

    package func heartbeat(_ heartbeat: Heartbeat) async throws(StoreError) -> [HostSighting] {
        await lookAtJournal()
        return try await required { (store) throws(StoreError) in try await store.heartbeat(heartbeat) }
    }

    package func hosts() async throws(StoreError) -> [HostSighting] {
        try await required { (store) throws(StoreError) in try await store.hosts() }
    }

    package func note(_ events: [StoreEvent]) async throws(StoreError) {
        let answer: Void? = try await direct { (store) throws(StoreError) in try await store.note(events) }
        if answer == nil { try await append(.note(events)) }
    }

    package func events(
        from: Instant, until: Instant, job: JobName?, limit: Int
    ) async throws(StoreError) -> [StoreEvent] {
        try await primary.events(from: from, until: until, job: job, limit: limit)
    }

    package func definitions(of job: JobName?) async throws(StoreError) -> [StoredDefinition] {
        try await primary.definitions(of: job)
    }

    package func prune(_ retention: Retention, limit: Int) async throws(StoreError) -> Pruning {
        try await required { (store) throws(StoreError) in try await store.prune(retention, limit: limit) }
    }

    /// What only the store can answer; its error while it is away.
    private func required<Answer: Sendable>(
        _ ask: (any Store) async throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        if let answer = try await direct(ask) { return answer }
        throw outage?.error ?? StoreError(.unreachable, "the store was away a moment ago")
    }
}
