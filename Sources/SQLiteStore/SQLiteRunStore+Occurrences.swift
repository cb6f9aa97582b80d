package import CivilTime
package import Records
package import RunModel

/// What those ask who check or explain what was recorded.
extension SQLiteRunStore: ReadingStore {
    package func occurrences(
        of job: JobName, after: Instant, through: Instant, limit: Int
    ) throws(StoreError) -> [OccurrenceRow] {
        precondition(limit >= 1, "a limit of \(limit) asks for nothing")
        return try occurrences(
            Statements.occurrences,
            [.text(job.description), .instant(after), .instant(through), ColumnValue(limit)])
    }

    package func occurrences(
        of job: JobName, covering instant: Instant
    ) throws(StoreError) -> [OccurrenceRow] {
        try occurrences(Statements.covering, [.text(job.description), .instant(instant)])
    }

    package func lastOccurrence(
        of job: JobName, notAfter instant: Instant
    ) throws(StoreError) -> OccurrenceRow? {
        try occurrences(Statements.lastOccurrence, [.text(job.description), .instant(instant)]).first
    }

    package func backfills(
        of job: JobName, from: Instant, through: Instant, limit: Int
    ) throws(StoreError) -> [RunRecord] {
        precondition(limit >= 1, "a limit of \(limit) asks for nothing")
        return try transaction(isReadOnly: true) { connection throws(StoreError) in
            try RunRecord.reading(
                connection.rows(
                    Statements.backfills,
                    [.text(job.description), .instant(from), .instant(through), ColumnValue(limit)]))
        }
    }

    package func prunedUntil(of job: JobName) throws(StoreError) -> Instant? {
        try transaction(isReadOnly: true) { connection throws(StoreError) in
            let rows = try connection.rows(Statements.prunedUntil, [.text(job.description)])
            guard let values = rows.first else { return nil }
            var row = RowReader(columns: ["pruned_until"], values: values)
            return try row.optionalInstant()
        }
    }

    package func runs(from first: RunID, through last: RunID, limit: Int) throws(StoreError) -> [RunID] {
        try transaction(isReadOnly: true) { connection throws(StoreError) in
            try RunID.reading(
                connection.rows(
                    Statements.runsBetween,
                    [.text(first.description), .text(last.description), ColumnValue(limit)]))
        }
    }

    package func marks(of jobs: [JobName], until: Instant, limit: Int) throws(StoreError) -> [RunMark] {
        try marks(
            jobs.map { [.text($0.description), .instant(until), ColumnValue(limit)] }, Statements.lastMarks)
    }

    package func marks(
        of jobs: [JobName], ended outcomes: [Outcome], since: Instant, limit: Int
    ) throws(StoreError) -> [RunMark] {
        let asked = jobs.flatMap { job in
            outcomes.map { outcome -> [ColumnValue] in
                [
                    .text(job.description), .text(outcome.rawValue), .instant(since),
                    ColumnValue(limit),
                ]
            }
        }
        return try marks(asked, Statements.endedMarks)
    }

    private func marks(_ asked: [[ColumnValue]], _ sql: String) throws(StoreError) -> [RunMark] {
        try transaction(isReadOnly: true) { connection throws(StoreError) in
            var marks: [RunMark] = []
            for parameters in asked { marks += try RunMark.reading(connection.rows(sql, parameters)) }
            return marks
        }
    }

    package func newestEvents(
        of job: JobName, _ kinds: [StoreEvent.Kind], limit: Int
    ) throws(StoreError) -> [StoreEvent] {
        let words = JSONValue.array(kinds.map { .string($0.rawValue) }).description
        return try transaction(isReadOnly: true) { connection throws(StoreError) in
            try StoreEvent.reading(
                connection.rows(
                    Statements.newestEvents, [.text(job.description), .text(words), ColumnValue(limit)]))
        }
    }

    package func tally(since: Instant, limit: Int) throws(StoreError) -> Tally {
        try transaction(isReadOnly: true) { connection throws(StoreError) in
            Tally(
                try TallyRow.reading(
                    connection.rows(Statements.tally, [.instant(since), ColumnValue(limit)])), limit: limit)
        }
    }

    private func occurrences(
        _ sql: String, _ parameters: [ColumnValue]
    ) throws(StoreError) -> [OccurrenceRow] {
        try transaction(isReadOnly: true) { connection throws(StoreError) in
            try OccurrenceRow.reading(connection.rows(sql, parameters))
        }
    }
}
