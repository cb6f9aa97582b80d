import CivilTime
import PostgresStore
import Records
import RunModel
import RunStoreConformance
import Testing

@Suite("PostgreSQL", .enabled(if: TestServer.isThere, TestServer.absence))
struct PostgresConformanceTests {
    @Test(
        "the Postgres store keeps the contract of run stores",
        arguments: StoreCheck.all + StoreCheck.ofReading)
    func conforms(check: StoreCheck) async throws {
        try await withDatabase { database in
            _ = try await database.openStore().migrateUp()
            try await check.run { try database.openStore() }
        }
    }

    @Test(
        "what a clock that is ahead decides is refused, and changes nothing; what others decide with it is not"
    )
    func ahead() async throws {
        try await withDatabase { database in
            let store = try database.openStore()
            _ = try await store.migrateUp()
            let purge = StoreBench.purge
            let jobs = [purge, StoreBench.refresh].map { JobRegistration(job: $0, configHash: "c0ffee") }
            _ = try await store.register(jobs, by: StoreBench.here, now: StoreBench.midnight)
            // No server's clock is centuries off.
            let far = Instant(seconds: 20_000_000_000)
            var early = StoreBench.claim(1)
            early.run.createdAt = far
            var row = StoreBench.decision(1)
            (row.createdAt, row.finishedAt) = (far, far)
            async let taken = store.claim(StoreBench.claim(1, of: StoreBench.refresh))
            await #expect { _ = try await store.claim(early) } throws: {
                ($0 as? StoreError)?.reason == .ahead
            }
            _ = try await taken.owned
            await #expect { try await store.record([row]) } throws: { error in
                let error = error as? StoreError
                return error?.reason == .ahead && error?.message.contains("ahead of the store's") == true
            }
            #expect(try await store.summaries().first { $0.job == purge }?.watermark == StoreBench.midnight)
            #expect(try await store.history(HistoryQuery(job: purge, limit: 10)).isEmpty)
            // Nor is a job known from later than now.
            let known = try await store.register(
                [JobRegistration(job: purge, configHash: "f00d")], by: StoreBench.here, now: far)
            #expect(known[purge]?.watermark == StoreBench.midnight)
            #expect(try await store.definitions(of: purge).allSatisfy { $0.since < far })
            _ = try await store.own(StoreBench.claim(1))
        }
    }
}

@Suite("PgBouncer", .enabled(if: TestServer.isThere && TestServer.isPoolerThere, TestServer.poolerAbsence))
struct PoolerConformanceTests {
    @Test(
        "the contract holds when a pooler gives each session a server connection", arguments: StoreCheck.all)
    func session(check: StoreCheck) async throws {
        try await conform(check, .session)
    }

    @Test(
        "the contract holds when a pooler gives each transaction a server connection",
        arguments: StoreCheck.all)
    func transaction(check: StoreCheck) async throws {
        try await conform(check, .transaction)
    }

    @Test("nothing is left behind in a server connection that a pooler gives to others next")
    func leftovers() async throws {
        try await withDatabase { database in
            let store = try database.openStore(through: .transaction)
            _ = try await store.migrateUp()
            _ = try await store.summaries()
            let defaults = try database.sql(Self.settings)
            // More sessions than the pool has connections, so that the store's is among those asked.
            for _ in 1...4 { #expect(try database.sql(Self.settings, through: .transaction) == defaults) }
            #expect(
                try database.sql("select count(*) from pg_prepared_statements", through: .transaction) == [
                    "0"
                ])
        }
    }

    @Test(
        "a server connection that somebody else left read-only is written all the same, and is left as it was"
    )
    func leftReadOnly() async throws {
        try await withDatabase { database in
            let store = try database.openStore(through: .transaction)
            _ = try await store.migrateUp()
            let readOnly = "set session characteristics as transaction read only; select pg_backend_pid()"
            // Each server connection of the pool, of which one is given to several when they ask in turn.
            var left: Set<String> = []
            for _ in 1...8 { left.formUnion(try database.sql(readOnly, through: .transaction)) }
            let jobs = ["one", "two", "three", "four"].compactMap { JobName($0) }
            for job in jobs {
                _ = try await store.register(
                    [JobRegistration(job: job, configHash: "1")], by: nil,
                    now: Instant(seconds: 1_795_392_600))
            }
            defer {
                // They are others' next.
                let others =
                    "select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()"
                _ = try? database.sql(others + " and datname = current_database()")
            }
            #expect(try database.sql("select count(*) from almanac.jobs") == ["4"])
            let question = "select pg_backend_pid() || current_setting('default_transaction_read_only')"
            #expect(
                left.contains { $0 + "on" == (try? database.sql(question, through: .transaction))?.first })
        }
    }

    @Test(
        "what the database or its role says of writing is kept to, and so is what the connection string says")
    func meantReadOnly() async throws {
        try await withDatabase { database in
            _ = try await database.openStore().migrateUp()
            let string = database.connectionString
            let mark = string.contains("?") ? "&" : "?"
            let store = try PostgresRunStore(
                connectionString: string + mark + "options=-cdefault_transaction_read_only%3Don",
                applicationName: "almanac test")
            for writing in [
                { _ = try await store.register([], by: HostID("alpha/1"), now: Instant(seconds: 1)) },
                {
                    try await store.note([
                        StoreEvent(
                            at: Instant(seconds: 1), host: HostID("alpha/1"), kind: .reload, detail: "x")
                    ])
                },
            ] as [() async throws -> Void] {
                let error = await #expect(throws: StoreError.self) { try await writing() }
                #expect(error?.message.contains("read-only") == true)
            }
            #expect(try database.sql("select count(*) from almanac.events") == ["0"])
        }
    }

    private static let settings = """
        select name || ' ' || setting from pg_settings where name in ('statement_timeout', 'lock_timeout',
            'idle_in_transaction_session_timeout', 'search_path', 'default_transaction_isolation')
            order by name
        """

    private func conform(_ check: StoreCheck, _ mode: TestServer.PoolMode) async throws {
        try await withDatabase { database in
            // The migrations, too, go through the pooler.
            let migrating = try database.openStore(through: mode)
            _ = try await migrating.migrateUp()
            await migrating.close()
            try await check.run { try database.openStore(through: mode) }
        }
    }
}

@Test("where they are required, a server and poolers are there")
func requiredServersAreThere() {
    #expect(TestServer.isThere || !TestServer.isRequired, "\(TestServer.absence)")
    #expect(TestServer.isPoolerThere || !TestServer.isRequired, "\(TestServer.poolerAbsence)")
}
