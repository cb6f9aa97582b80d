import RandomInput
import Records
import RunModel
import Synchronization

/// The way from a daemon to its store or its journal: each call waits for its turn, and its answer too.
struct Line: Calls {
    let daemon: OutageWorld.Daemon
    let isStore: Bool

    func call<Answer: Sendable>(
        _ body: () async throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        let world = daemon.world
        await world.turns.next()
        try daemon.change { _ in }
        let isLost = isStore ? try reach() : false
        let answer = try await body()
        await world.turns.next()
        let isHeard = world.state.withLock { $0.hosts[daemon.host].life == daemon.life } && !isLost
        if isStore { keep(answer) }
        guard isHeard else { throw StoreError(.unreachable, "the answer is lost") }
        return answer
    }

    /// Throws when the store cannot be reached; else whether its answer will be lost.
    private func reach() throws(StoreError) -> Bool {
        let world = daemon.world
        let (isAway, oneIn) = world.state.withLock { state in
            let isAway = state.isStoreAway || state.hosts[daemon.host].isCutOff
            return (isAway, state.isCalm ? nil : state.storeErrorOneIn)
        }
        let isFaulty = oneIn.map { oneIn in world.turns.chance { $0.oneIn(oneIn) } } ?? false
        let isLost = isFaulty && world.turns.chance { $0.oneIn(2) }
        if isAway || isFaulty && !isLost { throw StoreError(.unreachable, "the database does not answer") }
        return isLost
    }

    /// Keeps whom the store gave runs to.
    private func keep(_ answer: some Sendable) {
        var given: [RunID] = []
        if let answer = answer as? ClaimAnswer, case .claimed(let owned) = answer { given = [owned.id] }
        if let abandoned = answer as? [AbandonedRun] {
            given = abandoned.map(\.owned.id)
        }
        note(given, daemon.host)
    }

    private func note(_ runs: [RunID], _ owner: Int) {
        daemon.world.state.withLock { state in
            for run in runs { state.owners[run, default: []].insert(owner) }
        }
    }
}
