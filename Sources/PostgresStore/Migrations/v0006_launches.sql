-- Why: what was done to go over to a new system, or back: each step with its time and who, for everybody in the room, and so
-- that whoever types the command again goes on where it stopped.

create table if not exists almanac.launch_steps (
    launch timestamptz not null,
    kind text not null constraint launch_steps_kind check (kind in ('cutover', 'rollback')),
    step text not null constraint launch_steps_step_length check (length(step) between 1 and 63),
    done boolean not null,
    ended_at timestamptz not null,
    by text not null constraint launch_steps_by_length check (octet_length(by) between 1 and 255),
    host text not null constraint launch_steps_host_length check (length(host) between 1 and 255),
    detail text not null constraint launch_steps_detail_length check (octet_length(detail) <= 1024),
    facts text constraint launch_steps_facts_length check (octet_length(facts) <= 65536),
    primary key (launch, kind, step)
);

alter table almanac.launch_steps enable row level security;
