/// The statements that forget. Each takes an instant and the most rows to take.
extension Statements {
    /// Runs that ended before `?1`.
    static let oldRuns = """
        select run_id, job, case dry_run when 0 then coalesce(scheduled_until, scheduled_for) end from runs
        where state = 'finished' and finished_at < ?1 order by finished_at limit ?2
        """

    static let deleteRun = "delete from runs where run_id = ?"

    /// Notes up to where rows are gone, so that no occurrence is decided anew for want of its row.
    static let raisePruned = """
        update jobs set pruned_until = max(coalesce(pruned_until, ?2), ?2) where job = ?1
        """

    static let pruneAttempts = """
        delete from attempts where rowid in (
            select attempts.rowid from attempts indexed by attempts_prune
            join runs on runs.run_id = attempts.run_id
            where attempts.started_at < ?1 and runs.state = 'finished' and runs.finished_at < ?1
            order by attempts.started_at limit ?2)
        """

    static let pruneExcerpts = """
        update runs set response_excerpt = null where run_id in (
            select run_id from runs where response_excerpt is not null and finished_at < ?1
            order by finished_at limit ?2)
        """

    static let pruneEvents = """
        delete from events where event_id in (select event_id from events where at < ?1 order by at limit ?2)
        """

    /// Deletes definitions that another had followed by then; the newest of a job stays.
    static let pruneDefinitions = """
        delete from definitions where rowid in (
            select earlier.rowid from definitions as earlier
            where exists (select 1 from definitions as later
                where later.job = earlier.job and later.since > earlier.since and later.since < ?1)
            limit ?2)
        """
}
