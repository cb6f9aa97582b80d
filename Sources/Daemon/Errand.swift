import CivilTime
import Host
import Synchronization

/// Something that takes a while, done again when somebody asks for what it found and that is old.
///
/// Who asks does not wait: they get what was found last, and one errand is under way at a time.
final class Errand<Found: Sendable>: Sendable {
    private struct State {
        var found: (value: Found, at: Instant)?
        var isUnderWay = false
    }

    private let state = Mutex(State())
    private let (wishes, wish) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
    private let work: @Sendable () async -> Found

    init(_ work: @escaping @Sendable () async -> Found) {
        self.work = work
    }

    /// What was found last, and when; whether it is being done.
    var last: (found: (value: Found, at: Instant)?, isUnderWay: Bool) {
        state.withLock { ($0.found, $0.isUnderWay) }
    }

    /// Has it done, unless it is under way.
    func start() {
        let isNew = state.withLock { state in
            defer { state.isUnderWay = true }
            return !state.isUnderWay
        }
        if isNew { wish.yield() }
    }

    /// Does what is asked for, until the task is cancelled.
    func run() async {
        for await _ in wishes {
            let value = await work()
            state.withLock { $0 = State(found: (value, Clocks.now())) }
        }
    }
}
