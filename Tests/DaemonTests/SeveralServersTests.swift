import CivilTime
import PostgresStore
import Records
import RunModel
import Testing

@Suite(
    "a connection string with several hosts",
    .enabled(
        if: OwnServer.isWanted, "Tests/Support/with-postgres swift test runs what needs a server"))
struct SeveralServersTests {
    @Test("a server that becomes read-only under an open connection is left for the one that may be written")
    func failover() async throws {
        try await withTwoServers { first, second, connection in
            let store = try PostgresRunStore(
                connectionString: connection + " target_session_attrs=read-write",
                applicationName: "almanac test")
            try await register("before", in: store)
            #expect(try await first.sql("select job from almanac.jobs") == ["before"])
            try await first.sql("alter system set default_transaction_read_only = on")
            try await first.sql("select pg_reload_conf()")
            // Sessions that are open hear of it in their time.
            try await eventually("the first server refuses to write") {
                do throws(StoreError) {
                    try await register("before", in: store)
                    return false
                } catch {
                    #expect(error.reason == .refused, "\(error)")
                    return true
                }
            }
            try await register("after", in: store)
            #expect(try await second.sql("select job from almanac.jobs") == ["after"])
            await store.close()
        }
    }

    @Test("after the primary is lost, the standby that took its place is written")
    func promotion() async throws {
        try await withStandby { primary, standby, store in
            try await register("before", in: store)
            try await eventually("the standby follows") {
                try await standby.sql("select job from almanac.jobs") == ["before"]
            }
            try await primary.kill()
            await #expect(throws: StoreError.self) { try await register("after", in: store) }
            try await standby.sql("select pg_promote()")
            try await eventually("the new primary is written") {
                do throws(StoreError) {
                    try await register("after", in: store)
                    return true
                } catch {
                    #expect([.unreachable, .refused].contains(error.reason), "\(error)")
                    return false
                }
            }
            let jobs = "select job from almanac.jobs order by job desc"
            #expect(try await standby.sql(jobs) == ["before", "after"])
        }
    }

    @Test(
        "a standby refuses to be written, can be read, and is written on the same connection once it is promoted"
    )
    func promotedUnderneath() async throws {
        try await withStandby { _, standby, _ in
            let store = try PostgresRunStore(
                connectionString: standby.connection, applicationName: "almanac test")
            for _ in 1...2 {
                do throws(StoreError) {
                    try await register("one", in: store)
                    Issue.record("a standby was written")
                } catch {
                    #expect(error.reason == .refused && error.message.contains("read-only"), "\(error)")
                    #expect(error.hint?.contains("standby") == true)
                }
                #expect(try await store.summaries(until: Instant(seconds: 1)).isEmpty)
            }
            let session = "select pid from pg_stat_activity where application_name = 'almanac test'"
            let before = try await standby.sql(session)
            try await standby.sql("select pg_promote()")
            try await register("one", in: store)
            #expect(try await standby.sql(session) == before)
            await store.close()
        }
    }

    /// A primary with the schema, its standby, and the store of both.
    private func withStandby(
        _ body: (OwnServer, OwnServer.Standby, PostgresRunStore) async throws -> Void
    ) async throws {
        try await withBench { bench in
            try await OwnServer.with(&bench) { _, primary in
                try await primary.withStandby { standby in
                    let store = try PostgresRunStore(
                        connectionString: standby.withPrimary + "&target_session_attrs=read-write",
                        applicationName: "almanac test")
                    try await body(primary, standby, store)
                    await store.close()
                }
            }
        }
    }

    @Test("when no server may be written, the error says so, and what to do")
    func noPrimary() async throws {
        try await withTwoServers { first, second, connection in
            for server in [first, second] {
                try await server.sql("alter system set default_transaction_read_only = on")
                try await server.sql("select pg_reload_conf()")
            }
            let isReadOnly = "select setting from pg_settings where name = 'default_transaction_read_only'"
            for server in [first, second] {
                try await eventually("it is read-only") { try await server.sql(isReadOnly) == ["on"] }
            }
            let store = try PostgresRunStore(
                connectionString: connection + " target_session_attrs=read-write",
                applicationName: "almanac test")
            let error = await #expect(throws: StoreError.self) { try await store.summaries(until: .latest) }
            #expect(error?.reason == .refused)
            #expect(error?.message.hasSuffix("session is read-only") == true, "\(error?.message ?? "")")
            #expect(error?.hint?.contains("target_session_attrs=read-write") == true)
        }
    }

    private func register(_ job: String, in store: PostgresRunStore) async throws(StoreError) {
        let jobs = [JobName(job)].compactMap(\.self).map { JobRegistration(job: $0, configHash: "1") }
        _ = try await store.register(jobs, by: nil, now: Instant(seconds: 1_795_392_600))
    }

    /// Two servers with the schema, and the connection string of both for a role that both have.
    private func withTwoServers(
        _ body: (OwnServer, OwnServer, String) async throws -> Void
    ) async throws {
        try await withBench { bench in
            try await OwnServer.with(&bench) { _, first in
                try await withBench { bench in
                    try await OwnServer.with(&bench) { _, second in
                        for server in [first, second] {
                            try await server.sql(
                                "create role almanac_failover superuser login password 'test'")
                        }
                        let ports = [first, second].compactMap {
                            $0.connection.firstMatch(of: /:(\d+)\//)?.output.1
                        }
                        try await body(
                            first, second,
                            "host=127.0.0.1,127.0.0.1 port=\(ports.joined(separator: ",")) dbname=postgres "
                                + "user=almanac_failover password=test sslmode=disable")
                    }
                }
            }
        }
    }
}
