import CivilTime
import Records
import RunModel

/// The statements on jobs: what they are, and whether they are held back.
extension Statements {
    /// Makes jobs known by their names alone; one that is known stays as it is.
    static let introduce = """
        insert into almanac.jobs (job, last_scheduled_for, created_at)
        select job, decided_until, least(now(), known_since) from \(registrations) order by job
        on conflict (job) do nothing
        """

    /// Makes other hosts wait which start at the same time, so that they find what this one notes, and locks whatever is
    /// changed in one order.
    static let lockRegistered = """
        select from almanac.jobs
        where job in (select job from \(registrations)) or host = $2 order by job for update
        """

    /// What was known of the jobs before their definitions are written.
    static let registered = """
        select jobs.job, jobs.last_scheduled_for, \(inForce("jobs.job", "config_hash"))
        from almanac.jobs where job in (select job from \(registrations))
        """

    /// Notes the definitions that were not in force before.
    static let define = """
        insert into almanac.definitions (job, since, config_hash, zone_data, definition, host)
        select job, coalesce((select greatest(given.at, max(since) + interval '1 microsecond')
                from almanac.definitions as other where other.job = given.job having count(*) > 0), known_since),
            config_hash, zone_data, definition, $2
        from \(registrations)
        where (config_hash, zone_data) is distinct from
            (\(inForce("given.job", "config_hash")), \(inForce("given.job", "zone_data")))
        """

    /// Notes that the jobs of this host which are not among these were taken out.
    static let withdraw = """
        with gone as (
            update almanac.jobs set host = null, next_due_at = null, following_due_at = null, overdue_after = null,
                updated_at = now()
            where host = $2 and job not in (select job from \(registrations))
            returning job
        )
        insert into almanac.definitions (job, since, host)
        select job, greatest(\(notAhead("$3::timestamptz")), (select max(since) + interval '1 microsecond'
            from almanac.definitions as other where other.job = gone.job)), $2
        from gone
        """

    static let putInForce = """
        update almanac.jobs set host = $2, overdue_after = given.overdue_after, updated_at = now()
        from \(registrations) where jobs.job = given.job
        """

    /// Since when the definition that was noted last has been in force.
    static let inForceSince = """
        select same.job, min(same.since) from almanac.definitions as same
        where same.job in (select job from \(registrations)) and same.config_hash is not null
            and not exists (select from almanac.definitions as other
                where other.job = same.job and other.since >= same.since
                    and other.config_hash is distinct from \(inForce("same.job", "config_hash")))
        group by same.job
        """

    static let pause = """
        insert into almanac.pauses (scope, paused_at, paused_until, paused_by, reason, detail)
        select scope, paused_at, paused_until, paused_by, reason, detail
        from jsonb_populate_record(null::almanac.pauses, $1::jsonb -> 0)
        on conflict (scope) do update set paused_at = excluded.paused_at, paused_until = excluded.paused_until,
            paused_by = excluded.paused_by, reason = excluded.reason, detail = excluded.detail
        """

    static let resume = """
        with ended as (
            delete from almanac.pauses where scope = $1
            returning scope, paused_at, paused_until, paused_by, reason
        )
        select * from ended where \(isInForce)
        """

    static let pauses = """
        select scope, paused_at, paused_until, paused_by, reason from almanac.pauses
        where \(isInForce) order by scope collate "C"
        """

    /// Whether a pause has not run out.
    static let isInForce = "(paused_until is null or paused_until > clock_timestamp())"

    /// The jobs that are registered, as rows.
    private static let registrations = """
        (select job, config_hash, zone_data, definition, overdue_after, \(notAhead("at")) as at,
            \(notAhead("decided_until")) as decided_until, \(notAhead("known_since")) as known_since
        from jsonb_to_recordset($1::jsonb) as said (job text, config_hash text, zone_data text, definition text,
            overdue_after interval, at timestamptz, decided_until timestamptz, known_since timestamptz)) as given
        """

    /// What a host says of the time, unless its clock is too far ahead (`Limits.clockAheadMax`): then the database's time.
    private static func notAhead(_ instant: String) -> String {
        """
        case when \(instant) > clock_timestamp() + interval '\(Limits.clockAheadMax.wholeMicroseconds) microseconds'
            then now() else \(instant) end
        """
    }

    /// A column of the definition of a job that was noted last.
    private static func inForce(_ job: String, _ column: String) -> String {
        """
        (select last.\(column) from almanac.definitions as last where last.job = \(job)
            order by last.since desc limit 1)
        """
    }
}

/// What sets a job, `$1`, back to an instant, `$2`, when it has come further.
extension Statements {
    static let lockRewound = """
        select last_scheduled_for from almanac.jobs
        where job = $1 and last_scheduled_for > $2::timestamptz for update
        """

    static let removeRewound = """
        delete from almanac.runs where job = $1 and scheduled_for > $2::timestamptz and not dry_run
            and state = 'finished' and attempts = 0 and \(isAfter)
        returning run_id::text
        """

    static let keepRewound = """
        update almanac.runs set scheduled_until = given.scheduled_until, occurrences = given.occurrences,
            detail = given.detail
        from jsonb_populate_recordset(null::almanac.runs, $3::jsonb) as given
        where runs.run_id = given.run_id and runs.job = $1 and \(isAfter)
        """

    static let rewind = """
        with set_back as (
            update almanac.jobs set last_scheduled_for = $2::timestamptz, updated_at = now()
            where job = $1 and last_scheduled_for > $2::timestamptz
            returning job
        )
        insert into almanac.events (\(StoreEvent.columns.joined(separator: ", ")))
        select \(StoreEvent.columns.map { "given." + $0 }.joined(separator: ", "))
        from jsonb_populate_recordset(null::almanac.events, $3::jsonb) as given join set_back on set_back.job = given.job
        """

    private static let isAfter =
        "exists (select from almanac.jobs where jobs.job = $1 and jobs.last_scheduled_for > $2::timestamptz)"
}
