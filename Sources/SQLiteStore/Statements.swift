import Records
import RunModel

/// Every statement on runs; parameters are `?`, in the order of their use.
enum Statements {
    static let runColumns = quoted(RunRecord.columns)
    static let attemptColumns = quoted(AttemptRecord.columns)

    static let fence = "select fence, last_scheduled_for, pruned_until from jobs where job = ?"

    /// What decided the run of this identity, or the occurrence of a job, before.
    static let decided = """
        select run_id, host, state, attempts, created_at, detail from runs where run_id = ?1
        union all
        select run_id, host, state, attempts, created_at, detail from runs
        where job = ?2 and scheduled_for = ?3 and dry_run = 0
        union all
        select run_id, host, state, attempts, created_at, detail from runs
        where job = ?2 and scheduled_until >= ?3 and scheduled_for <= ?3 and dry_run = 0
        """

    static let live = """
        select run_id from runs indexed by runs_live
        where job = ? and state <> 'finished' and dry_run = 0 limit 1
        """

    static let insertRun = """
        insert into runs (\(runColumns), exclusive, fence, lease_until)
        values (\(Array(repeating: "?", count: RunRecord.columns.count + 3).joined(separator: ", ")))
        """

    /// The row that stands for the last occurrence before `?2`, when the pause that `?3` tells of decided it.
    static let paused = """
        select run_id, occurrences from runs
        where job = ?1 and coalesce(scheduled_until, scheduled_for) = ?2 and dry_run = 0 and reason = 'paused'
            and config_hash = ?4 and substr(detail, -length(?3)) = ?3
            and (scheduled_for = ?2 or scheduled_until = ?2)
        """

    /// Makes the row of a pause stand for one more occurrence.
    static let share = """
        update runs set scheduled_until = ?2, occurrences = ?3, finished_at = ?4, detail = ?5 where run_id = ?1
        """

    /// Gives a job a fence and moves its watermark forward, each unless null.
    static let mark = """
        update jobs set fence = coalesce(?2, fence),
            last_scheduled_for = max(last_scheduled_for, coalesce(?3, last_scheduled_for))
        where job = ?1
        """

    /// Gives a live run to a host under a new fence.
    static let lease = """
        update runs set host = ?2, fence = ?3, lease_until = ?4, detail = ?5 where run_id = ?1
        """

    static let startAttempt = """
        update runs set state = 'running', retry_at = null, attempts = ?3,
            started_at = coalesce(started_at, ?4)
        where run_id = ?1 and fence = ?2 and state <> 'finished'
        """

    static let awaitRetry = """
        update runs set state = 'retry_wait', retry_at = ?3, http_status = ?4
        where run_id = ?1 and fence = ?2 and state <> 'finished'
        """

    /// Also takes what a former owner knows, as `Completion.mayCorrect` says; `?12` is the number of the attempt.
    static let finish = """
        update runs set state = 'finished', lease_until = null, retry_at = null, outcome = ?3, reason = ?4,
            detail = ?5, finished_at = ?6, http_status = ?7, response_bytes = ?8, response_excerpt = ?9,
            started_at = coalesce(?10, started_at), host = coalesce(?11, host)
        where run_id = ?1 and (fence = ?2 and state <> 'finished'
            or ?3 <> 'unknown' and attempts = ?12
                and (state = 'running' or outcome = 'unknown' and reason = 'lost'))
        """

    /// Whether the run has just this end already: a finish that is repeated is answered like the first.
    static let isFinishedSo = """
        select 1 from runs where run_id = ?1 and finished_at = ?2 and outcome = ?3 and host = coalesce(?4, host)
        """

    static let putAttempt = """
        insert into attempts (run_id, \(attemptColumns)) values (?, ?, ?, ?, ?, ?, ?)
        on conflict (run_id, number) do update set finished_at = excluded.finished_at,
            http_status = excluded.http_status, reason = excluded.reason, detail = excluded.detail
        """

    static let renew = """
        update runs set lease_until = ?3 where run_id = ?1 and fence = ?2 and state <> 'finished'
        """

    static let abandoned = """
        select \(runColumns),
            exists (select 1 from attempts
                where attempts.run_id = runs.run_id and attempts.finished_at is null),
            (select finished_at from attempts where attempts.run_id = runs.run_id and attempts.finished_at is not null
                order by number desc limit 1)
        from runs indexed by runs_live where state <> 'finished'
            and case when ?2 then host = ?3 else lease_until <= ?1 end
            and run_id not in (select value from json_each(?4))
        order by due_at, run_id limit ?5
        """

    static let run = "select \(runColumns) from runs where run_id = ?"

    static let holdings = """
        select \(RunHolding.columns.joined(separator: ", ")) from runs
        where run_id in (select value from json_each(?)) order by run_id
        """

    static let attempts = "select \(attemptColumns) from attempts where run_id = ? order by number"

    static let jobs = "\(jobSummaries) order by job"
    static let job = "\(jobSummaries) where job = ?1"

    private static let jobSummaries = """
        select job, last_scheduled_for,
            (select count(*) from runs indexed by runs_live
                where runs.job = jobs.job and state <> 'finished')
        from jobs
        """

    /// The jobs of which another host or a person has decided something, or ended a run, since `?1`.
    static let changedJobs = """
        \(jobSummaries) where job in (
            select job from runs indexed by runs_newest where created_at >= ?1 and host <> ?2
            union
            select job from runs indexed by runs_prune
            where state = 'finished' and finished_at >= ?1 and host <> ?2)
        order by job
        """

    /// The jobs that were set back since `?1`, and to when: that is when it was done, or before.
    static let rewoundJobs = """
        select job, max(at) from events where at >= ?1 and kind = 'rewound' and job is not null group by job
        """

    static let liveRuns = "select count(*) from runs indexed by runs_live where state <> 'finished'"

    static let lastRun = """
        select \(runColumns) from runs where job = ?1 and state = 'finished' and dry_run = 0
            and finished_at <= ?2 and (scheduled_for is null or scheduled_for <= ?2) and \(saysSomething)
        order by finished_at desc, due_at desc, run_id desc limit 1
        """

    static let lastSuccess = """
        select \(runColumns) from runs where job = ?1 and outcome = 'succeeded' and dry_run = 0
            and finished_at <= ?2 and (scheduled_for is null or scheduled_for <= ?2) and \(saysSomething)
        order by finished_at desc, due_at desc, run_id desc limit 1
        """

    /// A backfill of an occurrence before the newest says nothing of how the job does now.
    private static let saysSomething = """
        (backfill_of is null or backfill_of >= (select max(scheduled_for) from runs as newest
            where newest.job = ?1 and newest.scheduled_for is not null and newest.dry_run = 0
                and newest.scheduled_for <= ?2))
        """

    static let newestOccurrence = """
        select \(shortColumns(RunRecord.columns)) from runs where job = ?1 and scheduled_for is not null and dry_run = 0
            and scheduled_for <= ?2
        order by scheduled_for desc limit 1
        """

    private static func quoted(_ columns: [String]) -> String {
        columns.map { "\"\($0)\"" }.joined(separator: ", ")
    }
}
