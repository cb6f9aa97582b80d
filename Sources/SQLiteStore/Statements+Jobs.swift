import Records
import RunModel

/// The statements on jobs: what they are, and whether they are held back.
extension Statements {
    static let introduce = """
        insert into jobs (job, last_scheduled_for, host, overdue_after, created_at, updated_at)
        values (?1, ?2, ?3, ?4, ?2, ?2)
        """

    /// A job with the definition that was noted last, and since when that has been in force: since the first one that no
    /// other definition follows.
    static let stored = """
        select jobs.last_scheduled_for, newest.config_hash,
            (select min(same.since) from definitions as same
                where same.job = ?1 and newest.config_hash is not null
                    and same.since > coalesce((select max(other.since) from definitions as other
                        where other.job = ?1 and other.config_hash is not newest.config_hash),
                        -9223372036854775807)),
            newest.zone_data, newest.since, jobs.host, jobs.overdue_after
        from jobs left join definitions as newest on newest.job = jobs.job
            and newest.since = (select max(since) from definitions where job = ?1)
        where jobs.job = ?1
        """

    static let define = """
        insert into definitions (job, since, config_hash, zone_data, definition, host)
        values (?, ?, ?, ?, ?, ?)
        """

    static let putInForce = "update jobs set host = ?2, overdue_after = ?3, updated_at = ?4 where job = ?1"

    static let jobsOfHost = "select job from jobs where host = ?"

    static let countJobsOfHost = "select count(*) from jobs where host = ?"

    static let withdraw = """
        update jobs set host = null, next_due_at = null, following_due_at = null, overdue_after = null,
            updated_at = ?2
        where job = ?1
        """

    static let pause = """
        insert into pauses (\(Pause.columns.joined(separator: ", ")), detail) values (?, ?, ?, ?, ?, ?)
        on conflict (scope) do update set paused_at = excluded.paused_at, paused_until = excluded.paused_until,
            paused_by = excluded.paused_by, reason = excluded.reason, detail = excluded.detail
        """

    static let resume = "delete from pauses where scope = ?"

    /// The pauses of these two scopes that have not run out, that of all first.
    static let pausesOf = """
        select \(Pause.columns.joined(separator: ", ")) from pauses
        where scope in (?1, ?2) and (paused_until is null or paused_until > ?3) order by scope
        """

    static let pauses = """
        select \(Pause.columns.joined(separator: ", ")) from pauses
        where paused_until is null or paused_until > ? order by scope
        """
}

/// What sets a job, `?1`, back to an instant, `?2`, when it has come further.
extension Statements {
    static let watermarkAfter =
        "select last_scheduled_for from jobs where job = ?1 and last_scheduled_for > ?2"

    static let removeRewound = """
        delete from runs where job = ?1 and scheduled_for > ?2 and dry_run = 0 and state = 'finished' and attempts = 0
        """

    static let keepRewound =
        "update runs set scheduled_until = ?2, occurrences = ?3, detail = ?4 where run_id = ?1"

    static let rewind = "update jobs set last_scheduled_for = ?2 where job = ?1"
}
