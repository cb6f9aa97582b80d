import CivilTime
import Records
import RunModel
import RunStoreConformance
import Synchronization

/// How calls of a store or a journal fail.
enum Failure: Sendable, CaseIterable {
    /// The call did nothing.
    case before
    /// The call did all of it, and its answer was lost.
    case after
}

/// What stands between a caller and what is called.
protocol Calls: Sendable {
    /// Makes a call, or lets it fail.
    func call<Answer: Sendable>(
        _ body: () async throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer
}

/// Decides which calls fail; shared by what stands for the store and the journal.
final class Faults: Calls {
    struct State {
        var isAway = false
        var error = StoreError(.unreachable, "the database does not answer")
        /// The number of calls until the one that fails, and how; nil: none.
        var failing: (left: Int, how: Failure)?
        var failingOnce: Failure?
        var calls = 0
        /// Ends when the next call may go on.
        var hanging: AsyncStream<Void>?
        var isHanging = false
        var meanwhile: (@Sendable () async -> Void)?
    }

    let state = Mutex(State())

    /// Lets every call fail from now on, or none.
    func setAway(
        _ isAway: Bool, _ error: StoreError = StoreError(.unreachable, "the database does not answer")
    ) {
        state.withLock {
            $0.isAway = isAway
            $0.error = error
        }
    }

    /// Lets the next call fail.
    func fail(_ how: Failure) {
        state.withLock { $0.failingOnce = how }
    }

    /// Lets the `number`-th call from now fail, and all after it.
    func crash(at number: Int, _ how: Failure) {
        state.withLock { $0.failing = (number, how) }
    }

    /// Lets the next call hang until what is answered is called.
    func hang() -> @Sendable () -> Void {
        let (stream, end) = AsyncStream<Void>.makeStream()
        state.withLock { $0.hanging = stream }
        return { end.finish() }
    }

    /// Lets `body` happen between the next call and its answer.
    func meanwhile(_ body: @escaping @Sendable () async -> Void) {
        state.withLock { $0.meanwhile = body }
    }

    /// Whether a call hangs.
    var isHanging: Bool { state.withLock { $0.isHanging } }

    /// Ends all failures.
    func heal() {
        state.withLock {
            $0.isAway = false
            $0.failing = nil
        }
    }

    /// The number of calls so far.
    var calls: Int { state.withLock { $0.calls } }

    /// Counts a call and answers how it fails, if it does.
    func next() -> (how: Failure, error: StoreError)? {
        state.withLock { state in
            state.calls += 1
            if state.isAway { return (.before, state.error) }
            if let how = state.failingOnce {
                state.failingOnce = nil
                return (how, state.error)
            }
            guard let failing = state.failing else { return nil }
            state.failing?.left -= 1
            if failing.left > 1 { return nil }
            return (failing.left == 1 ? failing.how : .before, state.error)
        }
    }

    /// Makes a call that may fail.
    func call<Answer: Sendable>(
        _ body: () async throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        let hanging = state.withLock { state in
            defer {
                state.isHanging = state.hanging != nil
                state.hanging = nil
            }
            return state.hanging
        }
        if let hanging { for await _ in hanging {} }
        let failure = next()
        if let failure, failure.how == .before { throw failure.error }
        let answer = try await body()
        let meanwhile = state.withLock { state in
            defer { state.meanwhile = nil }
            return state.meanwhile
        }
        await meanwhile?()
        if let failure { throw failure.error }
        return answer
    }
}

/// A store whose calls fail when they are told to.
struct FailingStore: Store {
    let store: InMemoryRunStore
    let faults: any Calls
    /// Decides which claims fail besides; nil: none.
    var claimFaults: (any Calls)?

    func perform(_ write: StoreWrite) async throws(StoreError) -> StoreAnswer {
        try await faults.call { () throws(StoreError) in
            if case .claim = write { try await claimFaults?.call { () throws(StoreError) in } }
            return try await store.perform(write)
        }
    }

    func rehearse(_ claim: Claim) async throws(StoreError) -> ClaimAnswer {
        try await faults.call { () throws(StoreError) in
            try await claimFaults?.call { () throws(StoreError) in }
            return try await store.rehearse(claim)
        }
    }

    func renew(_ owned: [OwnedRun], lease: Duration) async throws(StoreError) -> [RunID] {
        try await faults.call { () throws(StoreError) in await store.renew(owned, lease: lease) }
    }

    func takeOver(
        host: HostID, hostRestarted: Bool, except held: [RunID], lease: Duration, limit: Int
    ) async throws(StoreError) -> [AbandonedRun] {
        try await faults.call { () throws(StoreError) in
            await store.takeOver(
                host: host, hostRestarted: hostRestarted, except: held, lease: lease, limit: limit)
        }
    }

    func history(_ query: HistoryQuery) async throws(StoreError) -> [RunRecord] {
        try await faults.call { () throws(StoreError) in await store.history(query) }
    }

    func run(_ id: RunID) async throws(StoreError) -> (record: RunRecord, attempts: [AttemptRecord])? {
        try await faults.call { () throws(StoreError) in await store.run(id) }
    }

    func holdings(of runs: [RunID]) async throws(StoreError) -> [RunHolding] {
        try await faults.call { () throws(StoreError) in await store.holdings(of: runs) }
    }

    func summaries(until now: Instant) async throws(StoreError) -> [JobSummary] {
        try await faults.call { () throws(StoreError) in await store.summaries(until: now) }
    }

    func changes(
        since: Instant, byOthersThan host: HostID, until now: Instant
    ) async throws(StoreError) -> StoreChanges {
        try await faults.call { () throws(StoreError) in
            await store.changes(since: since, byOthersThan: host, until: now)
        }
    }

    func pause(_ pause: Pause) async throws(StoreError) {
        try await faults.call { () throws(StoreError) in await store.pause(pause) }
    }

    func rewind(_ rewinding: Rewinding) async throws(StoreError) -> Rewound? {
        try await faults.call { () throws(StoreError) in await store.rewind(rewinding) }
    }

    func resume(_ scope: PauseScope) async throws(StoreError) -> Pause? {
        try await faults.call { () throws(StoreError) in await store.resume(scope) }
    }

    func pauses() async throws(StoreError) -> [Pause] {
        try await faults.call { () throws(StoreError) in await store.pauses() }
    }

    func heartbeat(_ heartbeat: Heartbeat) async throws(StoreError) -> [HostSighting] {
        try await faults.call { () throws(StoreError) in await store.heartbeat(heartbeat) }
    }

    func mark(_ host: HostID, deliveringFor lease: Duration) async throws(StoreError) {
        try await faults.call { () throws(StoreError) in await store.mark(host, deliveringFor: lease) }
    }

    func hosts() async throws(StoreError) -> [HostSighting] {
        try await faults.call { () throws(StoreError) in await store.hosts() }
    }

    func events(
        from: Instant, until: Instant, job: JobName?, limit: Int
    ) async throws(StoreError) -> [StoreEvent] {
        try await faults.call { () throws(StoreError) in
            await store.events(from: from, until: until, job: job, limit: limit)
        }
    }

    func definitions(of job: JobName?) async throws(StoreError) -> [StoredDefinition] {
        try await faults.call { () throws(StoreError) in await store.definitions(of: job) }
    }

    func prune(_ retention: Retention, limit: Int) async throws(StoreError) -> Pruning {
        try await faults.call { () throws(StoreError) in await store.prune(retention, limit: limit) }
    }
}
