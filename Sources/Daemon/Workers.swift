import DequeModule
import Synchronization

/// Performs work in the order in which it came, at most `width` pieces of it at once; what comes meanwhile waits.
///
/// A worker lives as long as there is work, so that nothing is left of a burst when it is over.
final class Workers: Sendable {
    typealias Work = @Sendable () async -> Void

    private struct State {
        var waiting = Deque<Work>()
        var busy = 0
    }

    private let width: Int
    private let state = Mutex(State())

    /// Workers of whom at most `width` are busy.
    init(width: Int) {
        self.width = width
    }

    /// Adds work; a worker that it needs is a task of `group`.
    func add(to group: inout DiscardingTaskGroup, _ work: @escaping Work) {
        let needsWorker = state.withLock { state in
            state.waiting.append(work)
            guard state.busy < width else { return false }
            state.busy += 1
            return true
        }
        if needsWorker { group.addTask { await self.work() } }
    }

    private func work() async {
        while let work = next() { await work() }
    }

    private func next() -> Work? {
        state.withLock { state in
            if let work = state.waiting.popFirst() { return work }
            state.busy -= 1
            return nil
        }
    }
}
