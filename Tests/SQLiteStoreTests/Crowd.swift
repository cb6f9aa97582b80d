import BlockingThread
import Glibc
import Records
import Synchronization

@testable import SQLiteStore

/// What came of a call of a crowd.
enum CallOutcome<Answer: Equatable & Sendable>: Equatable, Sendable {
    case success(Answer)
    /// With the message of the store's error.
    case failure(String)
}

/// Calls that come one after the other while the thread of a store is busy with something else.
struct Crowd {
    private let store: SQLiteRunStore

    init(_ store: SQLiteRunStore) {
        self.store = store
    }

    /// What comes of each call; with `isCancelled` its caller is cancelled while it waits.
    func results<Answer: Equatable & Sendable>(
        _ calls: [@Sendable () async throws -> Answer], isCancelled: Bool = false
    ) async -> [CallOutcome<Answer>] {
        let gate = Gate()
        async let held: Void = store.hold(at: gate)
        while !gate.isReached { await Task.yield() }
        let outcomes = await withTaskGroup(of: (Int, CallOutcome<Answer>).self) { group in
            for (number, call) in calls.enumerated() {
                group.addTask { (number, await outcome(of: call)) }
                while store.queue.count <= number { await Task.yield() }
            }
            if isCancelled { group.cancelAll() }
            gate.open()
            var outcomes: [(Int, CallOutcome<Answer>)] = []
            for await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        await held
        return outcomes.sorted { $0.0 < $1.0 }.map(\.1)
    }
}

private func outcome<Answer>(of call: @Sendable () async throws -> Answer) async -> CallOutcome<Answer> {
    do {
        return .success(try await call())
    } catch {
        return .failure((error as? StoreError)?.message ?? "\(error)")
    }
}

extension SQLiteRunStore {
    /// Keeps the thread of the store busy until the gate opens.
    fileprivate func hold(at gate: Gate) {
        gate.wait()
    }
}

/// A gate at which one thread waits, and which says when that has come.
private final class Gate: Sendable {
    private let reached = Mutex(false)
    /// The reading end and the writing end.
    private let pipe: [CInt]

    init() {
        var ends: [CInt] = [-1, -1]
        guard Glibc.pipe(&ends) == 0 else { preconditionFailure("no pipe: errno \(errno)") }
        pipe = ends
    }

    deinit {
        for end in pipe { close(end) }
    }

    var isReached: Bool { reached.withLock { $0 } }

    func wait() {
        reached.withLock { $0 = true }
        var byte: UInt8 = 0
        _ = read(pipe[0], &byte, 1)
    }

    func open() {
        var byte: UInt8 = 1
        _ = write(pipe[1], &byte, 1)
    }
}
