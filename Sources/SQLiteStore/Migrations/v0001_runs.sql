-- Why: the embedded record of runs, for one host. The tables and columns are those of the Postgres schema, so that one question has one wording; instants are
-- microseconds since 1970-01-01T00:00:00Z. The constraints state what must hold whatever a program does.

create table if not exists migrations (
    name text primary key,
    checksum text not null,
    applied_at integer not null
) strict;

-- One row per job. The watermark and the fence live here, where pruning the history never reaches them.
create table if not exists jobs (
    job text primary key constraint jobs_job_length check (length(job) between 1 and 63),
    last_scheduled_for integer not null,
    fence integer not null default 0 constraint jobs_fence check (fence >= 0),
    -- Up to here rows of the history were deleted, so that nothing up to here may be decided anew.
    pruned_until integer,
    next_due_at integer,
    following_due_at integer,
    overdue_after integer constraint jobs_overdue_after check (overdue_after > 0),
    -- The host whose catalog put its definition in force; null when it was taken out.
    host text constraint jobs_host_length check (length(host) between 1 and 255),
    created_at integer not null,
    updated_at integer not null
) strict;

-- What a job was, and from when on: a proof of the past needs the definition of that time. The hash is null from when
-- the job was taken out.
create table if not exists definitions (
    job text not null references jobs (job),
    since integer not null,
    config_hash text constraint definitions_config_hash_length check (length(config_hash) <= 64),
    zone_data text constraint definitions_zone_data_length check (length(zone_data) <= 64),
    definition text
        constraint definitions_definition_length check (length(cast(definition as blob)) <= 65536),
    host text not null constraint definitions_host_length check (length(host) between 1 and 255),
    primary key (job, since)
) strict;

-- Pauses in force, of a job or, as *, of all; one that has run out is as good as none.
create table if not exists pauses (
    scope text primary key constraint pauses_scope_length check (length(scope) between 1 and 63),
    paused_at integer not null,
    paused_until integer constraint pauses_until check (paused_until > paused_at),
    paused_by text not null
        constraint pauses_by_length check (length(cast(paused_by as blob)) between 1 and 255),
    reason text constraint pauses_reason_length check (length(cast(reason as blob)) between 1 and 512),
    detail text not null constraint pauses_detail_length check (length(cast(detail as blob)) <= 900)
) strict;

-- The daemons that share these records: for the embedded store the one of this host.
create table if not exists hosts (
    host text primary key constraint hosts_host_length check (length(host) between 1 and 255),
    version text not null constraint hosts_version_length check (length(version) <= 64),
    started_at integer not null,
    seen_at integer not null,
    clock_offset integer not null,
    catalog_hash text not null constraint hosts_catalog_hash_length check (length(catalog_hash) <= 64),
    jobs integer not null constraint hosts_jobs check (jobs >= 0),
    stopped_at integer
) strict;

-- What happened to hosts and catalogs, beside the runs: clocks that were set, pauses, changes.
create table if not exists events (
    event_id integer primary key,
    at integer not null,
    host text not null constraint events_host_length check (length(host) between 1 and 255),
    kind text not null constraint events_kind_length check (length(kind) between 1 and 63),
    job text constraint events_job_length check (length(job) <= 63),
    detail text not null constraint events_detail_length check (length(cast(detail as blob)) <= 1024)
) strict;
create index if not exists events_at on events (at desc, event_id desc);

create table if not exists runs (
    run_id text primary key constraint runs_run_id_length check (length(run_id) = 36),
    job text not null references jobs (job),
    "trigger" text not null constraint runs_trigger check ("trigger" in ('schedule', 'catch_up', 'manual')),
    dry_run integer not null constraint runs_dry_run check (dry_run in (0, 1)),
    scheduled_for integer,
    scheduled_until integer,
    occurrences integer not null constraint runs_occurrences check (occurrences >= 1),
    nominal_local text constraint runs_nominal_local_length check (length(nominal_local) <= 128),
    due_at integer not null,
    state text not null
        constraint runs_state check (state in ('claimed', 'running', 'retry_wait', 'finished')),
    outcome text constraint runs_outcome check (
        outcome in ('succeeded', 'declined', 'failed', 'timed_out', 'unknown', 'skipped', 'missed')),
    reason text constraint runs_reason_length check (length(reason) between 1 and 63),
    detail text constraint runs_detail_length check (length(cast(detail as blob)) <= 1024),
    attempts integer not null,
    attempts_max integer not null constraint runs_attempts_max check (attempts_max >= 1),
    retry_at integer,
    host text not null constraint runs_host_length check (length(host) between 1 and 255),
    requested_by text constraint runs_requested_by_length check (length(requested_by) <= 255),
    config_hash text not null constraint runs_config_hash_length check (length(config_hash) <= 64),
    zone_data text constraint runs_zone_data_length check (length(zone_data) <= 64),
    created_at integer not null,
    started_at integer,
    finished_at integer,
    http_status integer constraint runs_http_status check (http_status between 100 and 999),
    response_bytes integer constraint runs_response_bytes check (response_bytes >= 0),
    response_excerpt text
        constraint runs_response_excerpt_length check (length(cast(response_excerpt as blob)) <= 8192),
    exclusive integer not null constraint runs_exclusive check (exclusive in (0, 1)),
    fence integer not null constraint runs_fence check (fence >= 0),
    lease_until integer,
    -- Runs by hand stand for no occurrence, all others for one or more.
    constraint runs_scheduled check (("trigger" = 'manual') = (scheduled_for is null)),
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
) strict;

-- The two that make a run happen once.
create unique index if not exists runs_once on runs (job, scheduled_for)
    where scheduled_for is not null and dry_run = 0;
create unique index if not exists runs_one_live on runs (job)
    where exclusive = 1 and dry_run = 0 and state <> 'finished';

create index if not exists runs_spans on runs (job, scheduled_until) where scheduled_until is not null;
create index if not exists runs_live on runs (job) where state <> 'finished';
create index if not exists runs_newest on runs (created_at desc, run_id desc);
create index if not exists runs_of_job on runs (job, created_at desc, run_id desc);
create index if not exists runs_of_outcome on runs (outcome, created_at desc, run_id desc)
    where outcome <> 'succeeded';
create index if not exists runs_of_job_by_outcome on runs (job, outcome, created_at desc, run_id desc)
    where outcome is not null;
create index if not exists runs_ended on runs (job, finished_at desc)
    where state = 'finished' and dry_run = 0;
create index if not exists runs_succeeded on runs (job, finished_at desc)
    where outcome = 'succeeded' and dry_run = 0;
create index if not exists runs_prune on runs (finished_at) where state = 'finished';
create index if not exists runs_excerpts on runs (finished_at) where response_excerpt is not null;

create table if not exists attempts (
    run_id text not null references runs (run_id) on delete cascade,
    number integer not null constraint attempts_number check (number >= 1),
    started_at integer not null,
    finished_at integer,
    http_status integer constraint attempts_http_status check (http_status between 100 and 999),
    reason text constraint attempts_reason_length check (length(reason) between 1 and 63),
    detail text constraint attempts_detail_length check (length(cast(detail as blob)) <= 1024),
    primary key (run_id, number)
) strict;
create index if not exists attempts_prune on attempts (started_at);
