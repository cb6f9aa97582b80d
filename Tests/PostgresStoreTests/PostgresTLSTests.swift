import PostgresStore
import Records
import Testing

@Suite(
    "TLS to PostgreSQL", .enabled(if: TestServer.certificates != nil, "with-postgres had no openssl"),
    .serialized)
struct PostgresTLSTests {
    @Test(
        "a connection is encrypted, and the server's certificate verified, as the connection string says",
        arguments: [
            "sslmode=require", "sslmode=prefer", "sslmode=verify-ca sslrootcert=server.pem",
            "sslmode=verify-full sslrootcert=server.pem",
        ])
    func accepted(options: String) async throws {
        let string = try connectionString(options)
        let store = try PostgresRunStore(connectionString: string, applicationName: "almanac test")
        _ = try await store.auditMigrations()
        #expect(try query(string, "select ssl from pg_stat_ssl where pid = pg_backend_pid()") == ["t"])
    }

    @Test(
        "a certificate of somebody else, or a connection that is not encrypted enough, is refused with a hint",
        arguments: [
            ("sslmode=verify-full sslrootcert=other.pem", "certificate verify failed", "sslrootcert="),
            ("sslmode=verify-ca sslrootcert=other.pem", "certificate verify failed", "sslrootcert="),
            ("sslmode=verify-full sslrootcert=none.pem", "does not exist", "sslrootcert="),
            (
                "sslmode=verify-full sslrootcert=server.pem host=127.0.0.1", "does not match host name",
                "a name that the server's certificate holds"
            ),
            ("sslmode=disable", "no encryption", "sslmode=verify-full"),
        ])
    func refused(options: String, message: String, hint: String) async throws {
        let store = try PostgresRunStore(
            connectionString: try connectionString(options), applicationName: "almanac test")
        let error = await #expect(throws: StoreError.self) { _ = try await store.auditMigrations() }
        #expect(error?.reason == .refused)
        #expect(error?.message.contains(message) == true, "\(String(describing: error))")
        #expect(error?.hint?.contains(hint) == true, "\(error?.hint ?? "none")")
    }

    /// The connection string of a role that the server lets in over TLS alone.
    private func connectionString(_ options: String) throws -> String {
        let directory = try #require(TestServer.certificates)
        let port = try #require(TestServer.variable("PGPORT"))
        try query(
            TestServer.connectionString(database: nil),
            """
            drop role if exists almanac_test_tls; create role almanac_test_tls login password 'test'
            """)
        let located = options.split(separator: "sslrootcert=", omittingEmptySubsequences: false)
            .joined(separator: "sslrootcert=\(directory)/")
        // Of a keyword given twice the last one counts.
        return
            "host=localhost hostaddr=127.0.0.1 port=\(port) dbname=postgres user=almanac_test_tls password=test "
            + located
    }
}
