/// Places in the database at which a daemon's statement can be held: what stops there is neither done nor refused.
enum Gate: Int, CaseIterable {
    /// The claim, with which the first attempt starts.
    case claim = 1
    /// The start of a later attempt.
    case attempt
    case finish, retry

    /// What the statement that is held here changes, as a condition on `chaos.changes`.
    var change: String {
        switch self {
        case .claim: "old_state is null and new_state = 'running'"
        case .attempt: "old_state = 'retry_wait' and new_state = 'running'"
        case .finish: "new_state = 'finished'"
        case .retry: "new_state = 'retry_wait'"
        }
    }

    /// Whether a run comes here only after its first attempt has failed.
    var isAfterFailure: Bool {
        switch self {
        case .attempt, .retry: true
        case .claim, .finish: false
        }
    }
}

/// What the databases have beside the schema of almanac: triggers that hold statements at gates and note each change.
enum Gates {
    /// The schema; a gate is an advisory lock, which those who pass share.
    static let schema = """
        create schema chaos;
        create table chaos.changes (
            number bigint generated always as identity, program text not null, run_id uuid not null,
            old_state text, new_state text not null, old_fence bigint, new_fence bigint not null,
            old_host text, new_host text not null, old_reason text);
        create table chaos.requests (run_id uuid not null, attempt integer not null, key text not null,
            number integer not null);
        create table chaos.jobs (job text primary key, period interval not null);

        create function chaos.hold() returns trigger language plpgsql
            set search_path = pg_catalog set lock_timeout = 0 as $$
        begin
            if tg_table_name = 'attempts' then
                if new.number > 1 and new.finished_at is null then
                    perform pg_advisory_xact_lock_shared(2);
                end if;
            elsif tg_op = 'INSERT' then
                if new.state = 'running' then perform pg_advisory_xact_lock_shared(1); end if;
            elsif new.state = 'finished' and old.state <> 'finished' then
                perform pg_advisory_xact_lock_shared(3);
            elsif new.state = 'retry_wait' and old.state <> 'retry_wait' then
                perform pg_advisory_xact_lock_shared(4);
            end if;
            return new;
        end $$;

        create function chaos.note() returns trigger language plpgsql set search_path = pg_catalog as $$
        begin
            if tg_op = 'INSERT' then
                insert into chaos.changes (program, run_id, new_state, new_fence, new_host)
                values (current_setting('application_name'), new.run_id, new.state, new.fence, new.host);
            else
                insert into chaos.changes
                    (program, run_id, old_state, new_state, old_fence, new_fence, old_host, new_host, old_reason)
                values (current_setting('application_name'), new.run_id, old.state, new.state, old.fence,
                    new.fence, old.host, new.host, old.reason);
            end if;
            return null;
        end $$;
        grant usage on schema chaos to public;
        grant insert on chaos.changes to public;
        """

    /// What the tables of almanac have of it, which goes with them.
    static let triggers = """
        create trigger chaos_hold before insert or update on almanac.runs
            for each row execute function chaos.hold();
        create trigger chaos_hold before insert on almanac.attempts
            for each row execute function chaos.hold();
        create trigger chaos_note after insert or update on almanac.runs
            for each row execute function chaos.note();
        """
}

extension Deployment {
    private var keeper: String { "chaos gate" }

    /// Closes a gate: who comes there waits.
    func close(_ gate: Gate) async throws {
        let session = try server.client(
            ["-c", "select pg_advisory_lock(\(gate.rawValue))", "-c", "select pg_sleep(600)"], database,
            name: keeper)
        try await wait(until: "a gate is closed") {
            if let status = session.status { throw Trouble("psql ended with \(status)") }
            return try await !sql(
                """
                select 1 from pg_locks join pg_database on pg_database.oid = pg_locks.database
                where locktype = 'advisory' and mode = 'ExclusiveLock' and granted
                    and datname = current_database()
                """
            ).isEmpty
        }
    }

    /// Opens every gate: who waits there goes on.
    func openGates() async throws {
        try await sql(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where application_name = '\(keeper)' and datname = current_database()
            """)
    }

    /// The server's process that holds a statement of this daemon at a gate.
    func held(_ daemon: Daemon) async throws -> String? {
        try await sql(
            """
            select pid from pg_stat_activity
            where application_name = '\(daemon.applicationName)' and datname = current_database()
                and wait_event_type = 'Lock' and wait_event = 'advisory'
            """
        ).first?.first
    }

    /// Whether the server still works for this daemon.
    func isServed(_ daemon: Daemon) async throws -> Bool {
        try await !sql(
            """
            select pid from pg_stat_activity
            where application_name = '\(daemon.applicationName)' and datname = current_database()
                and state not in ('idle', 'idle in transaction (aborted)')
            """
        ).isEmpty
    }
}
