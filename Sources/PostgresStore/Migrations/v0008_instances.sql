-- Why: two daemons of one identity, as a copied state directory makes them, write one row in turn. Each start has a number of its
-- own, so that whoever finds another's in the row knows of the other. A host of the version before writes none.

alter table almanac.hosts add column if not exists instance text
    constraint hosts_instance_length check (length(instance) <= 16);
alter table almanac.hosts add column if not exists other_seen_at timestamptz;
