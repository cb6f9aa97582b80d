import Synchronization

/// What the connections share: what arrived, how to misbehave next, and how the API is deployed.
final class Ledger: Sendable {
    private let state: Mutex<State>
    private let firstDeployment: StandInDeployment

    init(_ deployment: StandInDeployment) {
        firstDeployment = deployment
        state = Mutex(State(deployment: deployment))
    }

    private struct State {
        var deployment: StandInDeployment
        var requests: [ReceivedRequest] = []
        var planned: [(misbehaviour: Misbehaviour, remaining: Int)] = []
        var standing: Misbehaviour?
        /// End the waits of the requests that are held.
        var held: [AsyncStream<Void>.Continuation] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []

        /// The next misbehaviour that `isWanted`, used up; what is planned goes before what stands.
        mutating func next(where isWanted: (Misbehaviour) -> Bool) -> Misbehaviour? {
            guard let first = planned.first else { return standing.flatMap { isWanted($0) ? $0 : nil } }
            guard isWanted(first.misbehaviour) else { return nil }
            if first.remaining > 1 { planned[0].remaining -= 1 } else { planned.removeFirst() }
            return first.misbehaviour
        }
    }

    var requests: [ReceivedRequest] { state.withLock { $0.requests } }

    func add(_ request: ReceivedRequest) {
        let reached = state.withLock { state in
            state.requests.append(request)
            let count = state.requests.count
            let reached = state.waiters.filter { $0.count <= count }.map(\.continuation)
            state.waiters.removeAll { $0.count <= count }
            return reached
        }
        for continuation in reached { continuation.resume() }
    }

    func waitForRequests(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isReached = state.withLock { state in
                let isReached = state.requests.count >= count
                if !isReached { state.waiters.append((count, continuation)) }
                return isReached
            }
            if isReached { continuation.resume() }
        }
    }

    func plan(_ misbehaviour: Misbehaviour, count: Int?) {
        state.withLock { state in
            if let count {
                state.planned.append((misbehaviour, count))
            } else {
                state.standing = misbehaviour
            }
        }
    }

    func behave() {
        state.withLock { state in
            state.planned = []
            state.standing = nil
        }
    }

    var deployment: StandInDeployment { state.withLock { $0.deployment } }

    /// Sets these switches; without any, all are as at the start.
    func deploy(_ parameters: [String: String]) throws(StandInDeployment.Refusal) {
        // All or nothing: a refusal leaves what is there.
        try state.withLock { state throws(StandInDeployment.Refusal) in
            var changed = parameters.isEmpty ? firstDeployment : state.deployment
            try changed.set(parameters)
            state.deployment = changed
        }
    }

    /// How many requests are held.
    var heldCount: Int { state.withLock { $0.held.count } }

    /// Returns when `release` is called, or its task is cancelled.
    func hold() async {
        let (stream, end) = AsyncStream<Void>.makeStream()
        state.withLock { $0.held.append(end) }
        for await _ in stream {}
    }

    func release() {
        let held = state.withLock { state in
            defer { state.held = [] }
            return state.held
        }
        for end in held { end.finish() }
    }

    /// How to misbehave to a connection that was just made.
    func nextForConnection() -> Misbehaviour? {
        state.withLock { $0.next { $0 == .resetBeforeRequest } }
    }

    /// How to misbehave to a request that was read.
    func nextForRequest() -> Misbehaviour? {
        state.withLock { $0.next { $0 != .resetBeforeRequest } }
    }
}
