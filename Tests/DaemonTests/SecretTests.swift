import Glibc
import StandInAPI
import Testing

@Suite("secrets")
struct SecretTests {
    @Test("the token appears in no output, no record and no process list")
    func canary() async throws {
        try await withBench { bench in
            try bench.write(
                """
                * * * * * *  tick:  POST /api/cron/purge_old as=admin timeout=5m
                0 0 * * *    wrong: POST /api/cron/purge_old as=none timeout=5m
                0 0 * * *    away:  POST http://127.0.0.1:1/x header="X-Copy: ${JOB_TOKEN}" as=admin

                """)
            let token = try #require(bench.environment["JOB_TOKEN"])
            let daemon = try await bench.startDaemon(environment: ["ALMANAC_LOG_LEVEL": "trace"])
            try await eventually("a run was made") { bench.api.requests().count >= 1 }
            #expect(bench.api.requests().first?.header("X-Job-Token") == token)
            #expect(!textIfAny(inFile: "/proc/\(daemon.id)/cmdline").isEmpty)
            #expect(!textIfAny(inFile: "/proc/\(daemon.id)/cmdline").contains(token))

            let commands: [[String]] = [
                ["run-now", "tick", "--dry-run"], ["run-now", "wrong"], ["run-now", "away"], ["jobs"],
                ["history", "--output", "json"], ["health", "--output", "json"], ["check"],
            ]
            for command in commands {
                let result = try await bench.run(command)
                #expect(!result.output.contains(token), "\(command)")
                #expect(!result.errors.contains(token), "\(command)")
            }
            daemon.signal(SIGTERM)
            let result = try await daemon.result()
            #expect(!result.output.contains(token))
            #expect(!result.errors.contains(token))
            for file in ["almanac.db", "almanac.db-wal", "almanac.db-shm", "host-id", "daemon.lock"] {
                let text = textIfAny(inFile: "\(bench.directory)/state/\(file)")
                #expect(!text.contains(token), "\(file)")
            }
            #expect(!textIfAny(inFile: "\(bench.directory)/state/almanac.db").isEmpty)
        }
    }
}
