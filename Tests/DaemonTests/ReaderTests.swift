import Glibc
import TestFiles
import Testing

@Suite(
    "the role that only reads",
    .enabled(
        if: OwnServer.isWanted, "Tests/Support/with-postgres swift test runs what needs a server"))
struct ReaderTests {
    @Test(
        "every command that reads works with almanac_reader, beside the daemon and without it, and no other does"
    )
    func commands() async throws {
        try await withBench { bench in
            try await OwnServer.with(&bench) { bench, server in
                let top = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
                try await server.sql(try text(ofFile: "/\(top)/docs/roles.sql"))
                try await server.sql("create role on_call login password 'test' in role almanac_reader")
                try bench.write(everySecond)
                let daemon = try await bench.startDaemon()
                try await eventually("a run has ended") {
                    try await bench.history().contains { $0.outcome == "succeeded" }
                }
                let run = try #require(try await bench.history().last { $0.isFinished })
                let dsn = try #require(bench.environment["DB_DSN"])
                let reader = dsn + "?user=on_call&password=test&sslmode=disable"
                let reading = [
                    ["jobs"], ["next", "tick"], ["history"], ["show", run.runId],
                    ["why", "tick", "--at", run.scheduledFor ?? ""], ["audit"], ["config"], ["health"],
                    ["migrate", "audit"], ["check"],
                ]
                for arguments in reading {
                    let result = try await bench.run(arguments, ["DB_DSN": reader])
                    #expect(result.status <= 1, "\(arguments): \(result.output)\(result.errors)")
                    #expect(!result.errors.contains("store:"), "\(arguments): \(result.errors)")
                }
                try await daemon.stop()
                for arguments in reading where arguments != ["health"] {
                    let result = try await bench.run(arguments, ["DB_DSN": reader])
                    #expect(result.status <= 1, "\(arguments): \(result.output)\(result.errors)")
                }
                for arguments in [["pause", "tick", "--reason", "x"], ["run-now", "tick"]] {
                    let result = try await bench.run(arguments, ["DB_DSN": reader])
                    #expect(result.status == 78, "\(arguments): \(result.output)\(result.errors)")
                    #expect(result.errors.contains("permission denied"), "\(arguments): \(result.errors)")
                }
            }
        }
    }
}
