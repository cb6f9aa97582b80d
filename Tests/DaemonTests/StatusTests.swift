import RecordedLog
import StandInAPI
import Testing

@testable import Daemon

/// What the service manager and the journal show of a daemon.
@Suite("what the service manager shows")
struct StatusTests {
    @Test("the status names a job whose token was refused, one that fails, and a pause")
    func troubles() async throws {
        try await withBench { bench in
            try bench.write("* * * * * *  tick: POST /api/cron/purge_old as=admin retry=0 timeout=1h\n")
            bench.api.misbehave(.status(401), count: 1)
            let socket = try ServiceSocket(path: bench.directory + "/notify")
            let daemon = try await bench.startDaemon(
                environment: ["NOTIFY_SOCKET": bench.directory + "/notify"])
            func isShown(_ text: String) -> Bool {
                socket.messages.contains { $0.contains("STATUS=") && $0.contains(text) }
            }
            try await eventually("a refused token is shown") { isShown("token refused: tick; ") }
            bench.api.misbehave(.status(404))
            try await eventually("a failing job is shown") { isShown("failing: tick; ") }
            bench.api.behave()
            #expect(try await bench.almanac("pause", "--all", "--reason", "check").status == 0)
            try await eventually("a pause is shown") { isShown("all jobs are paused") }
            #expect(daemon.errors.contains("all jobs were paused by "))
            try await daemon.stop()
        }
    }

    @Test("a setting that cannot be used is what the status shows of a start that failed")
    func refusedStart() async throws {
        try await withBench { bench in
            try bench.write("10 0 * * *  purge: POST /x as=none\n")
            let socket = try ServiceSocket(path: bench.directory + "/notify")
            let result = try await bench.almanac(
                "daemon", environment: ["NOTIFY_SOCKET": bench.directory + "/notify", "ALMANAC_LEASE": "30x"])
            #expect(result.status == 78)
            #expect(socket.messages.contains { $0.contains("STATUS=cannot start: ALMANAC_LEASE: ") })
        }
    }
}
