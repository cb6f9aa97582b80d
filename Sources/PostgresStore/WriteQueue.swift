import RunModel
import Synchronization

/// The calls that wait for the next transaction: those that come while one is under way go together in the next.
///
/// The first call in the queue leads: when the connection is free, its caller takes a batch from the queue, makes the
/// transaction, and answers the others. Nobody waits for company, and a call that comes alone goes alone.
///
/// A caller that is cancelled meanwhile waits for its answer all the same, for the write may be under way.
final class WriteQueue: Sendable {
    /// What a caller is to do.
    enum Turn: Sendable {
        /// Take the next batch, in which its call is the first, and make its transaction.
        case lead
        /// Go on: another made the transaction.
        case answered(Result<WriteAnswer, StoreError>)
    }

    typealias Caller = CheckedContinuation<Turn, Never>

    private let waiting = Mutex(WaitingWrites<Caller>())

    /// Waits until the call was answered or is the first in the queue.
    func turn(of write: Write) async -> Turn {
        await withCheckedContinuation { caller in
            waiting.withLock { $0.append(write, caller) }?.resume(returning: .lead)
        }
    }

    /// The next batch, the leader's call first, with the callers of the others; who is first then leads from now on.
    func takeBatch() -> [(write: Write, caller: Caller?)] {
        let (batch, leader) = waiting.withLock { $0.takeBatch() }
        leader?.resume(returning: .lead)
        return batch
    }
}

/// Calls in the order in which they came; the caller of the first was told to lead, the others wait.
struct WaitingWrites<Caller> {
    /// The most rows of one batch: the fixed cost of a transaction is spread over enough of them, and it stays well
    /// within the statement timeout on a slow server.
    private static var rowsMax: Int { 512 }

    private var entries: [(write: Write, caller: Caller?)] = []

    /// Adds a call, and answers its caller when it is to lead.
    mutating func append(_ write: Write, _ caller: Caller) -> Caller? {
        let leads = entries.isEmpty
        entries.append((write, leads ? nil : caller))
        return leads ? caller : nil
    }

    /// Takes the first call and those behind it that have nothing to do with one another or with a call before them that
    /// stays; of those that stay, the caller of the first is to lead.
    mutating func takeBatch() -> (batch: [(write: Write, caller: Caller?)], leader: Caller?) {
        var batch: [(write: Write, caller: Caller?)] = []
        var left: [(write: Write, caller: Caller?)] = []
        var rowCount = 0
        var subjects: Set<Write.Subject> = []
        for (position, entry) in entries.enumerated() {
            guard rowCount < Self.rowsMax else {
                left += entries[position...]
                break
            }
            let fits = rowCount + entry.write.ids.count <= Self.rowsMax
            if batch.isEmpty || (fits && subjects.isDisjoint(with: entry.write.subjects)) {
                batch.append(entry)
                rowCount += entry.write.ids.count
            } else {
                left.append(entry)
            }
            subjects.formUnion(entry.write.subjects)
        }
        let leader = left.first?.caller
        if !left.isEmpty { left[0].caller = nil }
        entries = left
        return (batch, leader)
    }
}
