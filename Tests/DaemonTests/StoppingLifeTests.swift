import Glibc
import StandInAPI
import Testing

@Suite("stops under load")
struct StoppingLifeTests {
    /// Eight jobs, so that several requests are under way at any time.
    private static let jobs = (1...8).map {
        "* * * * * *  tick\($0): POST /api/cron/purge_old as=admin overlap=allow retry=0 timeout=1h\n"
    }.joined()

    @Test("twenty of twenty stops with requests under way end in time, and every run has its outcome")
    func twenty() async throws {
        try await withBench { bench in
            try bench.write(Self.jobs)
            bench.api.misbehave(.delay(.milliseconds(700)))
            for _ in 1...20 {
                let before = bench.api.requests().count
                let daemon = try await bench.startDaemon()
                try await eventually("requests are under way") { bench.api.requests().count > before }
                // Waits for minutes at the most, far below the drain limit, which is an hour here.
                try await daemon.stop()
            }
            #expect(try await bench.history().filter { !$0.isAtRest } == [])
            // What was claimed as a daemon stopped is run by the next, also by one whose jobs are not due for long.
            try bench.write(Self.jobs.replacing("* * * * * *", with: "@yearly"))
            let daemon = try await bench.startDaemon()
            try await eventually("every run has ended") { try await bench.history().allSatisfy(\.isFinished) }
            try await daemon.stop()
            let runs = try await bench.history()
            #expect(runs.filter { !$0.isFinished } == [])
            #expect(runs.count { $0.outcome == "succeeded" } == bench.api.requests().count)
        }
    }

    @Test("what does not end within the drain limit is cut short and recorded")
    func limit() async throws {
        try await withBench { bench in
            try bench.write(Self.jobs)
            bench.api.misbehave(.silence)
            let daemon = try await bench.startDaemon(environment: ["ALMANAC_DRAIN_LIMIT": "1s"])
            try await eventually("requests are under way") { bench.api.requests().count >= 8 }
            try await daemon.stop()
            let all = try await bench.history()
            #expect(all.filter { !$0.isAtRest } == [])
            // Others may be decided without a run, by a daemon that was kept from its work.
            let runs = all.filter { $0.isFinished && $0.outcome != "skipped" && $0.outcome != "missed" }
            #expect(runs.count >= 8)
            #expect(Set(runs.map(\.reason)) == ["shutdown"])
            // Some may have had no time to send anything.
            for request in bench.api.requests() {
                let run = runs.first { $0.runId == request.idempotencyKey }
                #expect(run?.outcome == "unknown", "\(all)\n\(daemon.errors)")
            }
            #expect(runs.allSatisfy { $0.outcome == "unknown" || $0.outcome == "failed" })
        }
    }

    @Test("a second SIGTERM does not wait for the drain limit")
    func hurry() async throws {
        try await withBench { bench in
            try bench.write(Self.jobs)
            bench.api.misbehave(.silence)
            let daemon = try await bench.startDaemon(environment: ["ALMANAC_DRAIN_LIMIT": "1h"])
            try await eventually("requests are under way") { bench.api.requests().count >= 8 }
            daemon.signal(SIGTERM)
            try await eventually("it is stopping") { daemon.errors.contains(" stopping ") }
            try await daemon.stop()
            #expect(try await bench.history().filter { !$0.isAtRest } == [])
        }
    }

    @Test("a schedule that is changed while the daemon is down makes nothing due of before")
    func changedMeanwhile() async throws {
        try await withBench { bench in
            try bench.write("* * * * * *  tick: POST /api/cron/purge_old as=admin\n")
            let first = try await bench.startDaemon()
            try await eventually("a run is recorded") { bench.api.requests().count >= 1 }
            try await first.stop()
            let sent = bench.api.requests().count
            let recorded = try await bench.history().count
            // Each of the seconds since would be run late, if it counted from before.
            try bench.write("* * * * * *  tick: POST /x as=admin enabled=no catch-up=all\n")
            let second = try await bench.startDaemon()
            #expect(second.errors.contains("job changed while no daemon was running"))
            try await second.stop()
            #expect(bench.api.requests().count == sent)
            #expect(try await bench.history().count == recorded)
        }
    }

    @Test("an API that comes up late costs no attempt")
    func lateAPI() async throws {
        try await withBench { bench in
            try bench.write("*/30 * * * * *  tick: POST /api/cron/purge_old as=admin retry=0\n")
            // Nobody listens on port 1: the run waits, and counts only when the next occurrence comes near.
            let daemon = try await bench.startDaemon(environment: ["API_BASE_URL": "http://127.0.0.1:1"])
            try await eventually("a run ends after a wait") {
                daemon.errors.split(separator: "\n").contains {
                    $0.contains("tick failed: ") && $0.contains("outcome=failed")
                        && $0.contains("reason=connect") && $0.contains("which did not count")
                }
            }
            try await daemon.stop()
            #expect(try await bench.history().contains { $0.outcome == "failed" && $0.reason == "connect" })
        }
    }

    @Test("a stopping daemon says so to whoever asks, and reloads nothing")
    func questions() async throws {
        try await withBench { bench in
            try bench.write(Self.jobs)
            bench.api.misbehave(.silence)
            let socket = try ServiceSocket(path: bench.directory + "/notify")
            let daemon = try await bench.startDaemon(
                environment: ["ALMANAC_DRAIN_LIMIT": "1h", "NOTIFY_SOCKET": bench.directory + "/notify"])
            try await eventually("requests are under way") { bench.api.requests().count >= 8 }
            daemon.signal(SIGTERM)
            try await eventually("it says that it stops") { socket.received("STOPPING=1") }
            try await bench.health("health tells it") { $0.status == 1 && $0.output.contains("stopping; ") }
            daemon.signal(SIGHUP)
            try bench.write(Self.jobs + "10 0 * * *  purge: POST /x as=none\n")
            // A reload would begin after 2 s, and there is nothing to wait for when it does not.
            let end = ContinuousClock.now + .seconds(3)
            try await eventually("three seconds have passed") { ContinuousClock.now > end }
            try await daemon.stop()
            #expect(try await bench.almanac("health").status == 69)
            let last = socket.messages.drop { !$0.contains("STOPPING=1") }
            #expect(!last.contains { $0.contains("READY=1") || $0.contains("RELOADING=1") }, "\(last)")
            #expect(!daemon.errors.contains(" reloaded "))
            // Nor does the store know of it.
            #expect(try await bench.almanac("why", "purge").status == 65)
        }
    }

    @Test("SIGHUP does not end a start that waits for the store, and SIGTERM does at once")
    func startingUp() async throws {
        try await withBench { bench in
            try bench.write("10 0 * * *  purge: POST /x as=none\n")
            let silent = try SilentListener()
            let socket = try ServiceSocket(path: bench.directory + "/notify")
            let daemon = try bench.start(
                "daemon",
                environment: [
                    "DB_DSN": "postgresql://nobody:secret@127.0.0.1:\(silent.port)/none?connect_timeout=300",
                    "NOTIFY_SOCKET": bench.directory + "/notify",
                ])
            try await eventually("it waits for the store") {
                try #require(!daemon.hasEnded, "it ended: \(daemon.errors)")
                return socket.received("STATUS=opening the store")
            }
            #expect(try await bench.almanac("health").status == 69)
            daemon.signal(SIGHUP)
            daemon.signal(SIGTERM)
            #expect(try await daemon.result().status == 128 + SIGTERM)
            // Closed before it would have been no store to wait for.
            withExtendedLifetime(silent) {}
        }
    }
}

/// A server that takes connections and never says a word.
private final class SilentListener {
    private let descriptor: Int32
    let port: UInt16

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                if bind(descriptor, generic, size) != 0 || listen(descriptor, 8) != 0 { return Int32(-1) }
                return getsockname(descriptor, generic, &size)
            }
        }
        try #require(code == 0, "\(String(cString: strerror(errno)))")
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
    }

    deinit { close(descriptor) }
}
