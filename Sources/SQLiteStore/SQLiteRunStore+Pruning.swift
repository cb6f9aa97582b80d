import CivilTime
package import Records
import RunModel

extension SQLiteRunStore: RetentionStore {
    package func prune(_ retention: Retention, limit: Int) throws(StoreError) -> Pruning {
        precondition(limit >= 1, "a limit of \(limit) takes nothing")
        return try transaction { connection throws(StoreError) in
            let now = now
            let runs = try pruneRuns(before: now - retention.runs, limit: limit, connection)
            func take(_ sql: String, _ age: Duration) throws(StoreError) -> Int {
                try connection.change(sql, [.instant(now - age), ColumnValue(limit)])
            }
            let pruning = Pruning(
                runs: runs, attempts: try take(Statements.pruneAttempts, retention.attempts),
                excerpts: try take(Statements.pruneExcerpts, retention.excerpts),
                events: try take(Statements.pruneEvents, retention.runs))
            _ = try take(Statements.pruneDefinitions, retention.runs)
            return pruning
        }
    }

    /// Deletes runs that ended, with their attempts.
    private func pruneRuns(
        before: Instant, limit: Int, _ connection: SQLiteConnection
    ) throws(StoreError) -> Int {
        let rows = try connection.rows(Statements.oldRuns, [.instant(before), ColumnValue(limit)])
        for values in rows {
            var row = RowReader(columns: ["run_id", "job", "scheduled_until"], values: values)
            try connection.change(Statements.deleteRun, [.text(try row.runID().description)])
            let job = try row.jobName()
            if let decided = try row.optionalInstant() {
                try connection.change(Statements.raisePruned, [.text(job.description), .instant(decided)])
            }
        }
        return rows.count
    }
}
