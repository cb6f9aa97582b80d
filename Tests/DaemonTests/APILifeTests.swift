import CurlTransport
import FoundationEssentials
import RunModel
import StandInAPI
import Testing

private let jobs = """
    * * * * * *  tick: POST /api/cron/purge_old as=admin retry=0 timeout=1h
    0 0 1 1 *    rare: POST /api/cron/purge_old as=admin timeout=1h

    """

/// What any path of the API answers, as far as these tests look at it.
private struct Answer: Decodable {
    struct Job: Decodable {
        var job: String
        var lastRun: Bench.Run?
        var pause: Pause?
    }

    struct Pause: Decodable {
        var pausedBy: String
        var reason: String?
    }

    var code = 0
    var runId: String?
    var job: String?
    var state: String?
    var outcome: String?
    var reason: String?
    var requestedBy: String?
    var responseExcerpt: String?
    var type: String?
    var hint: String?
    var pause: Pause?
    var ended: Pause?
    var jobs: [Job]?
    var runs: [Bench.Run]?
    var next: String?
    var ready: Bool?

    enum CodingKeys: CodingKey {
        case runId, job, state, outcome, reason, requestedBy, responseExcerpt, type, hint, pause, ended, jobs
        case runs, next, ready
    }

    /// The end of a problem's type.
    var problem: String? { type?.split(separator: "-", maxSplits: 1).last.map(String.init) }
}

extension Bench {
    /// Asks the API of the daemon.
    fileprivate func ask(
        _ method: String, _ path: String, token: String? = nil, key: String? = nil, _ body: String? = nil
    ) async throws -> Answer {
        let transport = try CurlTransport(userAgent: "almanac/test", certificateAuthoritiesFile: nil)
        var headers: [HTTPRequest.Header] = []
        if let token { headers.append(.init("X-Job-Token", token, isSecret: true)) }
        if let key { headers.append(.init("Idempotency-Key", key)) }
        if body != nil { headers.append(.init("Content-Type", "application/json")) }
        let exchange = await transport.send(
            HTTPRequest(
                method: method, url: "http://localhost" + path, headers: headers,
                body: body.map { Array($0.utf8) }, timeout: .seconds(600),
                socketPath: directory + "/status", bodyBytesKept: Limits.responseBodyBytesMax))
        await transport.shutdown()
        guard case .answered(let answer) = exchange.result else {
            Issue.record("\(method) \(path): \(exchange.result)")
            throw CancellationError()
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        var decoded = try decoder.decode(Answer.self, from: Data(answer.bodyBeginning))
        decoded.code = answer.status
        return decoded
    }

    fileprivate var token: String { environment["JOB_TOKEN"] ?? "" }
}

@Suite("the API of a running daemon")
struct APILifeTests {
    @Test("a run is made once for each key, whoever asks again, and is in line with all others")
    func runNow() async throws {
        try await withBench { bench in
            try bench.write("0 0 1 1 *  rare: POST /api/cron/purge_old as=admin timeout=1h\n")
            bench.api.misbehave(.hold, count: 1)
            let daemon = try await bench.startDaemon()
            let (path, token) = ("/v1/jobs/rare/runs", bench.token)
            #expect(try await bench.ask("POST", path).problem == "token-needed")
            let first = try await bench.ask("POST", path, token: token, key: "a", #"{"by": "amina"}"#)
            #expect(first.code == 202)
            let id = try #require(first.runId)
            try await eventually("its request is under way") { bench.api.heldCount == 1 }
            // The same while it is live, and no other beside it.
            let again = try await bench.ask("POST", path, token: token, key: "a", #"{"by": "amina"}"#)
            #expect(again.code == 202 && again.runId == id)
            let other = try await bench.ask("POST", path, token: token, key: "b")
            #expect(other.code == 409 && other.problem == "overlap" && other.runId == id)
            bench.api.release()
            try await eventually("it has ended") {
                try await bench.ask("GET", "/v1/runs/\(id)").outcome == "succeeded"
            }
            let ended = try await bench.ask("POST", path, token: token, key: "a", #"{"by": "amina"}"#)
            #expect(ended.code == 202 && ended.runId == id && ended.outcome == "succeeded")
            let reused = try await bench.ask("POST", path, token: token, key: "a", #"{"by": "omar"}"#)
            #expect(reused.code == 422 && reused.problem == "key-reused")
            #expect(bench.api.requests().count == 1)
            // Who asked is for those who have a token.
            #expect(try await bench.ask("GET", "/v1/runs/\(id)").requestedBy == nil)
            let shown = try await bench.ask("GET", "/v1/runs/\(id)", token: token)
            #expect(shown.requestedBy?.hasPrefix("amina@") == true && shown.responseExcerpt != nil)
            try await daemon.stop()
        }
    }

    @Test("a paused job is not run, unless it is forced; a pause has a reason, and is seen at once")
    func pauses() async throws {
        try await withBench { bench in
            try bench.write(jobs)
            let daemon = try await bench.startDaemon()
            let (pause, token) = ("/v1/jobs/rare/pause", bench.token)
            #expect(try await bench.ask("PUT", pause, token: token, "{}").code == 400)
            let paused = try await bench.ask(
                "PUT", pause, token: token, #"{"reason": "cutover", "for": "2h", "by": "amina"}"#)
            #expect(paused.code == 200 && paused.pause?.reason == "cutover")
            #expect(paused.pause?.pausedBy.hasPrefix("amina@") == true)
            let refused = try await bench.ask("POST", "/v1/jobs/rare/runs", token: token)
            #expect(refused.code == 409 && refused.problem == "paused" && refused.hint != nil)
            let forced = try await bench.ask(
                "POST", "/v1/jobs/rare/runs", token: token, #"{"force": true}"#)
            #expect(forced.code == 202)
            let shown = try await bench.ask("GET", "/v1/jobs").jobs?.first { $0.job == "rare" }
            #expect(shown?.pause?.reason == "cutover", "whoever asks next sees it")
            #expect(try await bench.ask("DELETE", pause, token: token).ended?.reason == "cutover")
            #expect(try await bench.ask("GET", "/v1/jobs").jobs?.contains { $0.pause != nil } == false)
            #expect(try await bench.ask("DELETE", pause, token: token).ended == nil)
            #expect(
                try await bench.ask("PUT", "/v1/pause", token: token, #"{"reason": "all"}"#).code == 200)
            #expect(try await bench.ask("DELETE", "/v1/pause", token: token).ended?.reason == "all")
            #expect(
                try await bench.ask("PUT", "/v1/jobs/none/pause", token: token, #"{"reason": "x"}"#).code
                    == 404)
            try await daemon.stop()
        }
    }

    @Test("a run that is cancelled has failed when nothing was sent, and is unknown when it was")
    func cancel() async throws {
        try await withBench { bench in
            bench.environment["ALMANAC_REQUESTS_MAX"] = "1"
            try bench.write(
                """
                0 0 1 1 *  first: POST /api/cron/purge_old as=admin timeout=1h
                0 0 1 1 *  second: POST /api/cron/purge_old as=admin timeout=1h

                """)
            bench.api.misbehave(.hold)
            let (daemon, token) = (try await bench.startDaemon(), bench.token)
            let sent = try await bench.ask("POST", "/v1/jobs/first/runs", token: token)
            try await eventually("its request is under way") { bench.api.heldCount == 1 }
            let waiting = try await bench.ask("POST", "/v1/jobs/second/runs", token: token)
            let (sentID, waitingID) = (try #require(sent.runId), try #require(waiting.runId))
            #expect(try await bench.ask("POST", "/v1/runs/\(waitingID)/cancel").code == 401)
            #expect(try await bench.ask("POST", "/v1/runs/\(waitingID)/cancel", token: token).code == 202)
            let cancelled = try await bench.almanac("cancel", String(sentID.prefix(8)))
            #expect(cancelled.status == 0, "\(cancelled.errors)\(daemon.errors)")
            #expect(cancelled.output.hasPrefix("first has an unknown outcome"), "\(cancelled.output)")
            for (id, outcome) in [(waitingID, "failed"), (sentID, "unknown")] {
                try await eventually("\(id) has ended as \(outcome)") {
                    let run = try await bench.ask("GET", "/v1/runs/\(id)")
                    return run.outcome == outcome && run.reason == "cancelled"
                }
            }
            #expect(bench.api.requests().count == 1)
            #expect(try await bench.ask("POST", "/v1/runs/\(sentID)/cancel", token: token).code == 409)
            let again = try await bench.almanac("cancel", sentID)
            #expect(again.status == 75 && again.errors.contains("has ended"), "\(again.errors)")
            try await daemon.stop()
        }
    }

    @Test("lists come in pages that list each run once, and a cursor is of its list alone")
    func pages() async throws {
        try await withBench { bench in
            try bench.write(jobs)
            let daemon = try await bench.startDaemon()
            try await eventually("some runs have ended") { try await bench.history().count > 6 }
            #expect(try await bench.almanac("pause", "tick").status == 0)
            try await eventually("no run is under way") { try await bench.history().allSatisfy(\.isFinished) }
            let all = try await bench.history().map(\.runId)
            var (paged, next): ([String], String?) = ([], nil)
            repeat {
                let page = try await bench.ask(
                    "GET", "/v1/runs?job=tick&limit=2" + (next.map { "&cursor=\($0)" } ?? ""))
                paged += page.runs?.map(\.runId) ?? []
                next = page.next
                if let next {
                    #expect(try await bench.ask("GET", "/v1/runs?limit=2&cursor=\(next)").code == 400)
                }
            } while next != nil
            #expect(paged.suffix(all.count) == all[...] && Set(paged).count == paged.count)
            let first = try await bench.ask("GET", "/v1/jobs?limit=1")
            #expect(first.jobs?.map(\.job) == ["rare"])
            let second = try await bench.ask("GET", "/v1/jobs?limit=1&cursor=\(try #require(first.next))")
            #expect(second.jobs?.map(\.job) == ["tick"] && second.next == nil)
            try await daemon.stop()
        }
    }

    @Test("a rehearsal over HTTP sends nothing and answers its verdicts")
    func rehearsal() async throws {
        try await withBench { bench in
            try bench.write("0 0 1 1 *  rare: POST /api/cron/purge_old as=admin\n")
            let daemon = try await bench.startDaemon()
            let rehearsed = try await bench.ask(
                "POST", "/v1/jobs/rare/runs", token: bench.token, #"{"dry_run": true}"#)
            #expect(rehearsed.code == 200 && rehearsed.ready == true)
            #expect(bench.api.requests().isEmpty)
            try await daemon.stop()
        }
    }

    @Test("STATUS_TOKEN reads and does not write, and a new one is taken by a reload")
    func statusToken() async throws {
        try await withBench { bench in
            try bench.write("0 0 1 1 *  rare: POST /api/cron/purge_old as=admin\n")
            let file = bench.directory + "/status-token"
            let (old, new) = (String(repeating: "o", count: 32), String(repeating: "n", count: 32))
            try bench.put(old, at: file)
            let daemon = try await bench.startDaemon(environment: ["STATUS_TOKEN_FILE": file])
            #expect(try await bench.ask("GET", "/v1/audit").code == 401)
            #expect(try await bench.ask("GET", "/v1/audit", token: old).code == 200)
            #expect(try await bench.ask("POST", "/v1/jobs/rare/runs", token: old).code == 403)
            try bench.put(new, at: file)
            daemon.signal(1)
            try await eventually("the new token reads") {
                try await bench.ask("GET", "/v1/audit", token: new).code == 200
            }
            #expect(try await bench.ask("GET", "/v1/audit", token: old).code == 401)
            #expect(daemon.errors.contains("a token was refused"))
            #expect(!daemon.errors.contains(old) && !daemon.errors.contains(new))
            try await daemon.stop()
        }
    }
}
