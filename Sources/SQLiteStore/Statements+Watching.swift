import Records

/// The statements on hosts, events and definitions.
extension Statements {
    static let forgetHosts = "delete from hosts where seen_at < ?"

    /// The row before tells of another instance, unless that has stopped or is known to be gone.
    static let seeHost = """
        insert into hosts (host, version, started_at, seen_at, clock_offset, catalog_hash, jobs, stopped_at, instance)
        values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        on conflict (host) do update set version = excluded.version, started_at = excluded.started_at,
            seen_at = excluded.seen_at, clock_offset = excluded.clock_offset,
            catalog_hash = excluded.catalog_hash, jobs = excluded.jobs, stopped_at = excluded.stopped_at,
            instance = excluded.instance,
            other_seen_at = case when hosts.stopped_at is null
                and (hosts.instance is not ?9 or hosts.started_at is not ?3)
                and (?10 is null or hosts.instance is not ?10)
            then hosts.seen_at else hosts.other_seen_at end
        """

    static let hosts = """
        select host, version, started_at, seen_at, clock_offset, catalog_hash, jobs, stopped_at is not null,
            stopped_at is null and seen_at > ?1, case when other_seen_at > ?1 then other_seen_at end,
            coalesce(delivering_until > ?2, 0)
        from hosts order by host
        """

    static let markHost = "update hosts set delivering_until = ?2 where host = ?1"

    static let setNextDue = "update jobs set next_due_at = ?2, following_due_at = ?3 where job = ?1"

    static let note = """
        insert into events (at, host, kind, job, detail) select ?1, ?2, ?3, ?4, ?5
        where not exists (select 1 from events where at = ?1 and host = ?2 and kind = ?3 and job is ?4
            and detail = ?5)
        """

    static let events = """
        select \(StoreEvent.columns.joined(separator: ", ")) from events
        where at >= ?1 and at < ?2 and (?3 is null or job = ?3 or job is null) order by at, event_id limit ?4
        """

    static let newestEvents = """
        select \(StoreEvent.columns.joined(separator: ", ")) from events
        where kind in (select value from json_each(?2)) and (job = ?1 or job is null)
        order by at desc, event_id desc limit ?3
        """

    private static let selectDefinitions =
        "select \(StoredDefinition.columns.joined(separator: ", ")) from definitions"
    static let definitions = "\(selectDefinitions) order by job, since"
    // A statement of its own: SQLite looks at no parameter before it chooses how to find rows.
    static let definitionsOfJob = "\(selectDefinitions) where job = ?1 order by since"
}
