package import CivilTime
package import Records
package import RunModel

/// Which hosts are there.
extension PostgresRunStore: HostStore, DeliveryStore {
    package func heartbeat(_ heartbeat: Heartbeat) throws(StoreError) -> [HostSighting] {
        let given = JSONText.array(
            columns: [
                "host", "version", "started_at", "at", "catalog_hash", "jobs", "is_stopping", "instance",
                "former",
            ],
            rows: [
                [
                    .text(heartbeat.host.description), .text(heartbeat.version),
                    .instant(heartbeat.startedAt), .instant(heartbeat.at), .text(heartbeat.catalogHash),
                    ColumnValue(heartbeat.jobs), .boolean(heartbeat.isStopping),
                    .text(heartbeat.instance.number), ColumnValue(heartbeat.instance.former),
                ]
            ])
        let answers = try transaction(
            Statement(sql: Statements.forgetHosts, parameters: [microseconds(HostSighting.memoryMax)]),
            Statement(sql: Statements.seeHost, parameters: [given]), allHosts)
        // In a transaction of its own: whoever holds a job's row does not make the host look dead.
        try setNextDue(heartbeat)
        return try HostSighting.reading(answers[2])
    }

    package func hosts() throws(StoreError) -> [HostSighting] {
        try HostSighting.reading(try transaction(allHosts, isReadOnly: true)[0])
    }

    package func mark(_ host: HostID, deliveringFor lease: Duration) throws(StoreError) {
        _ = try transaction(
            Statement(
                sql: Statements.markHost, parameters: [host.description, String(lease.wholeMicroseconds)]))
    }

    private var allHosts: Statement {
        Statement(sql: Statements.hosts, parameters: [microseconds(HostSighting.silenceMax)])
    }

    private func setNextDue(_ heartbeat: Heartbeat) throws(StoreError) {
        guard !heartbeat.nextDue.isEmpty else { return }
        let rows = heartbeat.nextDue.sorted { $0.key < $1.key }.map { job, at -> [ColumnValue] in
            [.text(job.description), ColumnValue(at), ColumnValue(heartbeat.followingDue[job])]
        }
        let given = JSONText.array(columns: ["job", "next_due_at", "following_due_at"], rows: rows)
        _ = try transaction(Statement(sql: Statements.setNextDue, parameters: [given]))
    }

}

/// What happened beside the runs.
extension PostgresRunStore: EventStore {
    func keep(_ events: [StoreEvent]) throws(StoreError) {
        let given = JSONText.array(columns: StoreEvent.columns, rows: events.map(\.columnValues))
        _ = try transaction(Statement(sql: Statements.note, parameters: [given]))
    }

    package func events(
        from: Instant, until: Instant, job: JobName?, limit: Int
    ) throws(StoreError) -> [StoreEvent] {
        precondition(limit >= 1, "a limit of \(limit) asks for nothing")
        let statement = Statement(
            sql: Statements.events,
            parameters: [from.timestamptz, until.timestamptz, job?.description, String(limit)])
        return try StoreEvent.reading(transaction(statement, isReadOnly: true)[0])
    }

    package func definitions(of job: JobName?) throws(StoreError) -> [StoredDefinition] {
        let statement = Statement(sql: Statements.definitions, parameters: [job?.description])
        return try StoredDefinition.reading(transaction(statement, isReadOnly: true)[0])
    }
}
