import PostgresStore
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
