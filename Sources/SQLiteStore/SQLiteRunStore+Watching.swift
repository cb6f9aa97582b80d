package import CivilTime
package import Records
package import RunModel

/// Which hosts are there: for the embedded store the one whose file it is.
extension SQLiteRunStore: HostStore, DeliveryStore {
    package func heartbeat(_ heartbeat: Heartbeat) throws(StoreError) -> [HostSighting] {
        try transaction { connection throws(StoreError) in
            let now = now
            try connection.change(Statements.forgetHosts, [.instant(now - HostSighting.memoryMax)])
            try connection.change(
                Statements.seeHost,
                [
                    .text(heartbeat.host.description), .text(heartbeat.version),
                    .instant(heartbeat.startedAt), .instant(now),
                    .integer((heartbeat.at - now).wholeMicroseconds), .text(heartbeat.catalogHash),
                    ColumnValue(heartbeat.jobs), heartbeat.isStopping ? .instant(now) : .null,
                    .text(heartbeat.instance.number), ColumnValue(heartbeat.instance.former),
                ])
            for (job, at) in heartbeat.nextDue.sorted(by: { $0.key < $1.key }) {
                try connection.change(
                    Statements.setNextDue,
                    [.text(job.description), ColumnValue(at), ColumnValue(heartbeat.followingDue[job])])
            }
            return try sightings(now: now, connection)
        }
    }

    package func hosts() throws(StoreError) -> [HostSighting] {
        try transaction(isReadOnly: true) { connection throws(StoreError) in
            try sightings(now: now, connection)
        }
    }

    package func mark(_ host: HostID, deliveringFor lease: Duration) throws(StoreError) {
        try transaction { connection throws(StoreError) in
            let until: ColumnValue = lease > .zero ? .instant(now + lease) : .null
            _ = try connection.change(Statements.markHost, [.text(host.description), until])
        }
    }

    private func sightings(
        now: Instant, _ connection: SQLiteConnection
    ) throws(StoreError) -> [HostSighting] {
        try HostSighting.reading(
            connection.rows(Statements.hosts, [.instant(now - HostSighting.silenceMax), .instant(now)]))
    }
}

/// What happened beside the runs.
extension SQLiteRunStore: EventStore {
    func keep(_ events: [StoreEvent]) throws(StoreError) {
        try transaction { connection throws(StoreError) in
            for event in events { try connection.change(Statements.note, event.columnValues) }
        }
    }

    package func events(
        from: Instant, until: Instant, job: JobName?, limit: Int
    ) throws(StoreError) -> [StoreEvent] {
        precondition(limit >= 1, "a limit of \(limit) asks for nothing")
        return try transaction(isReadOnly: true) { connection throws(StoreError) in
            try StoreEvent.reading(
                connection.rows(
                    Statements.events,
                    [.instant(from), .instant(until), ColumnValue(job?.description), ColumnValue(limit)]))
        }
    }

    package func definitions(of job: JobName?) throws(StoreError) -> [StoredDefinition] {
        try transaction(isReadOnly: true) { connection throws(StoreError) in
            let rows =
                if let job {
                    try connection.rows(Statements.definitionsOfJob, [.text(job.description)])
                } else {
                    try connection.rows(Statements.definitions)
                }
            return try StoredDefinition.reading(rows)
        }
    }
}
