package import CivilTime
package import RunModel

/// What an owner writes about its runs: each a compare-and-set on identity, fence and a state that is not
/// finished.
extension PostgresRunStore {
    package func startAttempt(_ owned: OwnedRun, number: Int, at: Instant) throws(StoreError) -> Bool {
        try change(
            owned, Statements.startAttempt, ["attempts": ColumnValue(number), "started_at": .instant(at)],
            attempt: AttemptRecord(number: number, startedAt: at))
    }

    package func awaitRetry(
        _ owned: OwnedRun, attempt: AttemptRecord, retryAt: Instant
    ) throws(StoreError) -> Bool {
        try change(
            owned, Statements.awaitRetry,
            ["retry_at": .instant(retryAt), "http_status": ColumnValue(attempt.httpStatus)],
            attempt: attempt.storable)
    }

    package func finish(_ owned: OwnedRun, _ completion: Completion) throws(StoreError) -> Bool {
        let end = completion.storable
        return try change(
            owned, Statements.finish,
            [
                "outcome": .text(end.outcome.rawValue), "reason": ColumnValue(end.reason?.rawValue),
                "detail": ColumnValue(end.detail), "finished_at": .instant(end.finishedAt),
                "http_status": ColumnValue(end.httpStatus), "response_bytes": ColumnValue(end.responseBytes),
                "response_excerpt": ColumnValue(end.responseExcerpt),
            ], attempt: end.attempt)
    }

    package func renew(_ owned: [OwnedRun], lease: Duration) throws(StoreError) -> [RunID] {
        let given = JSONText.array(columns: ["run_id", "fence"], rows: owned.map(key))
        let answers = try transaction(
            Statement(sql: Statements.renew, parameters: [given, microseconds(lease)]))
        var kept: Set<RunID> = []
        for values in answers[0] {
            var row = RowReader(columns: ["run_id"], values: values)
            kept.insert(try row.runID())
        }
        return owned.map(\.id).filter { !kept.contains($0) }
    }

    private func change(
        _ owned: OwnedRun, _ sql: String, _ values: KeyValuePairs<String, ColumnValue>,
        attempt: AttemptRecord?
    ) throws(StoreError) -> Bool {
        let run = JSONText.array(
            columns: ["run_id", "fence"] + values.map(\.key), rows: [key(owned) + values.map(\.value)])
        let attempts = JSONText.array(
            columns: ["run_id"] + AttemptRecord.columns,
            rows: attempt.map { [[.text(owned.id.description)] + $0.columnValues] } ?? [])
        return try !transaction(Statement(sql: sql, parameters: [run, attempts]))[0].isEmpty
    }

    private func key(_ owned: OwnedRun) -> [ColumnValue] {
        [.text(owned.id.description), .integer(owned.fence)]
    }
}
