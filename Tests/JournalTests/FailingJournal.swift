import Records

/// The way to a journal, which may do something wrong.
struct FailingJournal: OperationJournal {
    let journal: MemoryJournal
    let line: Line
    private var bug: OutageWorld.Bug? { line.daemon.world.bug }

    func append(_ operation: JournalledOperation) async throws(StoreError) -> Int64 {
        try await line.call { () throws(StoreError) in try await journal.append(operation) }
    }

    func entries(after number: Int64, limit: Int) async throws(StoreError) -> [JournalEntry] {
        try await line.call { () throws(StoreError) in
            let entries = try await journal.entries(after: number, limit: limit)
            return bug == .wrongOrder ? entries.reversed() : entries
        }
    }

    func backlog() async throws(StoreError) -> JournalBacklog {
        try await line.call { () throws(StoreError) in try await journal.backlog() }
    }

    func remove(through number: Int64, settingAside problems: [Int64: String]) async throws(StoreError) {
        try await line.call { () throws(StoreError) in
            try await journal.remove(through: number, settingAside: problems)
        }
    }
}
