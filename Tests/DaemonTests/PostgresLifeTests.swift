import Glibc
import StandInAPI
import Testing

private func variable(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
}

/// Where a server must be there, its absence is a failure.
private let isServerRequired = variable("CI") != nil || variable("ALMANAC_REQUIRE_POSTGRES") == "1"

/// The connection string of the server of the tests, with a database in its path.
private let server = variable("ALMANAC_TEST_DSN")

@Suite(
    "the daemon with PostgreSQL",
    .enabled(
        if: server != nil || isServerRequired, "Tests/Support/with-postgres swift test gives it a server"))
struct PostgresLifeTests {
    /// Runs `body` with a deployment whose `DB_DSN` is a database of its own, which is dropped afterwards.
    func withDatabase(_ body: (Bench) async throws -> Void) async throws {
        let server = try #require(server)
        let name = "almanac_daemon_\(getpid())_\(UInt32.random(in: 0 ... .max))"
        try await withBench { bench in
            func psql(_ statement: String) async throws {
                let result = try await ProgramProcess(
                    ["/usr/bin/psql", "-X", "-q", server, "-c", statement], environment: ["PATH": "/usr/bin"],
                    directory: bench.directory
                ).result()
                try #require(result.status == 0, "\(result.errors)")
            }
            try await psql("create database \(name)")
            let path = server.split(separator: "/", omittingEmptySubsequences: false)
            bench.environment["DB_DSN"] = path.dropLast().joined(separator: "/") + "/" + name
            // A server that is busy for seconds is away for its clients, and hosts that run on then may both run a job.
            bench.environment["ALMANAC_STORE_OUTAGE"] = "hold"
            do {
                try await body(bench)
            } catch {
                try await psql("drop database \(name) with (force)")
                throw error
            }
            try await psql("drop database \(name) with (force)")
        }
    }

    @Test("a database without the schema is refused with what to do, and both are good after migrate up")
    func migration() async throws {
        try await withDatabase { bench in
            try bench.write(everySecond)
            let refused = try await bench.almanac("daemon")
            #expect(refused.status == 78)
            #expect(refused.errors.contains("almanac migrate up"))
            #expect(try await bench.almanac("migrate", "audit").status == 1)
            #expect(try await bench.almanac("migrate", "up").status == 0)
            #expect(try await bench.almanac("migrate", "up").output.contains("nothing to apply"))
            #expect(try await bench.almanac("migrate", "audit").status == 0)
            let run = try await bench.almanac("run-now", "tick")
            #expect(run.status == 0, "\(run.output)\(run.errors)")
            #expect(try await bench.history().map(\.outcome) == ["succeeded"])
        }
    }

    @Test("two daemons of one database run each occurrence once")
    func twoHosts() async throws {
        try await withDatabase { bench in
            try bench.write(everySecond)
            try #require(try await bench.almanac("migrate", "up").status == 0)
            let first = try await bench.startDaemon()
            let second = try await bench.startDaemon(environment: [
                "ALMANAC_STATE_DIRECTORY": bench.directory + "/other",
                "ALMANAC_LISTEN": "unix:" + bench.directory + "/other-status",
            ])
            try await eventually("four occurrences were run") { bench.api.requests().count >= 4 }
            try await eventually("both are seen") { try await bench.hosts() == ["alive", "alive"] }
            for daemon in [first, second] { daemon.signal(SIGTERM) }
            #expect(try await first.result().status == 0)
            #expect(try await second.result().status == 0)
            // A host whose database is away in the end says no goodbye.
            let isAway = [first, second].contains {
                $0.errors.contains("the store ") || $0.errors.contains("heartbeat not recorded")
            }
            let hosts = try await bench.hosts()
            #expect(hosts == ["stopped", "stopped"] || isAway, "\(hosts)")
            let runs = try await bench.history()
            #expect(runs.filter { !$0.isAtRest } == [])
            #expect(Set(runs.map(\.scheduledFor)).count == runs.count)
            let sent = bench.api.requests().map(\.idempotencyKey)
            #expect(Set(sent).count == sent.count)
            #expect(runs.count { $0.httpStatus == 200 } == sent.count)
        }
    }

    @Test("a run whose daemon was killed with its request under way ends once, as unknown")
    func kill() async throws {
        try await withDatabase { bench in
            try bench.write(everySecond)
            try #require(try await bench.almanac("migrate", "up").status == 0)
            let (lost, runs) = try await bench.killDuringRequest()
            #expect(runs.filter { !$0.isAtRest } == [])
            #expect(runs.filter { $0.outcome == "unknown" }.map(\.runId) == [lost.runId])
        }
    }
}
