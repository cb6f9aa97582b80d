-- Why: a host that comes back to a database which was away may have made runs that no row tells of yet. Until it has told, no
-- other host that comes back or starts may decide what was due then. A host of the version before marks nothing.

alter table almanac.hosts add column if not exists delivering_until timestamptz;
