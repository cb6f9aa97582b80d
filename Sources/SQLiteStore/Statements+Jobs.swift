import RunModel

/// The statements on jobs: what they are, and whether they are held back.
extension Statements {
    static let introduce = """
        insert into jobs (job, last_scheduled_for, created_at, updated_at) values (?1, ?2, ?2, ?2)
        on conflict (job) do nothing
        """

    static let watermark = "select last_scheduled_for from jobs where job = ?"

    /// The definition that was noted last.
    static let definition = """
        select config_hash, zone_data, since from definitions where job = ? order by since desc limit 1
        """

    /// Since when the definition that was noted last has been in force.
    static let inForceSince = """
        select min(since) from definitions as same where job = ?1 and config_hash is not null
            and not exists (select 1 from definitions as other
                where other.job = ?1 and other.since >= same.since and other.config_hash is not
                    (select config_hash from definitions where job = ?1 order by since desc limit 1))
        """

    static let define = """
        insert into definitions (job, since, config_hash, zone_data, definition, host)
        values (?, ?, ?, ?, ?, ?)
        """

    static let putInForce = "update jobs set host = ?2, overdue_after = ?3, updated_at = ?4 where job = ?1"

    static let jobsOfHost = "select job from jobs where host = ?"

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
