import CivilTime
package import Records
package import RunModel

/// What jobs are, and whether they are held back.
extension SQLiteRunStore: PauseStore {
    func makeKnown(
        _ jobs: [JobRegistration], by host: HostID?, now: Instant
    ) throws(StoreError) -> [JobName: RegisteredJob] {
        try transaction { connection throws(StoreError) in
            var known: [JobName: RegisteredJob] = [:]
            known.reserveCapacity(jobs.count)
            // In the order of the names new rows fill the pages of the file one after the other.
            for job in jobs.sorted(by: { $0.job < $1.job }) {
                known[job.job] = try register(job, by: host, now: now, connection)
            }
            if let host { try withdraw(otherThan: known, of: host, now: now, connection) }
            return known
        }
    }

    /// Writes what the file does not say of a job already, and answers what it said.
    private func register(
        _ job: JobRegistration, by host: HostID?, now: Instant, _ connection: SQLiteConnection
    ) throws(StoreError) -> RegisteredJob {
        let overdueAfter = ColumnValue(job.overdueAfter.map { Int($0.wholeMicroseconds) })
        guard let before = try stored(job.job, connection) else {
            let since = job.decidedUntil ?? now
            try connection.change(
                Statements.introduce,
                [
                    .text(job.job.description), .instant(since), ColumnValue(host?.description),
                    host == nil ? .null : overdueAfter,
                ])
            let begin = job.knownSince ?? since
            if let host { try note(job, of: job.job, since: begin, by: host, connection) }
            return RegisteredJob(watermark: since, inForceSince: host == nil ? nil : begin)
        }
        var known = before.job
        guard let host else { return known }
        if known.previousHash != job.configHash || before.zoneData != job.zoneData {
            let since = before.next(now)
            try note(job, of: job.job, since: since, by: host, connection)
            if known.previousHash != job.configHash { known.inForceSince = since }
        }
        if before.host != host.description || before.overdueAfter != overdueAfter {
            try connection.change(
                Statements.putInForce,
                [.text(job.job.description), .text(host.description), overdueAfter, .instant(now)])
        }
        return known
    }

    /// Notes that jobs of the host that are not `known` are not its any more.
    private func withdraw(
        otherThan known: [JobName: RegisteredJob], of host: HostID, now: Instant,
        _ connection: SQLiteConnection
    ) throws(StoreError) {
        let key = [ColumnValue.text(host.description)]
        // Those that are known are the host's by now: mostly they are all of its jobs.
        if try connection.rows(Statements.countJobsOfHost, key).first == [.integer(Int64(known.count))] {
            return
        }
        for values in try connection.rows(Statements.jobsOfHost, key) {
            var row = RowReader(columns: ["job"], values: values)
            let job = try row.jobName()
            guard known[job] == nil else { continue }
            try connection.change(Statements.withdraw, [.text(job.description), .instant(now)])
            let since = try stored(job, connection)?.next(now) ?? now
            try note(nil, of: job, since: since, by: host, connection)
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
        try transaction(isReadOnly: true) { connection throws(StoreError) in try pauses(connection) }
    }

    func pauses(_ connection: SQLiteConnection) throws(StoreError) -> [Pause] {
        try pauses(Statements.pauses, [.instant(now)], connection)
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

    /// What the file says of a job.
    private struct StoredJob {
        static let columns = [
            "last_scheduled_for", "config_hash", "in_force_since", "zone_data", "since", "host",
            "overdue_after",
        ]

        var job: RegisteredJob
        var zoneData: String?
        /// When its newest definition was noted; nil when none was.
        var since: Instant?
        var host: String?
        var overdueAfter: ColumnValue

        /// When another definition is noted at `now`: later than the one before it.
        func next(_ now: Instant) -> Instant {
            since.map { max(now, $0 + .microseconds(1)) } ?? now
        }
    }

    private func stored(_ job: JobName, _ connection: SQLiteConnection) throws(StoreError) -> StoredJob? {
        guard let values = try connection.rows(Statements.stored, [.text(job.description)]).first else {
            return nil
        }
        var row = RowReader(columns: StoredJob.columns, values: values)
        return StoredJob(
            job: RegisteredJob(
                watermark: try row.instant(), previousHash: try row.optionalText(),
                inForceSince: try row.optionalInstant()),
            zoneData: try row.optionalText(), since: try row.optionalInstant(), host: try row.optionalText(),
            overdueAfter: ColumnValue(try row.optionalInteger().map(Int.init)))
    }

    /// Notes a definition, or that there is none any more.
    private func note(
        _ registration: JobRegistration?, of job: JobName, since: Instant, by host: HostID,
        _ connection: SQLiteConnection
    ) throws(StoreError) {
        try connection.change(
            Statements.define,
            [
                .text(job.description), .instant(since), ColumnValue(registration?.configHash),
                ColumnValue(registration?.zoneData), ColumnValue(registration?.definition),
                .text(host.description),
            ])
    }
}
