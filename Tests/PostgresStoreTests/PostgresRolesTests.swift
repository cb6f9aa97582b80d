import CivilTime
import Glibc
import PostgresStore
import RunModel
import RunStoreConformance
import Testing

@Suite("least rights in PostgreSQL", .enabled(if: TestServer.isThere, TestServer.absence), .serialized)
struct PostgresRolesTests {
    @Test(
        "a host with the runner's role can do all that a store does, and neither delete nor change the schema"
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
            for script in [
                "delete from almanac.runs", "drop index almanac.runs_once", "truncate almanac.attempts",
            ] {
                #expect(throws: SetupError.self, "\(script)") {
                    try query(
                        database.connectionString(user: "almanac_test_runner", password: "test"), script)
                }
            }
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
            #expect(throws: SetupError.self) { try query(reader, "update almanac.jobs set fence = 0") }
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
                "grant usage on schema almanac to public; grant select on almanac.jobs to public"
            )
            let nobody = database.connectionString(user: "almanac_test_nobody", password: "test")
            #expect(try query(nobody, "select job from almanac.jobs") == [])
        }
    }

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
        guard let file = fopen(top + "/" + path, "r") else { throw SetupError(description: "no \(path)") }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 64 * 1024)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
