import PostgresStore
import RunStoreConformance
import Testing

@Suite("PostgreSQL", .enabled(if: TestServer.isThere, TestServer.absence))
struct PostgresConformanceTests {
    @Test("the Postgres store keeps the contract of run stores", arguments: StoreCheck.all)
    func conforms(check: StoreCheck) async throws {
        try await withDatabase { database in
            let store = try database.openStore()
            _ = try await store.migrateUp()
            try await check.run { try database.openStore() }
        }
    }
}

@Test("a server is there when it is required")
func requiredServerIsThere() {
    #expect(TestServer.isThere || !TestServer.isRequired, "\(TestServer.absence)")
}
