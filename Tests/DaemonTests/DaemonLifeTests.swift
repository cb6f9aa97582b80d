import Glibc
import StandInAPI
import Testing

@Suite("the daemon as a process")
struct DaemonLifeTests {
    @Test(
        "it says READY=1 to the service manager when it answers for its health, and STOPPING=1 when it stops")
    func notification() async throws {
        try await withBench { bench in
            try bench.write("10 0 * * *  purge: POST /api/cron/purge_old as=admin\n")
            let socket = try ServiceSocket(path: bench.directory + "/notify")
            let daemon = try bench.start(
                "daemon", environment: ["NOTIFY_SOCKET": bench.directory + "/notify"])
            try await eventually("it says READY=1") { socket.received("READY=1") }
            #expect(access(bench.directory + "/status", F_OK) == 0, "ready before it listens")
            #expect(try await bench.health().output.contains("status: pass"))
            try await daemon.stop()
            #expect(socket.received("STOPPING=1"))
            #expect(try await bench.almanac("health").status == 69)
        }
    }

    @Test("every occurrence that falls due is sent once and recorded once")
    func schedule() async throws {
        try await withBench { bench in
            try bench.write(everySecond)
            let daemon = try await bench.startDaemon()
            try await eventually("two occurrences were run") { bench.api.requests().count >= 2 }
            try await daemon.stop()
            let runs = try await bench.history()
            #expect(runs.count >= 2)
            // A daemon that was kept from its work for a minute makes up for what it missed.
            #expect(runs.allSatisfy { $0.trigger != "manual" && $0.isAtRest })
            let sent = runs.filter { $0.outcome == "succeeded" && $0.httpStatus == 200 }
            #expect(sent.count == bench.api.requests().count)
            #expect(Set(runs.map(\.scheduledFor)).count == runs.count)
            #expect(Set(bench.api.requests().map(\.idempotencyKey)).count == sent.count)
        }
    }

    @Test("a run whose daemon was killed with its request under way ends once, as unknown")
    func kill() async throws {
        try await withBench { bench in
            try bench.write(everySecond)
            let (lost, runs) = try await bench.killDuringRequest()
            #expect(runs.filter { !$0.isAtRest } == [])
            let same = runs.filter { $0.scheduledFor == lost.scheduledFor }
            #expect(same.map(\.runId) == [lost.runId])
            #expect(same.map(\.outcome) == ["unknown"])
            #expect(same.map(\.reason) == ["lost"])
            #expect(runs.count { $0.outcome == "unknown" } == 1)
            #expect(Set(runs.map(\.scheduledFor)).count == runs.count)
        }
    }

    @Test("SIGTERM lets a request under way end, starts nothing new, and exits with 0")
    func drain() async throws {
        try await withBench { bench in
            try bench.write(everySecond)
            bench.api.misbehave(.hold)
            let daemon = try await bench.startDaemon()
            try await eventually("a request is under way") { bench.api.heldCount == 1 }
            daemon.signal(SIGTERM)
            try await eventually("it is stopping") { daemon.errors.contains(" stopping ") }
            bench.api.behave()
            bench.api.release()
            #expect(try await daemon.result().status == 0)
            #expect(bench.api.requests().count == 1)
            let runs = try await bench.history()
            #expect(runs.count { $0.outcome == "succeeded" } == 1)
            #expect(runs.filter { !$0.isAtRest } == [])
        }
    }

    @Test("a reload with a faulty file keeps the jobs and warns, until the file is corrected")
    func reload() async throws {
        try await withBench { bench in
            try bench.write(everySecond)
            let daemon = try await bench.startDaemon()
            try await eventually("a first run succeeds") {
                try await bench.history().contains { $0.outcome == "succeeded" }
            }
            try bench.write("* * * * * *  tick: POST /api/cron/purge_old nonsense=1\n")
            daemon.signal(SIGHUP)
            try await bench.health("health warns of it", "--output", "json") {
                $0.status == 1 && $0.output.contains("jobs.cron:1:")
            }
            let count = bench.api.requests().count
            try await eventually("the jobs as they were go on") { bench.api.requests().count > count }
            try bench.write(everySecond)
            daemon.signal(SIGHUP)
            try await bench.health()
            try await daemon.stop()
        }
    }

    @Test("a request that the API could not serve is sent again, as another attempt of the same run")
    func retry() async throws {
        try await withBench { bench in
            // What was missed is made up for once, and the next occurrence, before which a retry must come, is far away.
            try bench.write(
                "0 0 1 1 *  tick: POST /api/cron/purge_old as=admin retry=1 backoff=1s..2s timeout=1h catch-up=latest\n"
            )
            try await bench.missedForYears()
            bench.api.misbehave(.status(500), count: 1)
            let daemon = try await bench.startDaemon(environment: ["ALMANAC_START_DELAY": "0s"])
            try await eventually("the run ends") {
                try await bench.history().contains { $0.trigger == "catch_up" && $0.isFinished }
            }
            let run = try #require(try await bench.history().first { $0.trigger == "catch_up" })
            #expect(run.outcome == "succeeded")
            #expect(bench.api.requests().map(\.idempotencyKey) == [run.runId, run.runId])
            try await daemon.stop()
        }
    }

    @Test("a job that was changed owes nothing from before the change")
    func change() async throws {
        try await withBench { bench in
            try bench.write("0 0 1 1 *  yearly: POST /api/cron/purge_old as=admin\n")
            let daemon = try await bench.startDaemon()
            // Half a day ago was an occurrence of the new schedule, and the next is half a day away.
            let hour = (time(nil) / 3600 + 12) % 24
            try bench.write("0 \(hour) * * *  yearly: POST /api/cron/purge_old as=admin overdue-after=1s\n")
            daemon.signal(SIGHUP)
            try await eventually("the change is in force") { daemon.errors.contains("yearly changed") }
            // What is overdue stays so until it is run.
            try await bench.health()
            try await daemon.stop()
        }
    }

    @Test("health fails when the file of the embedded store was moved away")
    func movedStore() async throws {
        try await withBench { bench in
            try bench.write(everySecond)
            let daemon = try await bench.startDaemon()
            try await eventually("a run is recorded") { try await !bench.history().isEmpty }
            let file = bench.directory + "/state/almanac.db"
            #expect(rename(file, file + ".away") == 0)
            try await bench.health("health fails, and says why") {
                $0.status == 2 && $0.output.contains("was removed or replaced")
            }
            daemon.signal(SIGKILL)
            _ = try await daemon.result()
        }
    }

    @Test("health fails when the API refuses the token")
    func unhealthy() async throws {
        try await withBench { bench in
            try bench.write(everySecond)
            let daemon = try await bench.startDaemon(environment: ["JOB_TOKEN": randomToken()])
            try await bench.health("health fails, and says why") {
                $0.status == 2 && $0.output.contains("token refused")
            }
            try await daemon.stop()
        }
    }

    @Test("a second daemon with the same state directory is refused")
    func second() async throws {
        try await withBench { bench in
            try bench.write(everySecond)
            let daemon = try await bench.startDaemon()
            let other = try await bench.almanac("daemon")
            #expect(other.status == 78)
            #expect(other.errors.contains("another daemon runs with the state directory"))
            try await daemon.stop()
        }
    }
}
