package import CivilTime
package import Records
package import RunModel

/// The methods that only read.
extension PostgresRunStore: HistoryStore {
    package func history(_ query: HistoryQuery) throws(StoreError) -> [RunRecord] {
        precondition(query.limit >= 1, "a limit of \(query.limit) asks for nothing")
        let answers = try transaction(Statements.history(query), isReadOnly: true)
        return try RunRecord.reading(answers[0])
    }

    package func holdings(of runs: [RunID]) throws(StoreError) -> [RunHolding] {
        let statement = Statement(
            sql: Statements.holdings, parameters: [Statements.array(runs.map(\.description))])
        return try RunHolding.reading(transaction(statement, isReadOnly: true)[0])
    }

    package func run(
        _ id: RunID
    ) throws(StoreError) -> (record: RunRecord, attempts: [AttemptRecord])? {
        let answers = try transaction(
            Statement(sql: Statements.run, parameters: [id.description]),
            Statement(sql: Statements.attempts, parameters: [id.description]), isReadOnly: true)
        guard let record = try RunRecord.reading(answers[0]).first else { return nil }
        return (record, try AttemptRecord.reading(answers[1]))
    }

    package func summaries(until now: Instant) throws(StoreError) -> [JobSummary] {
        try summaries(ofAny: nil, until: now)
    }

    package func summaries(of jobs: [JobName], until now: Instant) throws(StoreError) -> [JobSummary] {
        try summaries(ofAny: jobs, until: now)
    }

    package func changes(
        since: Instant, byOthersThan host: HostID, until now: Instant
    ) throws(StoreError) -> StoreChanges {
        let changed = Statement(
            sql: Statements.changedJobs, parameters: [since.timestamptz, host.description])
        let answers = try transaction(
            changed, Statement(sql: Statements.liveRuns), Statement(sql: Statements.pauses),
            Statement(sql: Statements.rewoundJobs, parameters: [since.timestamptz]), isReadOnly: true)
        var jobs: [JobName] = []
        for values in answers[0] {
            var row = RowReader(columns: ["job"], values: values)
            jobs.append(try row.jobName())
        }
        var liveRuns = 0
        for values in answers[1] {
            var row = RowReader(columns: ["live_runs"], values: values)
            liveRuns = Int(try row.integer())
        }
        return StoreChanges(
            summaries: jobs.isEmpty ? [] : try summaries(ofAny: jobs, until: now), liveRuns: liveRuns,
            pauses: try pauses(answers[2]), rewound: try JobName.instants(reading: answers[3]))
    }

    /// The summaries of some jobs; nil: of all.
    private func summaries(ofAny jobs: [JobName]?, until now: Instant) throws(StoreError) -> [JobSummary] {
        let rows = [Statements.lastRuns, Statements.lastSuccesses, Statements.lastOccurrences]
        let names = jobs.map { Statements.array($0.map(\.description)) }
        let answers = try transaction(
            [Statement(sql: Statements.jobs, parameters: [names])]
                + rows.map { Statement(sql: $0, parameters: [now.timestamptz, names]) },
            isReadOnly: true)
        let lastRuns = try byJob(answers[1])
        let lastSuccesses = try byJob(answers[2])
        let lastOccurrences = try byJob(answers[3])
        var summaries: [JobSummary] = []
        for values in answers[0] {
            var row = RowReader(columns: ["job", "last_scheduled_for", "live_runs"], values: values)
            let job = try row.jobName()
            summaries.append(
                JobSummary(
                    job: job, watermark: try row.instant(), lastRun: lastRuns[job],
                    lastSuccess: lastSuccesses[job], lastOccurrence: lastOccurrences[job],
                    liveRuns: Int(try row.integer())))
        }
        return summaries
    }

    private func byJob(_ rows: [[ColumnValue]]) throws(StoreError) -> [JobName: RunRecord] {
        var records: [JobName: RunRecord] = [:]
        for record in try RunRecord.reading(rows) { records[record.job] = record }
        return records
    }
}
