-- Why: runs that make a past occurrence good, beside the row that stands for it. They are runs by hand, as the constraints
-- know them; what they are for is a column of its own, and each occurrence has one of them.

alter table runs add column backfill_of integer
    constraint runs_backfill_by_hand check (backfill_of is null or "trigger" = 'manual');

create unique index if not exists runs_backfill on runs (job, backfill_of) where backfill_of is not null;
