import Synchronization

/// A call that may go together with others to the thread that they all wait for.
package protocol BatchedCall: Sendable {
    /// What two calls of one batch must not share, when they cannot be made one after the other in it.
    associatedtype Subject: Hashable
    /// Calls of one subject go in batches of their own, in the order in which they came.
    var subjects: [Subject] { get }
    /// What it adds to the size of its batch, which has a limit.
    var rowCount: Int { get }
}

/// The calls that wait for a busy thread: those that come while one is under way go together next.
///
/// The first call in the queue leads: when the thread is free, its caller takes a batch from the queue, makes the
/// calls, and answers the others. Nobody waits for company, and a call that comes alone goes alone.
///
/// A caller that is cancelled meanwhile waits for its answer all the same, for the call may be under way.
package final class BatchQueue<Call: BatchedCall, Answer: Sendable>: Sendable {
    /// What a caller is to do.
    package enum Turn: Sendable {
        /// Take the next batch, in which its call is the first, and make its calls.
        case lead
        /// Go on: another made the call.
        case answered(Answer)
    }

    /// Who waits for an answer.
    package typealias Caller = CheckedContinuation<Turn, Never>

    private let waiting = Mutex(WaitingCalls<Call, Caller>())

    package init() {}

    /// How many calls wait, that of the leader included, until they are taken.
    package var count: Int { waiting.withLock { $0.count } }

    /// Waits until the call was answered or is the first in the queue.
    package func turn(of call: Call) async -> Turn {
        await withCheckedContinuation { caller in
            waiting.withLock { $0.append(call, caller) }?.resume(returning: .lead)
        }
    }

    /// The next batch, the leader's call first, with the callers of the others; who is first then leads from now on.
    package func takeBatch() -> [(call: Call, caller: Caller?)] {
        let (batch, leader) = waiting.withLock { $0.takeBatch() }
        leader?.resume(returning: .lead)
        return batch
    }
}

/// Calls in the order in which they came; the caller of the first was told to lead, the others wait.
package struct WaitingCalls<Call: BatchedCall, Caller> {
    /// The most rows of one batch: the fixed cost of a transaction is spread over enough of them, and it stays well
    /// within the statement timeout on a slow server.
    private static var rowsMax: Int { 512 }

    private var entries: [(call: Call, caller: Caller?)] = []

    package init() {}

    /// How many calls wait.
    package var count: Int { entries.count }

    /// Adds a call, and answers its caller when it is to lead.
    package mutating func append(_ call: Call, _ caller: Caller) -> Caller? {
        let leads = entries.isEmpty
        entries.append((call, leads ? nil : caller))
        return leads ? caller : nil
    }

    /// Takes the first call and those behind it that have nothing to do with one another or with a call before them that
    /// stays; of those that stay, the caller of the first is to lead. A call for which there is no room ends the batch.
    package mutating func takeBatch() -> (batch: [(call: Call, caller: Caller?)], leader: Caller?) {
        var batch: [(call: Call, caller: Caller?)] = []
        var left: [(call: Call, caller: Caller?)] = []
        var rowCount = 0
        var subjects: Set<Call.Subject> = []
        for (position, entry) in entries.enumerated() {
            guard batch.isEmpty || rowCount + entry.call.rowCount <= Self.rowsMax else {
                left += entries[position...]
                break
            }
            let own = entry.call.subjects
            if batch.isEmpty || subjects.isDisjoint(with: own) {
                batch.append(entry)
                rowCount += entry.call.rowCount
            } else {
                left.append(entry)
            }
            subjects.formUnion(own)
        }
        let leader = left.first?.caller
        if !left.isEmpty { left[0].caller = nil }
        entries = left
        return (batch, leader)
    }
}
