package import Records

extension PostgresRunStore: RetentionStore {
    package func prune(_ retention: Retention, limit: Int) throws(StoreError) -> Pruning {
        precondition(limit >= 1, "a limit of \(limit) takes nothing")
        let statements = [
            (Statements.pruneRuns, retention.runs), (Statements.pruneAttempts, retention.attempts),
            (Statements.pruneExcerpts, retention.excerpts), (Statements.pruneEvents, retention.runs),
            (Statements.pruneDefinitions, retention.runs),
        ].map { Statement(sql: $0.0, parameters: [microseconds($0.1), String(limit)]) }
        var counts: [Int] = []
        for rows in try transaction(statements).dropLast() {
            var row = RowReader(columns: ["count"], values: rows.first ?? [.null])
            counts.append(Int(try row.integer()))
        }
        return Pruning(runs: counts[0], attempts: counts[1], excerpts: counts[2], events: counts[3])
    }
}
