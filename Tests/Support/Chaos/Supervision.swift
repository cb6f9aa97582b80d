import Glibc
import RandomInput
import Synchronization

/// What a service manager does until it is cancelled: whoever ended is started again; answers those that ended by a signal
/// of their own.
func keepRunning(_ hosts: @Sendable () -> [Daemon]) async throws -> [String] {
    var crashes: [String] = []
    while !Task.isCancelled {
        for host in hosts() {
            guard let status = try host.revive() else { continue }
            if status >= 128 { crashes.append("\(host.log): the daemon crashed, status \(status)") }
        }
        // A cancelled sleep ends the loop by its condition.
        try? await Task.sleep(for: .milliseconds(300))
    }
    return crashes
}

/// The daemons of a phase, some of which are killed now and then.
final class Hosts: Sendable {
    private struct State {
        var all: [Daemon] = []
        var mortal: Set<Int> = []
        /// The daemon that is dead for a moment.
        var dying: Int?
        var kills = 0
    }

    private let state = Mutex(State())

    /// All that run or are to run.
    var all: [Daemon] { state.withLock(\.all) }

    /// How many were killed.
    var kills: Int { state.withLock(\.kills) }

    /// Starts a daemon; another one of its number is ended and forgotten by `leave` before.
    func join(_ daemon: Daemon) throws {
        try daemon.start()
        state.withLock { $0.all.append(daemon) }
    }

    /// Ends the daemon of a number by a signal, and answers how it ended.
    @discardableResult
    func leave(_ number: Int, by signal: Int32) async throws -> Int32? {
        try await spare([number])
        let daemon = state.withLock { state in
            defer { state.all.removeAll { $0.number == number } }
            return state.all.first { $0.number == number }
        }
        return try await daemon?.stop(by: signal)
    }

    /// From now on these are killed now and then, too.
    func doom(_ numbers: Set<Int>) { state.withLock { $0.mortal.formUnion(numbers) } }

    /// From now on these, or all, are not killed any more; they are all there when it returns.
    func spare(_ numbers: Set<Int>? = nil) async throws {
        state.withLock { state in
            state.mortal = numbers.map { state.mortal.subtracting($0) } ?? []
        }
        try await wait(until: "the daemons that were killed are started again") {
            state.withLock { state in state.dying.map { !(numbers?.contains($0) ?? true) } ?? true }
        }
    }

    /// From now on nobody is killed; all are ready when it returns.
    func rest() async throws {
        try await spare()
        try await wait(until: "all daemons are ready") { all.allSatisfy(\.isReady) }
    }

    /// Kills one after the other, and starts each again soon, until it is cancelled.
    func keepKilling(seed: Int) async throws {
        var random = SeededRandom(seed: seed)
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(random.number(200...1800)))
            let daemon = state.withLock { state -> Daemon? in
                let mortal = state.all.filter { state.mortal.contains($0.number) }
                guard !mortal.isEmpty, !Task.isCancelled else { return nil }
                let daemon = random.pick(mortal)
                state.dying = daemon.number
                return daemon
            }
            guard let daemon else { continue }
            try await daemon.kill()
            try? await Task.sleep(for: .milliseconds(random.number(0...1500)))
            try daemon.start()
            state.withLock { state in
                state.kills += 1
                state.dying = nil
            }
        }
    }
}
