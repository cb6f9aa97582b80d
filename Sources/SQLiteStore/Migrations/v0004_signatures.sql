-- Why: what people confirm before a launch, which no program can tell: who, when, and the hash of what was shown then. The last
-- word on an item counts.

create table if not exists signatures (
    item text primary key constraint signatures_item_length check (length(item) between 1 and 63),
    signed_by text not null
        constraint signatures_by_length check (length(cast(signed_by as blob)) between 1 and 255),
    note text constraint signatures_note_length check (length(cast(note as blob)) between 1 and 512),
    signed_at integer not null,
    evidence text not null constraint signatures_evidence_length check (length(evidence) = 32),
    host text not null constraint signatures_host_length check (length(host) between 1 and 255)
) strict;
