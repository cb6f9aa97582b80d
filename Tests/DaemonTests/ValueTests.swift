import Glibc
import StandInAPI
import Testing

@Suite("values that must not leave")
struct ValueTests {
    private static let lines = """
        * * * * * *  leak:  POST URL/x as=none retry=0 header="X-A: ${db_dsn}"
        * * * * * *  away:  POST http://127.0.0.1:1/x as=none retry=0 header="X-A: ${VOICE_KEY}"
        * * * * * *  tick:  POST /api/cron/purge_old as=admin retry=0 timeout=1h header="X-A: ${VOICE_KEY}"

        """

    @Test("a job whose request would take a secret elsewhere fails with its reason, and the others run")
    func daemon() async throws {
        try await withBench { bench in
            try bench.write(Self.lines.replacing("URL", with: ""))
            let key = randomToken()
            let changes = ["VOICE_KEY": key, "db_dsn": "host=h password=" + randomToken()]
            let check = try await bench.almanac("check", bench.schedules, environment: changes)
            #expect(check.status == 0 && check.output == "3 jobs, 0 errors, 2 warnings\n")
            #expect(check.errors.contains("warning: runs of “leak” will fail: db_dsn is not for requests"))
            let daemon = try await bench.startDaemon(environment: changes)
            #expect(daemon.errors.contains("code=value-refused"))
            try await eventually("each has run") {
                Set(try await bench.history().filter(\.isFinished).map(\.job)).count == 3
            }
            daemon.signal(SIGTERM)
            let result = try await daemon.result()
            #expect(!result.errors.contains(key))
            let runs = try await bench.history()
            for job in ["leak", "away"] {
                let ended = runs.filter { $0.job == job && $0.isFinished }
                #expect(ended.allSatisfy { $0.outcome == "failed" && $0.reason == "configuration" })
            }
            #expect(runs.contains { $0.job == "tick" && $0.outcome == "succeeded" })
            #expect(bench.api.requests().allSatisfy { $0.header("X-A") == key })
        }
    }

    @Test("a value of one's own goes where ALMANAC_VALUE_ORIGINS says")
    func named() async throws {
        try await withBench { bench in
            // The API's origin under another name is another origin.
            let other = try #require(bench.environment["API_BASE_URL"]).replacing(
                "127.0.0.1", with: "localhost")
            try bench.write(
                "0 0 1 1 *  own: POST \(other)/api/health as=none accept=100-599 header=\"X-A: ${VOICE_KEY}\"\n"
            )
            let key = randomToken()
            let refused = try await bench.almanac("run-now", "own", environment: ["VOICE_KEY": key])
            #expect(refused.status == 78 && bench.api.requests().isEmpty)
            #expect(
                refused.errors.contains("error: own: VOICE_KEY would be sent to \(other), which is neither"))
            #expect(refused.errors.contains("hint: ") && refused.errors.contains("VOICE_KEY=\(other)"))
            let rehearsed = try await bench.almanac(
                "run-now", "own", "--dry-run", environment: ["VOICE_KEY": key])
            #expect(rehearsed.status == 78 && rehearsed.output.contains("FAIL  values"))
            #expect(!rehearsed.output.contains(key))
            let allowed = [
                "VOICE_KEY": key, "ALMANAC_VALUE_ORIGINS": "A_KEY=https://a.example, VOICE_KEY=\(other)/",
            ]
            let ready = try await bench.almanac("run-now", "own", "--dry-run", environment: allowed)
            #expect(ready.output.contains("ok    values"), "\(ready.output)")
            let sent = try await bench.almanac("run-now", "own", environment: allowed)
            #expect(sent.status == 0, "\(sent.errors)")
            #expect(bench.api.requests().map { $0.header("X-A") } == [key])
        }
    }

    @Test("a job whose request would hold a setting is not written for Windows")
    func windows() async throws {
        try await withBench { bench in
            try bench.write("10 0 * * *  leak: POST https://h.example/x as=none body='${DB_DSN}'\n")
            let output = bench.directory + "/out"
            let result = try await bench.almanac("windows", "render", "--output", output, "leak")
            #expect(result.status == 78 && result.errors.contains("error: leak: DB_DSN is not for requests"))
            #expect(access(output, F_OK) != 0)
        }
    }
}
