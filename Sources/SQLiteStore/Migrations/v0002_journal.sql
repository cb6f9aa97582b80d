-- Why: what the database of all hosts could not be told while it was away, in the order in which it will be.

create table if not exists journal (
    -- Never used again, since the proofs of ownership of an outage come from it.
    number integer primary key autoincrement,
    recorded_at integer not null,
    run_id text constraint journal_run_id_length check (length(run_id) = 36),
    fence integer,
    version integer not null constraint journal_version check (version >= 1),
    payload text not null,
    -- Why it can never be delivered; such a row is for people to look at.
    problem text,
    constraint journal_owned check ((run_id is null) = (fence is null))
) strict;

create index if not exists journal_waiting on journal (number) where problem is null;
create index if not exists journal_runs on journal (run_id) where run_id is not null;
