-- Why: what people confirm before a launch, which no program can tell: who, when, and the hash of what was shown then. The last
-- word on an item counts.

create table if not exists almanac.signatures (
    item text primary key constraint signatures_item check (item ~ '^[a-z0-9][a-z0-9._-]{0,62}$'),
    signed_by text not null constraint signatures_by_length check (octet_length(signed_by) between 1 and 255),
    note text constraint signatures_note_length check (octet_length(note) between 1 and 512),
    signed_at timestamptz not null,
    evidence text not null constraint signatures_evidence_length check (length(evidence) = 32),
    host text not null constraint signatures_host_length check (length(host) between 1 and 255)
);

alter table almanac.signatures enable row level security;
