import CivilTime
import PostgresStore
import Records
import RunModel
import Testing

@Suite("the schema in PostgreSQL", .enabled(if: TestServer.isThere, TestServer.absence))
struct PostgresMigrationTests {
    private static let all = [
        "v0001_runs", "v0002_views", "v0003_overdue_until_now", "v0004_backfill", "v0005_signatures",
        "v0006_launches", "v0008_instances", "v0009_delivering",
    ]

    @Test("migrations are applied once, and an audit finds them")
    func up() async throws {
        try await withDatabase { database in
            let store = try database.openStore()
            #expect(try await store.auditMigrations() == Self.all.map { .init(name: $0, state: .missing) })
            #expect(try await store.migrateUp() == Self.all)
            #expect(try await store.migrateUp() == [])
            #expect(try await store.auditMigrations() == Self.all.map { .init(name: $0, state: .applied) })
            try await store.verifyMigrations()
        }
    }

    @Test("several that migrate at once apply each migration once")
    func atOnce() async throws {
        try await withDatabase { database in
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 1...4 { group.addTask { try await database.openStore().migrateUp() } }
                return try await group.reduce(into: [String]()) { $0 += $1 }
            }
            #expect(applied == Self.all)
        }
    }

    @Test("a migration that was half done by hand is completed")
    func halfDone() async throws {
        try await withDatabase { database in
            let store = try database.openStore()
            _ = try await store.migrateUp()
            try database.sql("drop index almanac.runs_once; delete from almanac.migrations")
            #expect(try await store.migrateUp() == Self.all)
            try await store.verifyMigrations()
        }
    }

    @Test("without a schema every call says so, and what to run")
    func missing() async throws {
        try await withDatabase { database in
            let store = try database.openStore()
            for call in [
                { try await store.verifyMigrations() }, { _ = try await store.summaries(until: .latest) },
            ] {
                let error = await #expect(throws: StoreError.self) { try await call() }
                #expect(error?.reason == .schema)
                #expect(error?.hint?.hasPrefix("run `almanac migrate up`") == true)
            }
        }
    }

    @Test(
        "a schema that is newer, altered or without sound unique indexes is refused by name",
        arguments: [
            (
                "insert into almanac.migrations values ('v9999_future', 'x')", "v9999_future is newer",
                "newer almanac"
            ),
            ("update almanac.migrations set checksum = 'x'", "v0001_runs is altered", "by hand"),
            (
                "drop index almanac.runs_once", "runs_once is altered",
                "create unique index if not exists runs_once on almanac.runs (job, scheduled_for)"
            ),
            (
                "alter table almanac.pauses disable row level security",
                "row level security of pauses is altered",
                "alter table almanac.pauses enable row level security"
            ),
            ("delete from almanac.migrations where name > 'v0002'", "v0002_views is missing", "migrate up"),
            (
                "update pg_index set indisvalid = false where indexrelid = 'almanac.runs_one_live'::regclass",
                "runs_one_live is altered", "drop index if exists almanac.runs_one_live"
            ),
        ])
    func foreign(script: String, what: String, hint: String) async throws {
        try await withDatabase { database in
            let store = try database.openStore()
            _ = try await store.migrateUp()
            try database.sql(script)
            let error = await #expect(throws: StoreError.self) { try await store.verifyMigrations() }
            #expect(error?.reason == .schema)
            #expect(error?.message.contains(what) == true)
            #expect(error?.hint?.contains(hint) == true)
        }
    }

    @Test("what is said to put a schema right does so")
    func remedy() async throws {
        try await withDatabase { database in
            let store = try database.openStore()
            _ = try await store.migrateUp()
            try database.sql(
                """
                drop index almanac.runs_once; alter table almanac.jobs disable row level security;
                update pg_index set indisvalid = false where indexrelid = 'almanac.runs_one_live'::regclass
                """)
            let remedies = try await store.auditMigrations().compactMap(\.remedy)
            #expect(remedies.count == 3)
            for remedy in remedies { try database.sql(remedy) }
            try await store.verifyMigrations()
        }
    }

    @Test(
        "what was lost or changed by hand is named, and its remedy puts it right",
        arguments: [
            (
                "alter table almanac.runs drop column http_status cascade",
                ["http_status of runs", "view history"]
            ),
            ("alter table almanac.hosts alter jobs type bigint", ["column jobs of hosts"]),
            ("alter table almanac.jobs alter fence drop default", ["column fence of jobs"]),
            ("alter table almanac.runs alter due_at drop not null", ["column due_at of runs"]),
            ("alter table almanac.events alter event_id drop identity", ["column event_id of events"]),
            ("alter table almanac.runs drop constraint runs_finished", ["constraint runs_finished of runs"]),
            (
                "alter table almanac.runs drop constraint runs_outcome, add constraint runs_outcome check (true)",
                ["constraint runs_outcome of runs"]
            ),
            (
                "alter table almanac.attempts drop constraint attempts_run",
                ["constraint attempts_run of attempts"]
            ),
            ("alter table almanac.pauses drop constraint pauses_pkey", ["constraint pauses_pkey of pauses"]),
            ("drop index almanac.runs_newest", ["runs_newest"]),
            (
                "drop index almanac.runs_live; create index runs_live on almanac.runs (host)", ["runs_live"]
            ),
            ("drop view almanac.overdue", ["view overdue"]),
            (
                "create or replace view almanac.history with (security_invoker = false) as table almanac.history",
                ["view history"]
            ),
            ("drop view almanac.overdue; create view almanac.overdue as select 1 as job", ["view overdue"]),
            ("drop table almanac.signatures", ["table signatures"]),
            ("alter table almanac.events force row level security", ["row level security of events"]),
        ])
    func changed(script: String, names: [String]) async throws {
        try await withDatabase { database in
            let store = try database.openStore()
            _ = try await store.migrateUp()
            let definition = try database.sql("select pg_get_viewdef('almanac.history'::regclass)")
            try database.sql(
                script.replacing("as table almanac.history", with: "as " + definition.joined()))
            let found = try await store.inspectSchema()
            for name in names {
                #expect(found.contains { $0.name.hasSuffix(name) && $0.isWrong }, "\(name): \(found)")
            }
            for remedy in found.compactMap(\.remedy) { try database.sql(remedy) }
            _ = try await store.migrateUp()
            #expect(try await store.inspectSchema() == [])
            try await store.verifyMigrations()
        }
    }

    @Test(
        "an audit of a schema that is as it was made finds nothing, also in the midst of work, and leaves nothing"
    )
    func unchanged() async throws {
        try await withDatabase { database in
            let store = try database.openStore()
            _ = try await store.migrateUp()
            // What an operator adds is the operator's.
            try database.sql(
                """
                alter table almanac.runs add column note text; create index note on almanac.runs (note);
                create function almanac.note() returns trigger language plpgsql as 'begin return new; end';
                create trigger note before insert on almanac.runs for each row execute function almanac.note();
                begin; lock table almanac.events in row exclusive mode
                """)
            #expect(try await store.inspectSchema() == [])
            #expect(try await store.inspectSchema() == [])
            #expect(try database.sql("select relname from pg_class where relpersistence = 't'") == [])
        }
    }

    @Test("where the schema cannot be made again beside it, an audit says so and passes")
    func unchecked() async throws {
        try await withDatabase { database in
            let store = try database.openStore()
            _ = try await store.migrateUp()
            let operators = TestServer.connectionString(database: nil)
            let setting = "alter database \(database.name)"
            try query(operators, "\(setting) set default_transaction_read_only = on")
            await store.close()
            let found = try await store.inspectSchema()
            try query(operators, "\(setting) reset default_transaction_read_only")
            #expect(found.map(\.state) == [.unchecked])
            #expect(StoreError(schemaOf: found) == nil)
        }
    }

    @Test("an owner whom forced row security keeps from every row learns that, and not to migrate")
    func forced() async throws {
        try await withDatabase { database in
            _ = try await database.openStore().migrateUp()
            try database.sql(
                """
                drop role if exists almanac_test_owner; create role almanac_test_owner login password 'test';
                alter schema almanac owner to almanac_test_owner;
                alter table almanac.migrations owner to almanac_test_owner;
                alter table almanac.runs owner to almanac_test_owner;
                alter table almanac.migrations force row level security
                """)
            let store = try PostgresRunStore(
                connectionString: database.connectionString(user: "almanac_test_owner", password: "test"),
                applicationName: "almanac test")
            for call in [
                { try await store.verifyMigrations() }, { _ = try await store.migrateUp() },
            ] {
                let error = await #expect(throws: StoreError.self) { try await call() }
                #expect(error?.hint?.contains("alter table almanac.migrations no force row level") == true)
            }
            try database.sql("reassign owned by almanac_test_owner to current_user")
            try database.sql("drop role almanac_test_owner")
        }
    }

    @Test("the columns are those of the records")
    func columns() async throws {
        try await withDatabase { database in
            _ = try await database.openStore().migrateUp()
            let columns = """
                select column_name from information_schema.columns
                where table_schema = 'almanac' and table_name =
                """
            #expect(
                try database.sql(columns + " 'runs'").sorted()
                    == (RunRecord.columns + ["exclusive", "fence", "lease_until"]).sorted())
            #expect(
                try database.sql(columns + " 'attempts' order by ordinal_position")
                    == ["run_id"] + AttemptRecord.columns)
        }
    }

    @Test(
        "the schema keeps to its rules",
        arguments: [
            (
                "tables without row level security",
                "select relname from pg_class where relkind = 'r' "
                    + "and relnamespace = 'almanac'::regnamespace and not relrowsecurity"
            ),
            ("policies", "select policyname from pg_policies where schemaname = 'almanac'"),
            (
                "instants without a zone",
                "select column_name from information_schema.columns "
                    + "where table_schema = 'almanac' and data_type = 'timestamp without time zone'"
            ),
            ("tables in public", "select tablename from pg_tables where schemaname = 'public'"),
            (
                "constraints with a name that tells nothing",
                "select conname from pg_constraint "
                    + "where connamespace = 'almanac'::regnamespace and conname like '%check%'"
            ),
        ])
    func rules(what: String, query: String) async throws {
        try await withDatabase { database in
            _ = try await database.openStore().migrateUp()
            #expect(try database.sql(query) == [], "\(what)")
        }
    }
}
