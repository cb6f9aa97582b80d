/// The statements that forget. Each takes an age in microseconds and the most rows to take.
///
/// None waits for a row that somebody holds: its turn comes with the next pruning.
extension Statements {
    /// Deletes runs that ended, and notes up to where, so that no occurrence is decided anew for want of its row.
    static let pruneRuns = """
        with old as materialized (
            select run_id, job from almanac.runs where state = 'finished' and finished_at < \(ago("$1"))
            order by finished_at limit $2 for update skip locked
        ), held as materialized (
            select job from almanac.jobs where job in (select job from old) order by job for update skip locked
        ), gone as (
            delete from almanac.runs using old join held on held.job = old.job
            where runs.run_id = old.run_id
            returning runs.job, runs.dry_run, coalesce(runs.scheduled_until, runs.scheduled_for) as decided
        ), raised as (
            update almanac.jobs set pruned_until = greatest(jobs.pruned_until, gone.decided)
            from (select job, max(decided) as decided from gone where not dry_run group by job) as gone
            where jobs.job = gone.job and gone.decided is not null
        )
        select count(*) from gone
        """

    /// Deletes attempts whose run ended as long ago. By their key: not every server that speaks PostgreSQL has `ctid`.
    static let pruneAttempts = """
        with old as materialized (
            select attempts.run_id, attempts.number from almanac.attempts
            join almanac.runs on runs.run_id = attempts.run_id
            where attempts.started_at < \(ago("$1")) and runs.state = 'finished'
                and runs.finished_at < \(ago("$1"))
            order by attempts.started_at limit $2 for update of attempts skip locked
        ), gone as (
            delete from almanac.attempts using old
            where attempts.run_id = old.run_id and attempts.number = old.number returning attempts.run_id
        )
        select count(*) from gone
        """

    static let pruneExcerpts = """
        with old as materialized (
            select run_id from almanac.runs
            where response_excerpt is not null and finished_at < \(ago("$1"))
            order by finished_at limit $2 for update skip locked
        ), cut as (
            update almanac.runs set response_excerpt = null from old where runs.run_id = old.run_id
            returning runs.run_id
        )
        select count(*) from cut
        """

    static let pruneEvents = """
        with old as materialized (
            select event_id from almanac.events where at < \(ago("$1")) order by at limit $2 for update skip locked
        ), gone as (
            delete from almanac.events using old where events.event_id = old.event_id returning events.event_id
        )
        select count(*) from gone
        """

    /// Deletes definitions that another had followed by then; the newest of a job stays.
    static let pruneDefinitions = """
        delete from almanac.definitions as old using (
            select job, since from almanac.definitions as earlier
            where exists (select from almanac.definitions as later
                where later.job = earlier.job and later.since > earlier.since and later.since < \(ago("$1")))
            order by job, since limit $2 for update skip locked) as ended
        where old.job = ended.job and old.since = ended.since
        """
}
