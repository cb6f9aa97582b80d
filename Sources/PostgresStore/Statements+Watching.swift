import Records

/// The statements on hosts and events: what there is to know beside the runs.
extension Statements {
    static let forgetHosts = """
        delete from almanac.hosts where seen_at < \(ago("$1"))
        """

    /// The row before tells of another instance, unless that has stopped or is known to be gone.
    static let seeHost = """
        with clock as materialized (select clock_timestamp() as now)
        insert into almanac.hosts (host, version, started_at, seen_at, clock_offset, catalog_hash, jobs, stopped_at,
            instance, other_seen_at)
        select given.host, given.version, given.started_at, now, at - now, given.catalog_hash, given.jobs,
            case when is_stopping then now end, given.instance,
            case when before.stopped_at is null
                and (before.instance, before.started_at) is distinct from (given.instance, given.started_at)
                and (former is null or before.instance is distinct from former)
            then before.seen_at else before.other_seen_at end
        from clock cross join jsonb_to_recordset($1::jsonb) as given (host text, version text,
            started_at timestamptz, at timestamptz, catalog_hash text, jobs integer, is_stopping boolean,
            instance text, former text)
        left join almanac.hosts as before on before.host = given.host
        on conflict (host) do update set version = excluded.version, started_at = excluded.started_at,
            seen_at = excluded.seen_at, clock_offset = excluded.clock_offset,
            catalog_hash = excluded.catalog_hash, jobs = excluded.jobs, stopped_at = excluded.stopped_at,
            instance = excluded.instance, other_seen_at = excluded.other_seen_at
        """

    static let hosts = """
        with silent as materialized (select \(ago("$1", from: "clock_timestamp()")) as since)
        select host, version, started_at, seen_at, (extract(epoch from clock_offset) * 1000000)::bigint,
            catalog_hash, jobs, stopped_at is not null, stopped_at is null and seen_at > since,
            case when other_seen_at > since then other_seen_at end,
            coalesce(delivering_until > clock_timestamp(), false)
        from almanac.hosts, silent order by host collate "C"
        """

    static let markHost = """
        update almanac.hosts
        set delivering_until = case when $2::bigint > 0
            then clock_timestamp() + $2::bigint * interval '1 microsecond' end
        where host = $1
        """

    static let setNextDue = """
        with given as (
            select * from jsonb_to_recordset($1::jsonb) as given (job text, next_due_at timestamptz,
                following_due_at timestamptz)
        ), changed as (
            select jobs.job, given.next_due_at, given.following_due_at from almanac.jobs join given on given.job = jobs.job
            where (jobs.next_due_at, jobs.following_due_at)
                is distinct from (given.next_due_at, given.following_due_at)
            order by jobs.job for update of jobs
        )
        update almanac.jobs
        set next_due_at = changed.next_due_at, following_due_at = changed.following_due_at
        from changed where jobs.job = changed.job
        """

    static let note = """
        insert into almanac.events (at, host, kind, job, detail)
        select distinct at, host, kind, job, detail from jsonb_populate_recordset(null::almanac.events, $1::jsonb) as given
        where not exists (select from almanac.events as known
            where known.at = given.at and known.host = given.host and known.kind = given.kind
                and known.job is not distinct from given.job and known.detail = given.detail)
        order by at
        """

    static let events = """
        select \(StoreEvent.columns.joined(separator: ", ")) from almanac.events
        where at >= $1::timestamptz and at < $2::timestamptz and ($3::text is null or job = $3 or job is null)
        order by at, event_id limit $4
        """

    static let newestEvents = """
        select \(StoreEvent.columns.joined(separator: ", ")) from almanac.events
        where kind = any ($2::text[]) and (job = $1 or job is null) order by at desc, event_id desc limit $3
        """

    static let definitions = """
        select \(StoredDefinition.columns.joined(separator: ", ")) from almanac.definitions
        where $1::text is null or job = $1 order by job collate "C", since
        """

    /// So many microseconds before an instant.
    static func ago(_ parameter: String, from now: String = "now()") -> String {
        "\(now) - \(parameter)::bigint * interval '1 microsecond'"
    }
}
