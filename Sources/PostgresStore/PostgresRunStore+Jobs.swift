import CivilTime
package import Records
package import RunModel

/// What jobs are, and whether they are held back.
extension PostgresRunStore: PauseStore {
    func makeKnown(
        _ jobs: [JobRegistration], by host: HostID?, now: Instant
    ) throws(StoreError) -> [JobName: RegisteredJob] {
        let rows = jobs.map { job -> [ColumnValue] in
            [
                .text(job.job.description), .text(job.configHash), ColumnValue(job.zoneData),
                ColumnValue(job.definition),
                ColumnValue(job.overdueAfter.map { microseconds($0) + " microseconds" }), .instant(now),
                .instant(job.decidedUntil ?? now), .instant(job.knownSince ?? job.decidedUntil ?? now),
            ]
        }
        let columns = [
            "job", "config_hash", "zone_data", "definition", "overdue_after", "at", "decided_until",
            "known_since",
        ]
        let given = JSONText.array(columns: columns, rows: rows)
        var lock: [Statement] = []
        var changes: [Statement] = []
        if let host {
            let parameters = [given, host.description]
            lock = [Statement(sql: Statements.lockRegistered, parameters: parameters)]
            changes = [
                Statement(sql: Statements.define, parameters: parameters),
                Statement(sql: Statements.withdraw, parameters: parameters + [now.timestamptz]),
                Statement(sql: Statements.putInForce, parameters: parameters),
            ]
        }
        let answers = try transaction(
            [Statement(sql: Statements.introduce, parameters: [given])] + lock
                + [Statement(sql: Statements.registered, parameters: [given])] + changes
                + [Statement(sql: Statements.inForceSince, parameters: [given])])
        var known: [JobName: RegisteredJob] = [:]
        for values in answers[1 + lock.count] {
            var row = RowReader(columns: ["job", "last_scheduled_for", "config_hash"], values: values)
            let job = try row.jobName()
            known[job] = RegisteredJob(watermark: try row.instant(), previousHash: try row.optionalText())
        }
        for values in answers.last ?? [] {
            var row = RowReader(columns: ["job", "since"], values: values)
            known[try row.jobName()]?.inForceSince = try row.instant()
        }
        return known
    }

    package func pause(_ pause: Pause) throws(StoreError) {
        let given = JSONText.array(
            columns: Pause.columns + ["detail"],
            rows: [pause.storable.columnValues + [.text(pause.storable.detail)]])
        _ = try transaction(Statement(sql: Statements.pause, parameters: [given]))
    }

    package func resume(_ scope: PauseScope) throws(StoreError) -> Pause? {
        try pauses(transaction(Statement(sql: Statements.resume, parameters: [scope.key]))[0]).first
    }

    package func pauses() throws(StoreError) -> [Pause] {
        try pauses(transaction(Statement(sql: Statements.pauses), isReadOnly: true)[0])
    }

    func pauses(_ rows: [[ColumnValue]]) throws(StoreError) -> [Pause] {
        var pauses: [Pause] = []
        for values in rows {
            var row = RowReader(columns: Pause.columns, values: values)
            if let pause = try Pause(readingOptional: &row) { pauses.append(pause) }
        }
        return pauses
    }
}
