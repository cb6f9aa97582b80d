import CivilTime
import Records
import RunModel

extension Statements {
    /// What a query asks for, and nothing else, so that an index can answer it.
    static func history(_ query: HistoryQuery) -> (sql: String, parameters: [ColumnValue]) {
        var conditions = ["true"]
        var parameters: [ColumnValue] = []
        if let job = query.job {
            conditions.append("job = ?")
            parameters.append(.text(job.description))
        }
        if let since = query.since {
            conditions.append("created_at >= ?")
            parameters.append(.instant(since))
        }
        if let until = query.until {
            conditions.append("created_at < ?")
            parameters.append(.instant(until))
        }
        if let outcome = query.outcome {
            // Said in the index's own words, for SQLite looks at no parameter before it chooses.
            if query.job == nil, outcome != .succeeded { conditions.append("outcome <> 'succeeded'") }
            conditions.append("outcome = ?")
            parameters.append(.text(outcome.rawValue))
        }
        if let before = query.before {
            conditions.append("(created_at, run_id) < (?, ?)")
            parameters += [.instant(before.createdAt), .text(before.id.description)]
        }
        let sql = """
            select \(runColumns) from runs where \(conditions.joined(separator: " and "))
            order by created_at desc, run_id desc limit ?
            """
        return (sql, parameters + [.integer(Int64(query.limit))])
    }
}
