import CivilTime
import Glibc
import PostgresStore
import Records
import RunModel
import RunStoreConformance
import TestFiles
import Testing

@Suite("least rights in PostgreSQL", .enabled(if: TestServer.isThere, TestServer.absence), .serialized)
struct PostgresRolesTests {
    @Test(
        "a host with the runner's role can do all that a store does, and not change the schema"
    )
    func runner() async throws {
        try await withRoles { database in
            let host = try PostgresRunStore(
                connectionString: database.connectionString(user: "almanac_test_runner", password: "test"),
                applicationName: database.applicationName)
            try await host.verifyMigrations()
            for check in StoreCheck.all {
                try database.sql(
                    "truncate almanac.jobs, almanac.pauses, almanac.hosts, almanac.events cascade")
                try await check.run { host }
            }
            let runner = database.connectionString(user: "almanac_test_runner", password: "test")
            for script in ["drop index almanac.runs_once", "truncate almanac.attempts"] {
                #expect(throws: SetupError.self, "\(script)") { try query(runner, script) }
            }
        }
    }

    @Test("the runner's role cannot delete what is younger than a day, nor a run that has not ended")
    func deletions() async throws {
        try await withRoles { database in
            try database.sql(Self.youngAndOld)
            let runner = database.connectionString(user: "almanac_test_runner", password: "test")
            for table in ["attempts", "runs", "definitions", "hosts", "events"] {
                try query(runner, "delete from almanac.\(table)")
            }
            #expect(try database.sql("select host from almanac.hosts") == ["young"])
            #expect(try database.sql("select host from almanac.events") == ["young"])
            #expect(try database.sql("select host from almanac.definitions") == ["young"])
            #expect(
                try database.sql("select host from almanac.runs order by host") == ["live", "young"])
            #expect(
                try database.sql("select host from almanac.runs join almanac.attempts using (run_id)") == [
                    "young"
                ])
        }
    }

    @Test("a person with the reader's role sees the runs and writes nothing")
    func reader() async throws {
        try await withRoles { database in
            let store = try database.openStore()
            let job = try #require(JobName("purge"))
            _ = try await store.register(
                [JobRegistration(job: job, configHash: "1")], by: nil, now: .init(seconds: 0))
            let reader = database.connectionString(user: "almanac_test_reader", password: "test")
            #expect(try query(reader, "select job from almanac.jobs") == ["purge"])
            #expect(try query(reader, "select job from almanac.runs") == [])
            try database.sql(Self.youngAndOld)
            #expect(
                try query(reader, "select host from almanac.history where state = 'claimed'") == ["live"])
            #expect(try query(reader, "select job from almanac.overdue") == [])
            #expect(throws: SetupError.self) { try query(reader, "update almanac.jobs set fence = 0") }
        }
    }

    @Test("a reader verifies the schema, compares it, and asks all that can be asked")
    func readerAsks() async throws {
        try await withRoles { database in
            try database.sql(Self.youngAndOld)
            let store = try PostgresRunStore(
                connectionString: database.connectionString(user: "almanac_test_reader", password: "test"),
                applicationName: database.applicationName)
            let now = Instant(seconds: 4_102_444_800)
            try await store.verifyMigrations()
            #expect(try await store.inspectSchema() == [])
            #expect(try await store.history(HistoryQuery(limit: 9)).count == 3)
            #expect(try await store.summaries(until: now).count == 1)
            #expect(try await store.hosts().count == 2)
            #expect(try await store.definitions(of: nil).count == 2)
            #expect(
                try await store.events(from: Instant(seconds: 0), until: now, job: nil, limit: 9).count == 2)
            let operators = TestServer.connectionString(database: nil)
            try query(operators, "revoke temporary on database \(database.name) from public")
            let found = try await store.inspectSchema()
            try query(operators, "grant temporary on database \(database.name) to public")
            #expect(found.map(\.state) == [.unchecked], "\(found)")
        }
    }

    @Test("whoever has no role sees nothing, even with the right to select")
    func nobody() async throws {
        try await withRoles { database in
            let store = try database.openStore()
            let job = try #require(JobName("purge"))
            _ = try await store.register(
                [JobRegistration(job: job, configHash: "1")], by: nil, now: .init(seconds: 0))
            try database.sql(
                """
                grant usage on schema almanac to public;
                grant select on almanac.jobs, almanac.runs, almanac.history to public
                """)
            try database.sql(Self.youngAndOld)
            let nobody = database.connectionString(user: "almanac_test_nobody", password: "test")
            #expect(try query(nobody, "select job from almanac.jobs") == [])
            #expect(try query(nobody, "select job from almanac.history") == [])
        }
    }

    /// One row of each kind of just now, one of long ago, and a run of long ago that has not ended.
    private static let youngAndOld = """
        insert into almanac.jobs (job, last_scheduled_for) values ('purge', now()) on conflict do nothing;
        with kinds (host, at, state) as (values ('young', now(), 'finished'),
            ('old', now() - interval '2 days', 'finished'), ('live', now() - interval '2 days', 'claimed')
        ), runs as (
            insert into almanac.runs (run_id, job, trigger, dry_run, occurrences, due_at, state, outcome, attempts,
                attempts_max, host, config_hash, created_at, finished_at, lease_until, exclusive, fence)
            select gen_random_uuid(), 'purge', 'manual', false, 1, at, state,
                case state when 'finished' then 'succeeded' end, 1, 1, host, '1', at,
                case state when 'finished' then at end, case state when 'claimed' then at end, false, 1
            from kinds returning run_id, created_at
        ), attempts as (
            insert into almanac.attempts (run_id, number, started_at) select run_id, 1, created_at from runs
        ), hosts as (
            insert into almanac.hosts (host, version, started_at, seen_at, clock_offset, catalog_hash, jobs)
            select host, '1', at, at, interval '0', '1', 1 from kinds where state = 'finished'
        ), definitions as (
            insert into almanac.definitions (job, since, host)
            select 'purge', at, host from kinds where state = 'finished'
        )
        insert into almanac.events (at, host, kind, detail)
        select at, host, 'reload', 'x' from kinds where state = 'finished'
        """

    /// Runs `body` with a database to which `docs/roles.sql` was applied twice, and a login of each kind.
    private func withRoles(_ body: (TestDatabase) async throws -> Void) async throws {
        try await withDatabase { database in
            _ = try await database.openStore().migrateUp()
            let script = try contents(of: "docs/roles.sql")
            for _ in 1...2 { try database.sql(script) }
            for (login, role) in [
                ("runner", "in role almanac_runner"), ("reader", "in role almanac_reader"), ("nobody", ""),
            ] {
                try database.sql(
                    """
                    drop role if exists almanac_test_\(login);
                    create role almanac_test_\(login) login password 'test' \(role)
                    """)
            }
            try await body(database)
        }
    }

    /// A file of the package.
    private func contents(of path: String) throws -> String {
        let top = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(
            separator: "/")
        return try text(ofFile: top + "/" + path)
    }
}
