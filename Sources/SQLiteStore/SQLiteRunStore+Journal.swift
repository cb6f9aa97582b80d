package import Records
import RunModel

/// The journal of what another store is to be told, in the same file as the records.
extension SQLiteRunStore: OperationJournal {
    private static let columns = ["number", "run_id", "fence", "recorded_at", "version", "payload"]

    package nonisolated func append(_ operation: JournalledOperation) async throws(StoreError) -> Int64 {
        try await write { _, connection throws(StoreError) in
            let rows = try connection.rows(
                Statements.appendOperation,
                [
                    ColumnValue(operation.owned?.id.description),
                    ColumnValue(operation.owned.map { Int($0.fence) }),
                    .instant(operation.recordedAt), ColumnValue(operation.version), .text(operation.payload),
                ])
            guard let values = rows.first else {
                throw StoreError(.defect, "the journal gave no number to an operation")
            }
            var row = RowReader(columns: ["number"], values: values)
            return try row.integer()
        }
    }

    /// Closes the removed file of a journal in which nothing waits, so that the next call makes another; whether it did.
    func makeAnewIfEmpty(_ old: SQLiteConnection) throws(StoreError) -> Bool {
        guard let madeAnew, try old.rows(Statements.backlog).first?.first == .integer(0) else { return false }
        lastNumber = try old.rows(Statements.lastNumber).first?.first
        close()
        madeAnew()
        return true
    }

    /// Lets the numbers of a journal that is made anew go on: no operation ever has the number of another.
    func number(_ connection: SQLiteConnection, after last: ColumnValue) throws(StoreError) {
        try connection.transaction { () throws(StoreError) in
            _ = try connection.change(Statements.forgetLastNumber, [])
            _ = try connection.change(Statements.setLastNumber, [last])
        }
        lastNumber = nil
    }

    package func entries(after number: Int64, limit: Int) throws(StoreError) -> [JournalEntry] {
        try transaction(isReadOnly: true) { connection throws(StoreError) in
            var entries: [JournalEntry] = []
            for values in try connection.rows(Statements.operations, [.integer(number), ColumnValue(limit)]) {
                var row = RowReader(columns: Self.columns, values: values)
                let number = try row.integer()
                let id = try row.optionalText().flatMap { RunID($0) }
                let fence = try row.optionalInteger() ?? 0
                let operation = JournalledOperation(
                    owned: id.map { OwnedRun(id: $0, fence: fence) }, recordedAt: try row.instant(),
                    version: Int(try row.integer()), payload: try row.text())
                entries.append(JournalEntry(number: number, operation: operation))
            }
            return entries
        }
    }

    package func backlog() throws(StoreError) -> JournalBacklog {
        try transaction(isReadOnly: true) { connection throws(StoreError) in
            guard let values = try connection.rows(Statements.backlog).first else {
                return JournalBacklog(count: 0, oldestAt: nil)
            }
            var row = RowReader(columns: ["count", "oldest"], values: values)
            return JournalBacklog(count: Int(try row.integer()), oldestAt: try row.optionalInstant())
        }
    }

    package nonisolated func remove(
        through number: Int64, settingAside problems: [Int64: String]
    ) async throws(StoreError) {
        try await write { _, connection throws(StoreError) in
            for (number, problem) in problems {
                try connection.change(Statements.setAside, [.integer(number), .text(problem)])
            }
            if !problems.isEmpty {
                try connection.change(Statements.pruneSetAside, [ColumnValue(JournalLimits.setAsideMax)])
            }
            try connection.change(Statements.removeOperations, [.integer(number)])
        }
    }
}

extension Statements {
    fileprivate static let appendOperation = """
        insert into journal (run_id, fence, recorded_at, version, payload) values (?, ?, ?, ?, ?)
        returning number
        """

    fileprivate static let operations = """
        select number, run_id, fence, recorded_at, version, payload from journal
        where problem is null and number > ? order by number limit ?
        """

    /// The clock may have been set back: the oldest is the one with the least number.
    fileprivate static let backlog = """
        select count(*), (select recorded_at from journal where problem is null order by number limit 1)
        from journal where problem is null
        """

    fileprivate static let lastNumber = "select seq from sqlite_sequence where name = 'journal'"
    fileprivate static let forgetLastNumber = "delete from sqlite_sequence where name = 'journal'"
    fileprivate static let setLastNumber = "insert into sqlite_sequence (name, seq) values ('journal', ?)"

    fileprivate static let removeOperations = "delete from journal where number <= ? and problem is null"

    fileprivate static let setAside = "update journal set problem = ?2 where number = ?1"

    fileprivate static let pruneSetAside = """
        delete from journal where problem is not null and number <= (
            select number from journal where problem is not null order by number desc limit 1 offset ?)
        """
}
