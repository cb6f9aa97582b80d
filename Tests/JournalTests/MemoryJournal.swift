import Records

/// A small real journal without a file; its calls fail when they are told to.
actor MemoryJournal: OperationJournal {
    private var entries: [JournalEntry] = []
    private var last: Int64 = 0
    private(set) var asides: [(number: Int64, problem: String)] = []
    private let faults: Faults

    init(faults: Faults = Faults()) {
        self.faults = faults
    }

    func append(_ operation: JournalledOperation) async throws(StoreError) -> Int64 {
        try await faults.call { () throws(StoreError) in
            last += 1
            entries.append(JournalEntry(number: last, operation: operation))
            return last
        }
    }

    func entries(after number: Int64, limit: Int) async throws(StoreError) -> [JournalEntry] {
        try await faults.call { () throws(StoreError) in
            Array(entries.filter { $0.number > number }.prefix(limit))
        }
    }

    /// Loses what was put there last, as no journal may.
    func forgetLast() { _ = entries.popLast() }

    func backlog() async throws(StoreError) -> JournalBacklog {
        try await faults.call { () throws(StoreError) in
            JournalBacklog(count: entries.count, oldestAt: entries.first?.operation.recordedAt)
        }
    }

    func remove(through number: Int64, settingAside problems: [Int64: String]) async throws(StoreError) {
        try await faults.call { () throws(StoreError) in
            entries.removeAll { $0.number <= number }
            asides += problems.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        }
    }
}
