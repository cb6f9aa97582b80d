-- Why: a host that comes back to a store which was away may have made runs that no row tells of yet.

alter table hosts add column delivering_until integer;
