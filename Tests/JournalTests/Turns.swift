import CivilTime
import RandomInput
import Synchronization

/// Lets tasks go on one at a time, each until it asks for its next turn, in an order that follows from a seed.
final class Turns: Sendable {
    private struct State {
        var random: SeededRandom
        /// Tasks that have not had their first turn yet.
        var expected: Int
        var current = 0
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var taken = 0
        var elapsed = Duration.zero
    }

    private let state: Mutex<State>

    /// The turns of `tasks` tasks, each of which begins once.
    init(seed: Int, tasks: Int) {
        state = Mutex(State(random: SeededRandom(seed: seed), expected: tasks))
    }

    /// Waits for the first turn of a task, which comes after all others have come here too.
    func begin(_ task: Int) async {
        await wait { state in
            state.expected -= 1
            return task
        }
    }

    /// Lets others have their turn; time passes.
    func next() async { await wait { $0.current } }

    /// The task needs no more turns.
    func end() { state.withLock { Self.choose(&$0) }?.resume() }

    /// How many turns there were.
    var taken: Int { state.withLock { $0.taken } }

    /// How much time has passed.
    var elapsed: Duration { state.withLock { $0.elapsed } }

    /// Lets time pass.
    func pass(_ duration: Duration) { state.withLock { $0.elapsed += duration } }

    /// What chance decides in this turn.
    func chance<Choice: Sendable>(_ body: (inout SeededRandom) -> Choice) -> Choice {
        state.withLock { body(&$0.random) }
    }

    private func wait(_ task: (inout State) -> Int) async {
        await withCheckedContinuation { continuation in
            let chosen = state.withLock { state in
                state.waiting[task(&state)] = continuation
                return state.expected == 0 ? Self.choose(&state) : nil
            }
            chosen?.resume()
        }
    }

    private static func choose(_ state: inout State) -> CheckedContinuation<Void, Never>? {
        guard !state.waiting.isEmpty else { return nil }
        state.current = state.random.pick(state.waiting.keys.sorted())
        state.taken += 1
        state.elapsed += .milliseconds(state.random.number(0...300))
        return state.waiting.removeValue(forKey: state.current)
    }
}
