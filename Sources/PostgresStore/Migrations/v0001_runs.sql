-- Why: the record of runs that all hosts share. Whether an occurrence may run is decided here, by the two
-- unique indexes, and the constraints state what must hold whatever a program, or a person with psql, does.
-- Everything lives in a schema of its own, never in public, and row level security without policies keeps out
-- whoever is let into the database by a published interface.

create schema if not exists almanac;

create table if not exists almanac.migrations (
    name text primary key,
    checksum text not null,
    applied_at timestamptz not null default now()
);

-- One row per job. The watermark and the fence live here, where pruning the history never reaches them.
create table if not exists almanac.jobs (
    job text primary key constraint jobs_job_name check (job ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    config_hash text not null constraint jobs_config_hash_length check (length(config_hash) <= 64),
    last_scheduled_for timestamptz not null,
    fence bigint not null default 0 constraint jobs_fence check (fence >= 0),
    next_due_at timestamptz,
    overdue_after interval constraint jobs_overdue_after check (overdue_after > interval '0'),
    paused_at timestamptz,
    paused_until timestamptz,
    paused_by text constraint jobs_paused_by_length check (length(paused_by) <= 255),
    pause_reason text constraint jobs_pause_reason_length check (length(pause_reason) <= 1024),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    constraint jobs_paused check (paused_at is not null or (paused_until is null and paused_by is null)),
    constraint jobs_paused_until check (paused_until > paused_at)
);

create table if not exists almanac.runs (
    run_id uuid primary key,
    job text not null constraint runs_job references almanac.jobs (job),
    trigger text not null constraint runs_trigger check (trigger in ('schedule', 'catch_up', 'manual')),
    dry_run boolean not null,
    scheduled_for timestamptz,
    scheduled_until timestamptz,
    occurrences integer not null constraint runs_occurrences check (occurrences >= 1),
    nominal_local text constraint runs_nominal_local_length check (length(nominal_local) <= 128),
    due_at timestamptz not null,
    state text not null
        constraint runs_state check (state in ('claimed', 'running', 'retry_wait', 'finished')),
    outcome text constraint runs_outcome check (
        outcome in ('succeeded', 'declined', 'failed', 'timed_out', 'unknown', 'skipped', 'missed')),
    reason text constraint runs_reason_length check (length(reason) between 1 and 63),
    detail text constraint runs_detail_length check (octet_length(detail) <= 1024),
    attempts integer not null,
    attempts_max integer not null constraint runs_attempts_max check (attempts_max >= 1),
    retry_at timestamptz,
    host text not null constraint runs_host_length check (length(host) between 1 and 255),
    requested_by text constraint runs_requested_by_length check (length(requested_by) <= 255),
    config_hash text not null constraint runs_config_hash_length check (length(config_hash) <= 64),
    zone_data text constraint runs_zone_data_length check (length(zone_data) <= 64),
    created_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    http_status integer constraint runs_http_status check (http_status between 100 and 999),
    response_bytes bigint constraint runs_response_bytes check (response_bytes >= 0),
    response_excerpt text
        constraint runs_response_excerpt_length check (octet_length(response_excerpt) <= 8192),
    exclusive boolean not null,
    fence bigint not null constraint runs_fence check (fence >= 0),
    lease_until timestamptz,
    -- Runs by hand stand for no occurrence, all others for one or more.
    constraint runs_scheduled check ((trigger = 'manual') = (scheduled_for is null)),
    constraint runs_span check (
        (scheduled_until is null) = (occurrences = 1)
        and (scheduled_until is null
            or (scheduled_until > scheduled_for and outcome in ('skipped', 'missed')))),
    constraint runs_finished check (
        (state = 'finished') = (outcome is not null) and (state = 'finished') = (finished_at is not null)),
    -- A run that is not finished always has somebody who will answer for it, also between two attempts.
    constraint runs_leased check ((state = 'finished') = (lease_until is null)),
    constraint runs_retry check ((state = 'retry_wait') = (retry_at is not null)),
    constraint runs_explained check ((reason is null) = (outcome is null or outcome = 'succeeded')),
    constraint runs_attempts check (attempts between 0 and attempts_max),
    constraint runs_attempted check (state not in ('running', 'retry_wait') or attempts >= 1),
    constraint runs_untouched check (
        outcome is null or outcome not in ('skipped', 'missed')
        or (attempts = 0 and started_at is null and http_status is null))
);

-- The two that make a run happen once.
create unique index if not exists runs_once on almanac.runs (job, scheduled_for)
    where scheduled_for is not null and not dry_run;
create unique index if not exists runs_one_live on almanac.runs (job)
    where exclusive and not dry_run and state <> 'finished';

create index if not exists runs_spans on almanac.runs (job, scheduled_until)
    where scheduled_until is not null;
create index if not exists runs_live on almanac.runs (lease_until) where state <> 'finished';
create index if not exists runs_newest on almanac.runs (created_at desc, run_id desc);
create index if not exists runs_of_job on almanac.runs (job, created_at desc, run_id desc);
create index if not exists runs_ended on almanac.runs (job, finished_at desc)
    where state = 'finished' and not dry_run;
create index if not exists runs_succeeded on almanac.runs (job, finished_at desc)
    where outcome = 'succeeded' and not dry_run;
create index if not exists runs_prune on almanac.runs (finished_at) where state = 'finished';

create table if not exists almanac.attempts (
    run_id uuid not null constraint attempts_run references almanac.runs (run_id) on delete cascade,
    number integer not null constraint attempts_number check (number >= 1),
    started_at timestamptz not null,
    finished_at timestamptz,
    http_status integer constraint attempts_http_status check (http_status between 100 and 999),
    reason text constraint attempts_reason_length check (length(reason) between 1 and 63),
    detail text constraint attempts_detail_length check (octet_length(detail) <= 1024),
    primary key (run_id, number)
);

alter table almanac.migrations enable row level security;
alter table almanac.jobs enable row level security;
alter table almanac.runs enable row level security;
alter table almanac.attempts enable row level security;
