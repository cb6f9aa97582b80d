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
    last_scheduled_for timestamptz not null,
    fence bigint not null default 0 constraint jobs_fence check (fence >= 0),
    -- Up to here rows of the history were deleted, so that nothing up to here may be decided anew.
    pruned_until timestamptz,
    -- For those who ask when every daemon is dead: the next occurrence, the one after it, for a daemon that dies just
    -- after the next one was decided, and when to complain.
    next_due_at timestamptz,
    following_due_at timestamptz,
    overdue_after interval constraint jobs_overdue_after check (overdue_after > interval '0'),
    -- The host whose catalog put its definition in force; null when it was taken out.
    host text constraint jobs_host_length check (length(host) between 1 and 255),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

-- What a job was, and from when on: a proof of the past needs the definition of that time. The hash is null from when
-- the job was taken out.
create table if not exists almanac.definitions (
    job text not null constraint definitions_job references almanac.jobs (job),
    since timestamptz not null,
    config_hash text constraint definitions_config_hash_length check (length(config_hash) <= 64),
    zone_data text constraint definitions_zone_data_length check (length(zone_data) <= 64),
    definition text constraint definitions_definition_length check (octet_length(definition) <= 65536),
    host text not null constraint definitions_host_length check (length(host) between 1 and 255),
    primary key (job, since)
);

-- Pauses in force, of a job or, as *, of all; one that has run out is as good as none.
create table if not exists almanac.pauses (
    scope text primary key constraint pauses_scope check (scope ~ '^([*]|[a-z0-9][a-z0-9._-]{0,62})$'),
    paused_at timestamptz not null,
    paused_until timestamptz constraint pauses_until check (paused_until > paused_at),
    paused_by text not null constraint pauses_by_length check (octet_length(paused_by) between 1 and 255),
    reason text constraint pauses_reason_length check (octet_length(reason) between 1 and 512),
    detail text not null constraint pauses_detail_length check (octet_length(detail) <= 900)
);

-- The daemons that share these records; a host says every minute that it is there.
create table if not exists almanac.hosts (
    host text primary key constraint hosts_host_length check (length(host) between 1 and 255),
    version text not null constraint hosts_version_length check (length(version) <= 64),
    started_at timestamptz not null,
    seen_at timestamptz not null,
    -- How far its clock is ahead of this server's.
    clock_offset interval not null,
    catalog_hash text not null constraint hosts_catalog_hash_length check (length(catalog_hash) <= 64),
    jobs integer not null constraint hosts_jobs check (jobs >= 0),
    stopped_at timestamptz
);

-- What happened to hosts and catalogs, beside the runs: clocks that were set, pauses, changes, outages.
create table if not exists almanac.events (
    event_id bigint generated always as identity primary key,
    at timestamptz not null,
    host text not null constraint events_host_length check (length(host) between 1 and 255),
    kind text not null constraint events_kind_length check (length(kind) between 1 and 63),
    job text constraint events_job_length check (length(job) <= 63),
    detail text not null constraint events_detail_length check (octet_length(detail) <= 1024)
);
create index if not exists events_at on almanac.events (at desc, event_id desc);

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

-- No index looks at state or lease, so that what happens to a run between its claim and its end touches none of them.

-- The two that make a run happen once.
create unique index if not exists runs_once on almanac.runs (job, scheduled_for)
    where scheduled_for is not null and not dry_run;
create unique index if not exists runs_one_live on almanac.runs (job)
    where exclusive and not dry_run and finished_at is null;

create index if not exists runs_spans on almanac.runs (job, scheduled_until)
    where scheduled_until is not null;
create index if not exists runs_live on almanac.runs (job) where finished_at is null;
-- One for each form of the history. Nearly all runs succeed: the newest that did are near the top of all.
create index if not exists runs_newest on almanac.runs (created_at desc, run_id desc);
create index if not exists runs_of_job on almanac.runs (job, created_at desc, run_id desc);
create index if not exists runs_of_outcome on almanac.runs (outcome, created_at desc, run_id desc)
    where outcome <> 'succeeded';
create index if not exists runs_of_job_by_outcome on almanac.runs (job, outcome, created_at, run_id)
    where outcome is not null;
create index if not exists runs_ended on almanac.runs (job, finished_at desc)
    where finished_at is not null and not dry_run;
create index if not exists runs_succeeded on almanac.runs (job, finished_at desc)
    where outcome = 'succeeded' and not dry_run;
create index if not exists runs_prune on almanac.runs (finished_at) where finished_at is not null;
create index if not exists runs_excerpts on almanac.runs (finished_at) where response_excerpt is not null;

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
create index if not exists attempts_prune on almanac.attempts (started_at);

alter table almanac.migrations enable row level security;
alter table almanac.jobs enable row level security;
alter table almanac.definitions enable row level security;
alter table almanac.pauses enable row level security;
alter table almanac.hosts enable row level security;
alter table almanac.events enable row level security;
alter table almanac.runs enable row level security;
alter table almanac.attempts enable row level security;
