import Synchronization

/// Ends operations early, from another task: the one that is under way, and all that come after it.
package final class Cancellation: Sendable {
    private struct State {
        var isCancelled = false
        /// Wakes the watcher of the operation that is under way.
        var watcher: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())

    /// A cancellation that has not been asked for.
    package init() {}

    /// Cancels the operation that is under way, and each that follows.
    package func cancel() {
        state.withLock { state in
            state.isCancelled = true
            state.watcher?.yield()
        }
    }

    /// Runs `operation`, in a task that `cancel` cancels.
    func ending<Value: Sendable>(_ operation: @escaping @Sendable () async -> Value) async -> Value {
        // A stream of its own for each operation: cancelling the watcher ends its stream for good.
        let (stream, watcher) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        state.withLock { state in
            state.watcher = watcher
            if state.isCancelled { watcher.yield() }
        }
        defer { state.withLock { $0.watcher = nil } }
        return await withTaskGroup(of: Value?.self) { group in
            group.addTask { await operation() }
            group.addTask {
                for await _ in stream { break }
                return nil
            }
            while let result = await group.next() {
                group.cancelAll()
                if let result { return result }
            }
            preconditionFailure("an operation ended without its result")
        }
    }
}
