-- Least rights for a database that others use too: run it as the owner of the schema, after `almanac migrate up`.
-- It may be run again at any time. Give the roles to the logins that need them:
--
--     create role almanac_host login password '…' in role almanac_runner;
--     create role on_call login password '…' in role almanac_reader;
--
-- Migrations stay with the owner: no daemon needs the right to change the schema.

do $$
begin
    if not exists (select from pg_roles where rolname = 'almanac_runner') then
        create role almanac_runner nologin;
    end if;
    if not exists (select from pg_roles where rolname = 'almanac_reader') then
        create role almanac_reader nologin;
    end if;
end
$$;

-- Row level security lets in nobody but the owner until a policy names a role.
do $$
declare old record;
begin
    for old in select policyname, tablename from pg_policies where schemaname = 'almanac' loop
        execute format('drop policy %I on almanac.%I', old.policyname, old.tablename);
    end loop;
end
$$;

-- A daemon decides and records. It prunes, too, but whoever gets hold of its login cannot delete a row of the last day,
-- nor one of a run that has not ended.
grant usage on schema almanac to almanac_runner;
grant select on almanac.migrations to almanac_runner;
grant select, insert, update on almanac.jobs to almanac_runner;
grant select, insert, update, delete on almanac.runs, almanac.attempts, almanac.hosts, almanac.pauses
    to almanac_runner;
grant select, insert, update, delete on almanac.definitions, almanac.events to almanac_runner;
grant select, insert, update on almanac.signatures, almanac.launch_steps to almanac_runner;
create policy runner on almanac.migrations for select to almanac_runner using (true);
create policy runner on almanac.jobs to almanac_runner using (true) with check (true);
create policy runner on almanac.runs to almanac_runner using (true) with check (true);
create policy runner on almanac.attempts to almanac_runner using (true) with check (true);
create policy runner on almanac.definitions to almanac_runner using (true) with check (true);
create policy runner on almanac.pauses to almanac_runner using (true) with check (true);
create policy runner on almanac.hosts to almanac_runner using (true) with check (true);
create policy runner on almanac.events to almanac_runner using (true) with check (true);
create policy runner on almanac.signatures to almanac_runner using (true) with check (true);
create policy runner on almanac.launch_steps to almanac_runner using (true) with check (true);
create policy runner_deletes on almanac.runs as restrictive for delete to almanac_runner
    using (state = 'finished' and finished_at < now() - interval '1 day');
create policy runner_deletes on almanac.attempts as restrictive for delete to almanac_runner
    using (started_at < now() - interval '1 day');
create policy runner_deletes on almanac.definitions as restrictive for delete to almanac_runner
    using (since < now() - interval '1 day');
create policy runner_deletes on almanac.hosts as restrictive for delete to almanac_runner
    using (seen_at < now() - interval '1 day');
create policy runner_deletes on almanac.events as restrictive for delete to almanac_runner
    using (at < now() - interval '1 day');

-- A person, or a page that shows the history, reads: every command that only reads works with this role.
grant usage on schema almanac to almanac_reader;
grant select on almanac.migrations, almanac.jobs, almanac.runs, almanac.attempts, almanac.definitions, almanac.pauses,
    almanac.hosts, almanac.events, almanac.signatures, almanac.launch_steps, almanac.history, almanac.overdue to almanac_reader;
create policy reader on almanac.migrations for select to almanac_reader using (true);
create policy reader on almanac.jobs for select to almanac_reader using (true);
create policy reader on almanac.runs for select to almanac_reader using (true);
create policy reader on almanac.attempts for select to almanac_reader using (true);
create policy reader on almanac.definitions for select to almanac_reader using (true);
create policy reader on almanac.pauses for select to almanac_reader using (true);
create policy reader on almanac.hosts for select to almanac_reader using (true);
create policy reader on almanac.signatures for select to almanac_reader using (true);
create policy reader on almanac.launch_steps for select to almanac_reader using (true);
create policy reader on almanac.events for select to almanac_reader using (true);
