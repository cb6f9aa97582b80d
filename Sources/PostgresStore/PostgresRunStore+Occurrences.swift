package import CivilTime
package import Records
package import RunModel

/// What those ask who check or explain what was recorded.
extension PostgresRunStore: ReadingStore {
    package func occurrences(
        of job: JobName, after: Instant, through: Instant, limit: Int
    ) throws(StoreError) -> [OccurrenceRow] {
        precondition(limit >= 1, "a limit of \(limit) asks for nothing")
        return try occurrences(
            Statements.occurrences,
            [job.description, after.timestamptz, through.timestamptz, String(limit)])
    }

    package func occurrences(
        of job: JobName, covering instant: Instant
    ) throws(StoreError) -> [OccurrenceRow] {
        try occurrences(Statements.covering, [job.description, instant.timestamptz])
    }

    package func lastOccurrence(
        of job: JobName, notAfter instant: Instant
    ) throws(StoreError) -> OccurrenceRow? {
        try occurrences(Statements.lastOccurrence, [job.description, instant.timestamptz]).first
    }

    package func backfills(
        of job: JobName, from: Instant, through: Instant, limit: Int
    ) throws(StoreError) -> [RunRecord] {
        precondition(limit >= 1, "a limit of \(limit) asks for nothing")
        let statement = Statement(
            sql: Statements.backfills,
            parameters: [job.description, from.timestamptz, through.timestamptz, String(limit)])
        return try RunRecord.reading(transaction(statement, isReadOnly: true)[0])
    }

    package func prunedUntil(of job: JobName) throws(StoreError) -> Instant? {
        let statement = Statement(sql: Statements.prunedUntil, parameters: [job.description])
        guard let values = try transaction(statement, isReadOnly: true)[0].first else { return nil }
        var row = RowReader(columns: ["pruned_until"], values: values)
        return try row.optionalInstant()
    }

    package func runs(from first: RunID, through last: RunID, limit: Int) throws(StoreError) -> [RunID] {
        let statement = Statement(
            sql: Statements.runsBetween, parameters: [first.description, last.description, String(limit)])
        return try RunID.reading(transaction(statement, isReadOnly: true)[0])
    }

    package func marks(of jobs: [JobName], until: Instant, limit: Int) throws(StoreError) -> [RunMark] {
        let statement = Statement(
            sql: Statements.lastMarks,
            parameters: [Statements.array(jobs.map(\.description)), until.timestamptz, String(limit)])
        return try RunMark.reading(transaction(statement, isReadOnly: true)[0])
    }

    package func marks(
        of jobs: [JobName], ended outcomes: [Outcome], since: Instant, limit: Int
    ) throws(StoreError) -> [RunMark] {
        let statement = Statement(
            sql: Statements.endedMarks,
            parameters: [
                Statements.array(jobs.map(\.description)), Statements.array(outcomes.map(\.rawValue)),
                since.timestamptz, String(limit),
            ])
        return try RunMark.reading(transaction(statement, isReadOnly: true)[0])
    }

    package func newestEvents(
        of job: JobName, _ kinds: [StoreEvent.Kind], limit: Int
    ) throws(StoreError) -> [StoreEvent] {
        let statement = Statement(
            sql: Statements.newestEvents,
            parameters: [job.description, Statements.array(kinds.map(\.rawValue)), String(limit)])
        return try StoreEvent.reading(transaction(statement, isReadOnly: true)[0])
    }

    package func tally(since: Instant, limit: Int) throws(StoreError) -> Tally {
        let statement = Statement(sql: Statements.tally, parameters: [since.timestamptz, String(limit)])
        return Tally(try TallyRow.reading(transaction(statement, isReadOnly: true)[0]), limit: limit)
    }

    private func occurrences(
        _ sql: String, _ parameters: [String]
    ) throws(StoreError) -> [OccurrenceRow] {
        let statement = Statement(sql: sql, parameters: parameters)
        return try OccurrenceRow.reading(transaction(statement, isReadOnly: true)[0])
    }
}
