-- Why: runs that make a past occurrence good, beside the row that stands for it. They are runs by hand, as the constraints
-- and the version before know them; what they are for is a column of its own, and each occurrence has one of them.

alter table almanac.runs add column if not exists backfill_of timestamptz
    constraint runs_backfill_by_hand check (backfill_of is null or trigger = 'manual');

create unique index if not exists runs_backfill on almanac.runs (job, backfill_of) where backfill_of is not null;

-- The view is the one of v0002, and calls a backfill what it is.
create or replace view almanac.history with (security_invoker = true) as
select job, scheduled_for, scheduled_until, occurrences,
    case when backfill_of is null then trigger else 'backfill' end as trigger, dry_run, state, outcome, reason, detail,
    http_status, attempts, host, requested_by, created_at as decided, started_at as started,
    finished_at as finished, finished_at - started_at as duration, run_id
from almanac.runs;

-- The view is the one of v0003. A backfill of an occurrence before the newest says nothing of how the job does now.
create or replace view almanac.overdue with (security_invoker = true) as
select jobs.job, owed.due_at, owed.due_at + jobs.overdue_after as overdue_since, owed.why,
    ended.outcome as last_outcome, ended.finished_at as last_finished_at, succeeded.finished_at as last_success_at,
    seen.host as last_host, seen.seen_at as last_host_seen_at, pause.since is not null as paused
from almanac.jobs
cross join lateral (
    select min(paused_at) as since from almanac.pauses
    where scope in ('*', jobs.job) and (paused_until is null or paused_until > now())) as pause
cross join lateral (
    select least(now() - jobs.overdue_after, pause.since) as until) as bound
cross join lateral (
    -- The first occurrence that nobody decided. Of a job that is due every few seconds both may be decided before the
    -- next heartbeat: then the distance between them tells.
    select case when jobs.next_due_at > jobs.last_scheduled_for then jobs.next_due_at
        when jobs.following_due_at > jobs.last_scheduled_for then jobs.following_due_at
        else jobs.last_scheduled_for + (jobs.following_due_at - jobs.next_due_at) end as due_at) as undecided
left join lateral (
    select case when finished_at <= now() then outcome end as outcome, reason, scheduled_for from almanac.runs
    where runs.job = jobs.job and scheduled_for is not null and not dry_run and scheduled_for <= now()
    order by scheduled_for desc limit 1) as latest on true
left join lateral (
    select outcome, reason, finished_at, scheduled_for, scheduled_until, trigger from almanac.runs
    where runs.job = jobs.job and finished_at is not null and not dry_run and finished_at <= now()
        and (scheduled_for is null or scheduled_for <= now())
        and (backfill_of is null or backfill_of >= latest.scheduled_for)
    order by finished_at desc, due_at desc, run_id desc limit 1) as ended on true
left join lateral (
    select outcome, finished_at, scheduled_for, trigger from almanac.runs
    where runs.job = jobs.job and outcome = 'succeeded' and not dry_run and finished_at <= now()
        and (scheduled_for is null or scheduled_for <= now())
        and (backfill_of is null or backfill_of >= latest.scheduled_for)
    order by finished_at desc, due_at desc, run_id desc limit 1) as succeeded on true
left join lateral (
    select case when scheduled_until < bound.until then scheduled_until else scheduled_for end as at,
        case when finished_at <= now() then outcome end as outcome, reason, config_hash
    from almanac.runs
    where runs.job = jobs.job and scheduled_for is not null and not dry_run and scheduled_for < bound.until
    order by scheduled_for desc limit 1) as newest on true
left join lateral (
    select host, seen_at from almanac.hosts order by seen_at desc, host limit 1) as seen on true
cross join lateral (
    select undecided.due_at as due_at, 'nobody decided it' as why where undecided.due_at < bound.until
    union all
    select newest.at, case when newest.outcome is null then 'its run has not ended'
        else 'the last run ' || case ended.outcome
            when 'declined' then 'was declined' when 'timed_out' then 'timed out'
            when 'unknown' then 'has an unknown outcome' when 'skipped' then 'was skipped'
            when 'missed' then 'was missed' else ended.outcome end || coalesce(' (' || ended.reason || ')', '') end
    where newest.reason is distinct from 'paused'
        -- Under another definition it was another schedule.
        and newest.config_hash = (
            select config_hash from almanac.definitions where definitions.job = jobs.job order by since desc limit 1)
        -- It ended well, whatever was tried since, or the newest did.
        and not coalesce(newest.outcome in ('succeeded', 'declined'), false)
        and not coalesce(latest.outcome in ('succeeded', 'declined'), false)
        and not coalesce(ended.outcome in ('succeeded', 'declined')
            and (coalesce(ended.scheduled_for, ended.finished_at) >= newest.at
                or ended.trigger <> 'schedule' and ended.finished_at >= newest.at), false)
        and not coalesce(coalesce(succeeded.scheduled_for, succeeded.finished_at) >= newest.at
            or succeeded.trigger <> 'schedule' and succeeded.finished_at >= newest.at, false)
    order by due_at desc limit 1) as owed
where jobs.overdue_after is not null
    -- Nothing else is owed, as below; said here too, so that of a job that is well nothing more is looked at.
    and (undecided.due_at < bound.until or not coalesce(latest.outcome in ('succeeded', 'declined'), false))
    -- Of a pause in force only its first occurrence tells what was before it.
    and not (pause.since is not null and coalesce(latest.reason = 'paused', false));
