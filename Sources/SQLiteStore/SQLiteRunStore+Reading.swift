package import CivilTime
package import Records
package import RunModel

/// The methods that only read.
extension SQLiteRunStore: HistoryStore {
    package func history(_ query: HistoryQuery) throws(StoreError) -> [RunRecord] {
        precondition(query.limit >= 1, "a limit of \(query.limit) asks for nothing")
        return try transaction(isReadOnly: true) { connection throws(StoreError) in
            let statement = Statements.history(query)
            return try records(statement.sql, statement.parameters, connection)
        }
    }

    package func holdings(of runs: [RunID]) throws(StoreError) -> [RunHolding] {
        try transaction(isReadOnly: true) { connection throws(StoreError) in
            let ids = JSONValue.array(runs.map { .string($0.description) }).description
            return try RunHolding.reading(connection.rows(Statements.holdings, [.text(ids)]))
        }
    }

    package func run(
        _ id: RunID
    ) throws(StoreError) -> (record: RunRecord, attempts: [AttemptRecord])? {
        try transaction(isReadOnly: true) { connection throws(StoreError) in
            let key = [ColumnValue.text(id.description)]
            guard let record = try records(Statements.run, key, connection).first else { return nil }
            return (record, try AttemptRecord.reading(connection.rows(Statements.attempts, key)))
        }
    }

    package func summaries(until now: Instant) throws(StoreError) -> [JobSummary] {
        try transaction(isReadOnly: true) { connection throws(StoreError) in
            try summaries(connection.rows(Statements.jobs), until: now, connection)
        }
    }

    package func summaries(of jobs: [JobName], until now: Instant) throws(StoreError) -> [JobSummary] {
        try transaction(isReadOnly: true) { connection throws(StoreError) in
            var rows: [[ColumnValue]] = []
            for job in jobs.sorted() { rows += try connection.rows(Statements.job, [.text(job.description)]) }
            return try summaries(rows, until: now, connection)
        }
    }

    package func changes(
        since: Instant, byOthersThan host: HostID, until now: Instant
    ) throws(StoreError) -> StoreChanges {
        try transaction(isReadOnly: true) { connection throws(StoreError) in
            let jobs = try connection.rows(
                Statements.changedJobs, [.instant(since), .text(host.description)])
            var liveRuns = 0
            for values in try connection.rows(Statements.liveRuns) {
                var row = RowReader(columns: ["live_runs"], values: values)
                liveRuns = Int(try row.integer())
            }
            return StoreChanges(
                summaries: try summaries(jobs, until: now, connection), liveRuns: liveRuns,
                pauses: try pauses(connection),
                rewound: try JobName.instants(
                    reading: connection.rows(Statements.rewoundJobs, [.instant(since)])))
        }
    }

    private func summaries(
        _ jobs: [[ColumnValue]], until now: Instant, _ connection: SQLiteConnection
    ) throws(StoreError) -> [JobSummary] {
        var summaries: [JobSummary] = []
        for values in jobs {
            var row = RowReader(columns: ["job", "last_scheduled_for", "live_runs"], values: values)
            let job = try row.jobName()
            let key = [ColumnValue.text(job.description), .instant(now)]
            summaries.append(
                JobSummary(
                    job: job, watermark: try row.instant(),
                    lastRun: try records(Statements.lastRun, key, connection).first,
                    lastSuccess: try records(Statements.lastSuccess, key, connection).first,
                    lastOccurrence: try records(Statements.newestOccurrence, key, connection).first,
                    liveRuns: Int(try row.integer())))
        }
        return summaries
    }

    private func records(
        _ sql: String, _ parameters: [ColumnValue], _ connection: SQLiteConnection
    ) throws(StoreError) -> [RunRecord] {
        try RunRecord.reading(connection.rows(sql, parameters))
    }
}
