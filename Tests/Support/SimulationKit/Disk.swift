import CivilTime
import Records
import RunEngine
import RunModel

/// What a host has on disk for its conversation with the store: it outlives the daemons.
struct Disk {
    /// How long a write is kept that the store took.
    private static let keptFor: Duration = .seconds(900)
    private static let full = StoreError(.refused, "no space left on the disk")

    /// What waits for the store, oldest first.
    private(set) var journal: [JournalledWrite] = []
    private var last: Int64 = 0
    private var taken: [(at: Instant, write: KeptWrite)] = []
    /// Whether nothing can be written.
    var isFull = false

    var backlog: JournalBacklog { JournalBacklog(count: journal.count, oldestAt: journal.first?.recordedAt) }

    mutating func append(_ write: StoreWrite, at wall: Instant) throws(StoreError) -> Int64 {
        if isFull { throw Self.full }
        last += 1
        journal.append(JournalledWrite(number: last, recordedAt: wall, write: .success(write)))
        return last
    }

    func entries(after number: Int64) -> [JournalledWrite] {
        Array(journal.lazy.filter { $0.number > number }.prefix(OutageLimits.batch))
    }

    mutating func remove(through number: Int64) throws(StoreError) {
        if isFull { throw Self.full }
        journal.removeAll { $0.number <= number }
    }

    /// Whether the end of the run waits here for the store.
    func hasEnd(of run: RunID) -> Bool {
        journal.contains { entry in
            if case .success(.finish(let owned, _)) = entry.write {
                owned.id == run && owned.fence > 0
            } else {
                false
            }
        }
    }

    /// The runs that a write of the journal is about.
    static func runs(of entry: JournalledWrite) -> [RunID] {
        guard case .success(let write) = entry.write else { return [] }
        return KeptWrite(write: write, fence: nil).runs
    }

    /// Loses what was put into the journal last, as no disk may.
    mutating func loseLast() { _ = journal.popLast() }

    // MARK: What the store took

    var kept: [KeptWrite] { taken.map(\.write) }

    mutating func keep(_ write: KeptWrite, at now: Instant) {
        let old = taken.prefix { $0.at < now - Self.keptFor }.count
        // Seldom, since all that is left moves.
        if old > 100 { taken.removeFirst(old) }
        taken.append((now, write))
    }

    /// Drops what is about runs that are long over.
    mutating func forget(_ runs: Set<RunID>) { taken.removeAll { !runs.isDisjoint(with: $0.write.runs) } }
}
