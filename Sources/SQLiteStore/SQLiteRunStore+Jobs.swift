package import CivilTime
package import RunModel

/// What jobs are, and whether they are held back.
extension SQLiteRunStore: PauseStore {
    package func register(
        _ jobs: [JobRegistration], by host: HostID?, now: Instant
    ) throws(StoreError) -> [JobName: RegisteredJob] {
        try transaction { connection throws(StoreError) in
            var known: [JobName: RegisteredJob] = [:]
            for job in jobs {
                try connection.change(Statements.introduce, [.text(job.job.description), .instant(now)])
                known[job.job] = try registered(job.job, connection).job
                if let host { try define(job, by: host, now: now, connection) }
                known[job.job]?.inForceSince = try inForceSince(job.job, connection)
            }
            guard let host else { return known }
            for values in try connection.rows(Statements.jobsOfHost, [.text(host.description)]) {
                var row = RowReader(columns: ["job"], values: values)
                let job = try row.jobName()
                guard known[job] == nil else { continue }
                try connection.change(Statements.withdraw, [.text(job.description), .instant(now)])
                try note(nil, of: job, by: host, now: now, connection)
            }
            return known
        }
    }

    package func pause(_ pause: Pause) throws(StoreError) {
        let pause = pause.storable
        try transaction { connection throws(StoreError) in
            _ = try connection.change(Statements.pause, pause.columnValues + [.text(pause.detail)])
        }
    }

    package func resume(_ scope: PauseScope) throws(StoreError) -> Pause? {
        try transaction { connection throws(StoreError) in
            let ended = try pauses(
                Statements.pausesOf, [.text(scope.key), .text(scope.key), .instant(now)], connection)
            try connection.change(Statements.resume, [.text(scope.key)])
            return ended.first
        }
    }

    package func pauses() throws(StoreError) -> [Pause] {
        try transaction(isReadOnly: true) { connection throws(StoreError) in
            try pauses(Statements.pauses, [.instant(now)], connection)
        }
    }

    /// The pause that holds the job back, if one does.
    func pause(of job: JobName, _ connection: SQLiteConnection) throws(StoreError) -> Pause? {
        try pauses(
            Statements.pausesOf,
            [.text(PauseScope.all.key), .text(job.description), .instant(now)], connection
        ).first
    }

    private func pauses(
        _ sql: String, _ parameters: [ColumnValue], _ connection: SQLiteConnection
    ) throws(StoreError) -> [Pause] {
        var pauses: [Pause] = []
        for values in try connection.rows(sql, parameters) {
            var row = RowReader(columns: Pause.columns, values: values)
            if let pause = try Pause(readingOptional: &row) { pauses.append(pause) }
        }
        return pauses
    }

    private func registered(
        _ job: JobName, _ connection: SQLiteConnection
    ) throws(StoreError) -> (job: RegisteredJob, zoneData: String?, since: Instant?) {
        guard let values = try connection.rows(Statements.watermark, [.text(job.description)]).first else {
            throw StoreError(.defect, "the job \(job) is not there after it was written")
        }
        var row = RowReader(columns: ["last_scheduled_for"], values: values)
        var registered = RegisteredJob(watermark: try row.instant())
        guard let values = try connection.rows(Statements.definition, [.text(job.description)]).first else {
            return (registered, nil, nil)
        }
        row = RowReader(columns: ["config_hash", "zone_data", "since"], values: values)
        registered.previousHash = try row.optionalText()
        return (registered, try row.optionalText(), try row.instant())
    }

    private func inForceSince(_ job: JobName, _ connection: SQLiteConnection) throws(StoreError) -> Instant? {
        guard let values = try connection.rows(Statements.inForceSince, [.text(job.description)]).first else {
            return nil
        }
        var row = RowReader(columns: ["since"], values: values)
        return try row.optionalInstant()
    }

    private func define(
        _ job: JobRegistration, by host: HostID, now: Instant, _ connection: SQLiteConnection
    ) throws(StoreError) {
        let (known, zoneData, _) = try registered(job.job, connection)
        if known.previousHash != job.configHash || zoneData != job.zoneData {
            try note(job, of: job.job, by: host, now: now, connection)
        }
        try connection.change(
            Statements.putInForce,
            [
                .text(job.job.description), .text(host.description),
                ColumnValue(job.overdueAfter.map { Int($0.wholeMicroseconds) }), .instant(now),
            ])
    }

    /// Notes a definition, or that there is none any more, later than the one before it.
    private func note(
        _ registration: JobRegistration?, of job: JobName, by host: HostID, now: Instant,
        _ connection: SQLiteConnection
    ) throws(StoreError) {
        let before = try registered(job, connection).since
        let since = before.map { max(now, $0 + .microseconds(1)) } ?? now
        try connection.change(
            Statements.define,
            [
                .text(job.description), .instant(since), ColumnValue(registration?.configHash),
                ColumnValue(registration?.zoneData), ColumnValue(registration?.definition),
                .text(host.description),
            ])
    }
}
