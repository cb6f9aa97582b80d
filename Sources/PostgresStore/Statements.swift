import CivilTime
import Records
import RunModel

/// Every statement on runs.
///
/// Those that write take rows as a JSON array in `$1`, so that one statement does for one row or for many.
/// Locks are taken in one order, jobs by name and then runs by identity, so that no two transactions wait for
/// each other.
enum Statements {
    /// A database that was set read-only, as Supabase does when its disk is full, is left so.
    static let beginWriting = Statement(sql: "begin isolation level read committed")
    static let beginWritingAllTheSame = Statement(sql: "begin isolation level read committed read write")
    /// Whether only a setting of the session keeps it from writing: not a standby, nor a setting of the server, the database,
    /// the role or the connection string.
    static let isLeftReadOnly = Statement(
        sql: """
            select not pg_is_in_recovery() and setting = 'on' and source = 'session'
            from pg_settings where name = 'default_transaction_read_only'
            """)
    static let beginReading = Statement(sql: "begin isolation level repeatable read read only")

    /// For this transaction only: a pooler gives the next one another session. To compile such short statements would
    /// take far longer than to run them.
    /// A lock is waited for briefly: whoever holds one job's row must not keep the connection from all other jobs.
    static func settings(statementTimeout: Duration) -> Statement {
        Statement(sql: settings(milliseconds: statementTimeout.wholeMicroseconds / 1000))
    }

    private static func settings(milliseconds: Int64) -> String {
        """
        select pg_catalog.set_config('search_path', 'pg_catalog', true),
            pg_catalog.set_config('statement_timeout', '\(milliseconds)ms', true),
            pg_catalog.set_config('lock_timeout', '1s', true),
            pg_catalog.set_config('jit', 'off', true),
            pg_catalog.set_config('random_page_cost', '0.1', true),
            pg_catalog.set_config('idle_in_transaction_session_timeout', '10s', true),
            pg_catalog.set_config('synchronous_commit',
                case pg_catalog.current_setting('synchronous_commit')
                when 'off' then 'on' when 'local' then 'on'
                else pg_catalog.current_setting('synchronous_commit') end, true)
        """
    }

    /// Answers which database this is, and divides by zero when it is not `$1`; one without a schema is none, and other
    /// statements say so. A server that is started has another time, also behind a pooler, and a table that is made another
    /// number.
    static let isTheSame = """
        select identity,
            1 / (case when $1::text is null or identity is null or identity = $1::text then 1 else 0 end)
        from (select extract(epoch from pg_catalog.pg_postmaster_start_time()) || '/'
            || pg_catalog.to_regclass('almanac.runs')::oid as identity) as here
        """

    /// Makes everybody else who decides about these jobs wait.
    static let lockJobs = "select from almanac.jobs where job = any ($1::text[]) order by job for update"

    /// Makes everybody else who changes these runs wait.
    static let lockRuns =
        "select from almanac.runs where run_id = any ($1::uuid[]) order by run_id for update"

    /// Makes the runs that nothing forbids, each with the attempt that its row says has started, and answers for each its
    /// fence, or what stands in its way.
    ///
    /// The same host that asks for the same row again did not get the answer: it has sent nothing.
    static let claim = """
        with given as materialized (
            select run.*,
                jobs.fence + row_number() over (partition by run.job order by run.due_at, run.run_id) as next,
                \(isDecided) or \(ahead) is not null as is_decided, \(ahead) as ahead,
                (select other.run_id from almanac.runs as other
                    where other.job = run.job and other.finished_at is null and not other.dry_run
                    order by other.lease_until limit 1) as live,
                jobs.last_scheduled_for as watermark, pause.*
            from jsonb_populate_recordset(null::almanac.runs, $1::jsonb) as run
            join almanac.jobs on jobs.job = run.job
            left join lateral (
                select scope, paused_at, paused_until, paused_by, pauses.reason as pause_reason,
                    pauses.detail as pause_detail
                from almanac.pauses
                where scope in ('*', run.job) and \(isInForce) and run.run_id <> all ($3::uuid[])
                order by scope collate "C" limit 1) as pause on true
        ), made as (
            insert into almanac.runs (\(runColumns()), exclusive, fence, lease_until)
            select \(runColumns()), exclusive, next, \(lease("$2")) from given
            where not is_decided and scope is null and not (exclusive and live is not null)
            on conflict do nothing
            returning run_id, job, fence, dry_run, scheduled_for
        ), \(pausing), repeated as (
            update almanac.runs set fence = given.next, lease_until = \(lease("$2")) from given
            where runs.run_id = given.run_id and runs.host = given.host and runs.created_at = given.created_at
                and runs.state = given.state and runs.attempts = given.attempts
                and runs.detail is not distinct from given.detail
            returning runs.run_id, runs.job, runs.fence, runs.dry_run, runs.scheduled_for
        ), owned as (
            select * from made union all select * from repeated
        ), moved as (
            update almanac.jobs set fence = greatest(jobs.fence, owned.fence),
                last_scheduled_for = greatest(jobs.last_scheduled_for, owned.decided)
            from (
                select job, max(fence) as fence, max(scheduled_for) filter (where not dry_run) as decided
                from (select job, fence, scheduled_for, dry_run from owned
                    union all select job, 0, decided, false from paused) as decisions
                group by job) as owned
            where jobs.job = owned.job
        ), started as (
            insert into almanac.attempts (run_id, number, started_at)
            select run_id, given.attempts, given.started_at from given join made using (run_id)
            where given.attempts > 0
        )
        select given.run_id::text, owned.fence, given.ahead, given.live::text, given.is_decided, given.scope,
            given.paused_at, given.paused_until, given.paused_by, given.pause_reason
        from given left join owned on owned.run_id = given.run_id
        """

    /// Records what was not decided, and answers the rows that were left out, with the watermark; none of a job that is
    /// not registered.
    static let record = """
        with given as materialized (
            select run.*, jobs.last_scheduled_for as watermark, jobs.pruned_until, \(ahead) as ahead
            from jsonb_populate_recordset(null::almanac.runs, $1::jsonb) as run
            left join almanac.jobs on jobs.job = run.job
        ), made as (
            insert into almanac.runs (\(runColumns()), exclusive, fence)
            select \(runColumns()), false, 0 from given as run
            where watermark is not null and ahead is null and not \(isDecided)
                and (scheduled_until is null or scheduled_for > watermark)
            on conflict do nothing
            returning run_id, job, coalesce(scheduled_until, scheduled_for) as decided, dry_run
        ), moved as (
            update almanac.jobs set last_scheduled_for = greatest(jobs.last_scheduled_for, made.decided)
            from (select job, max(decided) as decided from made where not dry_run group by job) as made
            where jobs.job = made.job
        )
        select run_id::text, watermark, ahead from given
        where watermark is null or ahead is not null
            or scheduled_until > watermark and not exists (select from made where made.run_id = given.run_id)
        """

    static let startAttempt = change(
        """
        state = 'running', retry_at = null, attempts = given.attempts,
            started_at = coalesce(runs.started_at, given.started_at)
        """)

    static let awaitRetry = change(
        "state = 'retry_wait', retry_at = given.retry_at, http_status = given.http_status")

    /// Also takes what a former owner knows, as `Completion.mayCorrect` says. A finish that is repeated is answered
    /// like the first.
    static let finish =
        change(
            """
            state = 'finished', lease_until = null, retry_at = null, outcome = given.outcome,
                reason = given.reason, detail = given.detail, finished_at = given.finished_at,
                http_status = given.http_status, response_bytes = given.response_bytes,
                response_excerpt = given.response_excerpt,
                started_at = coalesce(given.started_at, runs.started_at),
                host = coalesce(given.host, runs.host)
            """,
            orWhen: """
                given.outcome <> 'unknown'
                    and (runs.state = 'running' or runs.outcome = 'unknown' and runs.reason = 'lost')
                    and exists (select from jsonb_populate_recordset(null::almanac.attempts, $2::jsonb) as ended
                        where ended.run_id = runs.run_id and ended.number = runs.attempts)
                """) + """
             union all
            select runs.run_id::text from almanac.runs join given on given.run_id = runs.run_id
            where runs.finished_at = given.finished_at and runs.outcome = given.outcome
                and runs.host = coalesce(given.host, runs.host)
            """

    static let renew = """
        with mine as (
            select runs.run_id from almanac.runs
            join jsonb_populate_recordset(null::almanac.runs, $1::jsonb) as given
                on given.run_id = runs.run_id
            where runs.fence = given.fence and runs.state <> 'finished'
            order by runs.run_id for update of runs
        )
        update almanac.runs set lease_until = \(lease("$2")) from mine where runs.run_id = mine.run_id
        returning runs.run_id::text
        """

    static let takeOver = takeOver(waiting: "for update")
    /// Leaves out the jobs whose row somebody holds.
    static let takeOverOfFreeJobs = takeOver(waiting: "for update skip locked")

    /// Whether an attempt is open is told by the row, which is read as it is once it is locked: an attempt that starts
    /// while this waits is later than what the statement sees of other tables.
    private static func takeOver(waiting lock: String) -> String {
        """
        with held as materialized (
            select job, fence from almanac.jobs where job in (select job from almanac.runs where \(isAbandoned))
            order by job \(lock)
        ), gone as materialized (
            select runs.run_id, held.job, runs.due_at, held.fence as last
            from almanac.runs join held on held.job = runs.job where \(isAbandoned)
            order by runs.due_at, runs.run_id limit $3 for update of runs skip locked
        ), numbered as (
            select run_id, job, last + row_number() over (partition by job order by due_at, run_id) as fence
            from gone
        ), fenced as (
            update almanac.jobs set fence = greatest(jobs.fence, numbered.fence)
            from (select job, max(fence) as fence from numbered group by job) as numbered
            where jobs.job = numbered.job
        ), taken as (
            update almanac.runs set host = $1, fence = numbered.fence, lease_until = \(lease("$4")),
                detail = 'taken over from ' || runs.host
            from numbered where runs.run_id = numbered.run_id
            returning runs.*
        )
        select \(runColumns(reading: true)), fence, state = 'running',
            (select attempts.finished_at from almanac.attempts
                where attempts.run_id = taken.run_id and attempts.finished_at is not null order by number desc limit 1)
        from taken order by due_at, run_id
        """
    }

    static let run = "select \(runColumns(reading: true)) from almanac.runs where run_id = $1::uuid"

    static let holdings = """
        select run_id::text, \(RunHolding.columns.dropFirst().joined(separator: ", "))
        from almanac.runs where run_id = any($1::uuid[]) order by run_id
        """

    static let attempts = """
        select \(AttemptRecord.columns.joined(separator: ", ")) from almanac.attempts
        where run_id = $1::uuid order by number
        """

    static let jobs = """
        select job, last_scheduled_for,
            (select count(*) from almanac.runs where runs.job = jobs.job and finished_at is null)
        from almanac.jobs where $1::text[] is null or job = any ($1::text[]) order by job collate "C"
        """

    /// The jobs of which another host or a person has decided something, or ended a run, since `$1`.
    static let changedJobs = """
        select job from (
            select job from almanac.runs where created_at >= $1::timestamptz and host <> $2
            union
            select job from almanac.runs where finished_at >= $1::timestamptz and host <> $2) as changed
        order by job collate "C"
        """

    /// The jobs that were set back since `$1`, and to when: that is when it was done, or before.
    static let rewoundJobs = """
        select job, max(at) from almanac.events
        where at >= $1::timestamptz and kind = 'rewound' and job is not null group by job
        """

    static let liveRuns = "select count(*) from almanac.runs where finished_at is null"

    /// The jobs in `$2`, or all.
    private static let asked =
        "(select job from almanac.jobs where $2::text[] is null or job = any ($2::text[])) as jobs"

    static let lastRuns = last(where: "finished_at is not null")
    static let lastSuccesses = last(where: "outcome = 'succeeded'")

    static let lastOccurrences = """
        select last.* from \(asked) cross join lateral (
            select \(shortColumns(RunRecord.columns)) from almanac.runs
            where runs.job = jobs.job and scheduled_for is not null and not dry_run
                and scheduled_for <= $1::timestamptz
            order by runs.scheduled_for desc limit 1) as last
        """
}

extension Statements {
    /// The columns of a record; an identity is read as text.
    static func runColumns(reading: Bool = false) -> String {
        RunRecord.columns.map { reading && $0 == "run_id" ? "run_id::text" : $0 }.joined(separator: ", ")
    }

    /// Whether the row `run`, or its occurrence, was decided before, also when its row was pruned since; a dry run
    /// decides no occurrence.
    ///
    /// Written without `exists`, and with an order that an index has: else the planner, which expects many
    /// rows and knows little of them, reads the whole history.
    private static let isDecided = """
        coalesce(
            (select true from almanac.runs as other where other.run_id = run.run_id),
            (select true from almanac.runs as other
                where not run.dry_run and other.job = run.job and other.scheduled_for = run.scheduled_for
                    and not other.dry_run),
            (select true from almanac.runs as other
                where not run.dry_run and other.job = run.job and other.scheduled_for <= run.scheduled_for
                    and other.scheduled_until >= run.scheduled_for and not other.dry_run
                order by other.scheduled_until limit 1),
            not run.dry_run and run.scheduled_for <= pruned_until,
            false)
        """

    /// By how many microseconds the clock is ahead that made the row `run`, when that is too much to let it decide
    /// (`Limits.clockAheadMax`); else null.
    private static let ahead = """
        case when run.created_at > clock_timestamp() + interval '\(Limits.clockAheadMax.wholeMicroseconds) microseconds'
            then (extract(epoch from run.created_at - clock_timestamp()) * 1000000)::bigint end
        """

    private static let isAbandoned = """
        finished_at is null and case when $2::boolean then host = $1 else lease_until <= now() end
            and run_id <> all ($5::uuid[])
        """

    /// What a pause makes of the claims of occurrences: a row for the first, in which those that follow share.
    private static let pausing = """
        shared as (
            update almanac.runs set scheduled_until = given.scheduled_for, occurrences = runs.occurrences + 1,
                finished_at = given.created_at,
                detail = (runs.occurrences + 1) || ' occurrences share this row; ' || given.pause_detail
            from given
            where given.scope is not null and not given.is_decided and given.scheduled_for > given.watermark
                and runs.run_id = coalesce(
                    (select other.run_id from almanac.runs as other where other.job = given.job
                        and other.scheduled_for = given.watermark and not other.dry_run
                        and other.scheduled_until is null),
                    (select other.run_id from almanac.runs as other where other.job = given.job
                        and other.scheduled_until = given.watermark and not other.dry_run
                    order by other.scheduled_until limit 1))
                and runs.reason = 'paused' and runs.config_hash = given.config_hash
                and right(runs.detail, length(given.pause_detail)) = given.pause_detail
            returning runs.job, runs.scheduled_until as decided, given.run_id
        ), skipped as (
            insert into almanac.runs (\(runColumns()), exclusive, fence)
            select \(pausedColumns), false, 0 from given
            where given.scope is not null and not given.is_decided and given.scheduled_for is not null
                and not exists (select from shared where shared.run_id = given.run_id)
            on conflict do nothing
            returning job, scheduled_for as decided
        ), paused as (
            select job, decided from shared union all select job, decided from skipped
        )
        """

    /// The columns of a row that a pause decided.
    private static let pausedColumns: String = {
        let decided = [
            "state": "'finished'", "outcome": "'skipped'", "reason": "'paused'", "detail": "pause_detail",
            "finished_at": "created_at", "attempts": "0", "started_at": "null",
        ]
        return RunRecord.columns.map { decided[$0] ?? $0 }.joined(separator: ", ")
    }()

    /// The end of a lease of so many microseconds.
    private static func lease(_ parameter: String) -> String {
        "clock_timestamp() + \(parameter)::bigint * interval '1 microsecond'"
    }

    /// An owner's change of its runs, with the attempts in `$2` that began or ended by it; answers those it
    /// still owns.
    private static func change(_ assignments: String, orWhen condition: String = "false") -> String {
        """
        with given as (
            select * from jsonb_populate_recordset(null::almanac.runs, $1::jsonb)
        ), changed as (
            update almanac.runs set \(assignments)
            from given
            where runs.run_id = given.run_id
                and (runs.fence = given.fence and runs.state <> 'finished' or \(condition))
            returning runs.run_id
        ), attempted as (
            insert into almanac.attempts as known (run_id, \(AttemptRecord.columns.joined(separator: ", ")))
            select attempt.* from jsonb_populate_recordset(null::almanac.attempts, $2::jsonb) as attempt
            join changed on changed.run_id = attempt.run_id
            on conflict (run_id, number) do update set finished_at = excluded.finished_at,
                http_status = excluded.http_status, reason = excluded.reason, detail = excluded.detail
        )
        select run_id::text from changed
        """
    }

    private static func last(where condition: String) -> String {
        """
        select last.* from \(asked) cross join lateral (
            select \(runColumns(reading: true)) from almanac.runs
            where runs.job = jobs.job and not dry_run and \(condition)
                and finished_at <= $1::timestamptz
                and (scheduled_for is null or scheduled_for <= $1::timestamptz)
                and (backfill_of is null or backfill_of >= (select newest.scheduled_for from almanac.runs as newest
                    where newest.job = jobs.job and newest.scheduled_for is not null and not newest.dry_run
                        and newest.scheduled_for <= $1::timestamptz
                    order by newest.scheduled_for desc limit 1))
            order by finished_at desc, due_at desc, runs.run_id desc limit 1) as last
        """
    }
}
