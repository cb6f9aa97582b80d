import Glibc
import StandInAPI
import Testing

/// What the API does, and how `almanac run-now` is to end.
struct RunNowCase: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var job = "purge"
    var misbehaviour: Misbehaviour?
    var environment: [String: String] = [:]
    var status: Int32
    var outcome: String
}

@Suite("runs by hand")
struct RunNowTests {
    private static let jobs = """
        10 0 * * *  purge:         POST /api/cron/purge_old as=admin accept=200,204 timeout=1h
        0  1 1 * *  voice-refresh: POST /api/cron/voice/refresh as=superadmin accept=200 decline=503 timeout=1h
        0  2 * * *  no-role:       POST /api/cron/purge_old as=0a4d2e6c-1b7f-4c3a-8e5d-9f6b7c8d9e03 timeout=1h
        0  3 * * *  hasty:         POST /api/cron/purge_old as=admin timeout=10s

        """

    static let cases = [
        RunNowCase(testDescription: "200", status: 0, outcome: "succeeded"),
        RunNowCase(
            testDescription: "200, with proxies that lead nowhere in the environment",
            environment: Dictionary(
                uniqueKeysWithValues: ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
                    .map { ($0, "http://127.0.0.1:1") }), status: 0, outcome: "succeeded"),
        RunNowCase(testDescription: "503, declined", job: "voice-refresh", status: 0, outcome: "declined"),
        RunNowCase(
            testDescription: "401", environment: ["JOB_TOKEN": randomToken()], status: 77, outcome: "failed"),
        RunNowCase(testDescription: "403", job: "no-role", status: 77, outcome: "failed"),
        RunNowCase(
            testDescription: "429", misbehaviour: .status(429, retryAfter: "30"), status: 75,
            outcome: "failed"),
        RunNowCase(testDescription: "500", misbehaviour: .status(500), status: 1, outcome: "failed"),
        RunNowCase(
            testDescription: "a redirect, which is not followed",
            misbehaviour: .redirect(307, location: "/api/cron/purge_old"), status: 1, outcome: "failed"),
        RunNowCase(
            testDescription: "a reset after the request", misbehaviour: .resetAfterRequest, status: 1,
            outcome: "unknown"),
        // Port 1 of loopback: nobody listens there.
        RunNowCase(
            testDescription: "connection refused", environment: ["API_BASE_URL": "http://127.0.0.1:1"],
            status: 69, outcome: "failed"),
    ]

    @Test("a run by hand ends with the status that its outcome has", arguments: cases)
    func status(_ given: RunNowCase) async throws {
        try await withBench { bench in
            try bench.write(Self.jobs)
            if let misbehaviour = given.misbehaviour { bench.api.misbehave(misbehaviour) }
            let result = try await bench.almanac("run-now", given.job, environment: given.environment)
            #expect(result.status == given.status, "\(result.output)\(result.errors)")
            #expect(result.output.hasPrefix("\(given.job) \(given.outcome)"))
            let runs = try await bench.history()
            #expect(runs.map(\.outcome) == [given.outcome])
            #expect(runs.map(\.trigger) == ["manual"])
            #expect(bench.api.requests().count <= 1)
        }
    }

    @Test("a value of one's own is any text, but for one that is still a placeholder")
    func ownValue() async throws {
        try await withBench { bench in
            try bench.write(
                "10 0 * * *  purge: POST /api/cron/purge_old as=admin header=\"X-Team: ${TEAM}\" timeout=5m\n"
            )
            let team = "TEAM-A <ops@example.org>"
            let result = try await bench.almanac("run-now", "purge", environment: ["TEAM": team])
            #expect(result.status == 0, "\(result.errors)")
            #expect(bench.api.requests().first?.header("X-Team") == team)
            let refused = try await bench.almanac("run-now", "purge", environment: ["TEAM": "<TEAM>"])
            #expect(refused.status == 78 && refused.errors.contains("TEAM: it is still a placeholder"))
        }
    }

    @Test("a run whose end cannot be recorded is told with its outcome, so that nobody makes it again")
    func notRecorded() async throws {
        try await withBench { bench in
            try bench.write(Self.jobs)
            bench.api.misbehave(.silence, count: 1)
            let run = try bench.start("run-now", "purge")
            try await eventually("the request is under way") { bench.api.requests().count == 1 }
            let file = bench.directory + "/state/almanac.db"
            #expect(rename(file, file + ".away") == 0)
            run.signal(SIGINT)
            let result = try await run.result()
            #expect(result.status == 1)
            #expect(
                result.errors.contains("error: purge unknown, and that could not be recorded: ")
                    && result.errors.contains("hint: do not run it again before you have looked"),
                "\(result.errors)")
        }
    }

    @Test("a request that outlives its timeout ends as timed out, with status 1")
    func timeout() async throws {
        try await withBench { bench in
            try bench.write(Self.jobs)
            bench.api.misbehave(.silence)
            let result = try await bench.almanac("run-now", "hasty")
            #expect(result.status == 1, "\(result.output)\(result.errors)")
            #expect(try await bench.history().map(\.outcome) == ["timed_out"])
        }
    }

    @Test("a run while another of the job is live is refused with status 75, and sends nothing")
    func overlap() async throws {
        try await withBench { bench in
            try bench.write(Self.jobs)
            bench.api.misbehave(.silence, count: 1)
            let first = try bench.start("run-now", "purge")
            try await eventually("the first request is under way") { bench.api.requests().count == 1 }
            let second = try await bench.almanac("run-now", "purge")
            #expect(second.status == 75)
            #expect(second.errors.contains("has not ended"))
            #expect(second.errors.contains("hint: "))
            let rehearsal = try await bench.almanac("run-now", "purge", "--dry-run")
            #expect(rehearsal.status == 75)
            #expect(bench.api.requests().count == 1)
            first.signal(SIGINT)
            #expect(try await first.result().status == 1)
        }
    }

    @Test("a paused job is refused with who paused it and why, and --force runs it all the same")
    func paused() async throws {
        try await withBench { bench in
            try bench.write(Self.jobs)
            let pause = try await bench.almanac(
                "pause", "purge", "--until", "2999-01-01T00:00:00Z", "--reason", "cutover")
            #expect(pause.status == 0, "\(pause.errors)")
            #expect(pause.output.hasPrefix("purge is paused until 2999-01-01T00:00:00Z\n"))
            let refused = try await bench.almanac("run-now", "purge")
            #expect(refused.status == 75)
            for part in [
                "the job was paused by ", " until 2999-01-01T00:00:00Z: cutover", "hint: ", "--force",
            ] {
                #expect(refused.errors.contains(part), "\(refused.errors)")
            }
            #expect(try await bench.almanac("run-now", "purge", "--dry-run").status == 75)
            #expect(try await bench.almanac("run-now", "voice-refresh").status == 0)
            #expect(bench.api.requests().count == 1)
            #expect(try await bench.almanac("run-now", "purge", "--force").status == 0)
            let run = try #require(try await bench.history().first)
            #expect(run.job == "purge" && run.outcome == "succeeded")
            #expect(run.requestedBy?.hasSuffix(" (--force)") == true)
        }
    }

    @Test("a dry run sends nothing, shows the request without its secret, and is recorded as one")
    func dryRun() async throws {
        try await withBench { bench in
            try bench.write(Self.jobs)
            let result = try await bench.almanac("run-now", "purge", "--dry-run")
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output.contains("POST \(bench.api.url)/api/cron/purge_old"))
            #expect(result.output.contains("X-Job-Token: ***"))
            #expect(result.output.contains("verdict: ready"))
            #expect(bench.api.requests().isEmpty)
            #expect(try await bench.history().map(\.dryRun) == [true])
        }
    }

    @Test("the history of no runs is empty, and a run that is not there is not shown")
    func nothing() async throws {
        try await withBench { bench in
            try bench.write(Self.jobs)
            let none = try await bench.almanac("history")
            #expect(none.status == 78 && none.errors.contains("there are no records at "))
            #expect(access(bench.directory + "/state", F_OK) != 0, "a question made a store")
            #expect(try await bench.almanac("migrate", "up").status == 0)
            #expect(try await bench.history().isEmpty)
            let result = try await bench.almanac("show", randomUUID())
            #expect(result.status != 0)
            #expect(result.errors.contains("error: "))
        }
    }
}
