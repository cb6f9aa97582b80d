import CivilTime
import CurlTransport
import FoundationEssentials
import JobCatalog
import Records
import RunEngine
import RunModel

/// What a member of the service's group asks: the service itself, through its socket, with no right to its files.
///
/// Each question is one of the API, and its answer becomes what the same command of root has from the store.
extension Session {
    /// Whether the service is asked, and not its store.
    var asksService: Bool { standpoint.socket != nil }

    /// Whose records these are, for people.
    static let servicePlace = "the records of the service"

    /// How long an answer may take: the service itself gives each question to the store 5 s.
    private static let patience: Duration = .seconds(10)

    /// How long the answer of an audit may take, which has many questions, and that of a rehearsal, which waits for names
    /// to be resolved and certificates to be shown.
    private static let longPatience: Duration = .seconds(120)

    /// The longest page of a list, `/openapi.json`.
    private static let pageMax = 200

    /// The object that the service answers with; its refusal ends the command.
    func askService(
        _ method: String, _ path: String, _ query: [(name: String, value: String?)] = [],
        _ body: [JSONValue.Member]? = nil, timeout: Duration = patience
    ) async throws(CommandError) -> Document {
        let asked = query.compactMap { name, value in value.map { "\(name)=\($0.inQuery)" } }
        let answer = try await askDaemon(
            method, path + (asked.isEmpty ? "" : "?" + asked.joined(separator: "&")),
            body.map { JSONValue.object($0).description }, timeout: timeout)
        guard let document = Document(answer.bodyBeginning) else {
            throw CommandError(
                .unavailable, "what the service answered cannot be read",
                hint: "is it another version? systemctl restart almanac")
        }
        guard 200..<300 ~= answer.status else { throw CommandError(document, answer.status, path) }
        return document
    }

    /// The items of a list, its pages put together; and whether more follow.
    private func pages<Item>(
        _ name: String, _ query: [(name: String, value: String?)], atMost limit: Int,
        _ read: (Document) -> Item?
    ) async throws(CommandError) -> (items: [Item], hasMore: Bool) {
        var (items, cursor) = ([Item](), String?.none)
        repeat {
            let size = min(limit - items.count, Self.pageMax)
            let page = try await askService(
                "GET", "/v1/\(name)", query + [("limit", String(size)), ("cursor", cursor)])
            items += try known(page.list(name, read))
            cursor = page.text("next")
        } while cursor != nil && items.count < limit
        return (items, cursor != nil)
    }

    /// What was read, if it could be.
    private func known<Value>(_ value: Value?) throws(CommandError) -> Value {
        guard let value else {
            throw CommandError(
                .unavailable, "the answer of the service lacks something",
                hint: "is it another version? systemctl restart almanac")
        }
        return value
    }

    // MARK: Reading

    func jobsOfService(after name: JobName?, limit: Int) async throws(CommandError) -> JobListing {
        let (lines, hasMore) = try await pages(
            "jobs", [("after", name?.description)], atMost: limit, JobLine.init)
        let hosts = try known(try await askService("GET", "/v1/hosts").list("hosts", HostSighting.init))
        return JobListing(
            lines: lines, next: hasMore ? lines.last?.job : nil, hosts: hosts, now: now(), hasRecords: true)
    }

    func historyOfService(_ query: HistoryQuery) async throws(CommandError) -> [RunRecord] {
        let runs = try await pages(
            "runs",
            [
                ("job", query.job?.description), ("outcome", query.outcome?.rawValue),
                ("since", query.since?.rfc3339), ("until", query.until?.rfc3339),
            ], atMost: query.limit, RunRecord.init
        ).items
        // Nothing may also mean that the name is wrong.
        if runs.isEmpty, let job = query.job { _ = try await askService("GET", "/v1/jobs/\(job)") }
        return runs
    }

    func runOfService(
        _ id: RunID
    ) async throws(CommandError) -> (record: RunRecord, attempts: [AttemptRecord]) {
        let document = try await askService("GET", "/v1/runs/\(id)")
        return try known(
            RunRecord(document).map { ($0, document.list("attempt_records", AttemptRecord.init) ?? []) })
    }

    func runIDOfService(_ beginning: RunID.Beginning) async throws(CommandError) -> RunID {
        try known(try await askService("GET", "/v1/runs/\(beginning.text)").run("run_id"))
    }

    func whyOfService(_ job: JobName, at: Instant?) async throws(CommandError) -> Reasons {
        try known(Reasons(try await askService("GET", "/v1/jobs/\(job)/why", [("at", at?.rfc3339)])))
    }

    func auditOfService(from: Instant?, until: Instant?) async throws(CommandError) -> AuditReport {
        // Without a beginning the command means all that is kept, and the API a week.
        let from = from ?? Instant(seconds: 0)
        return try known(
            AuditReport(
                try await askService(
                    "GET", "/v1/audit", [("from", from.rfc3339), ("until", until?.rfc3339)],
                    timeout: Self.longPatience))
        )
    }

    // MARK: Writing

    func pauseByService(
        _ request: PauseRequest, until: Instant?, reason: String?
    ) async throws(CommandError) -> PauseResult {
        var result = PauseResult(place: Self.servicePlace)
        for path in try await pausePaths(request) {
            let answer = try await askService(
                "PUT", path, [],
                [.init("reason", .string(reason ?? "no reason given")), .init("by", .string(caller))]
                    + (until.map { [.init("until", .string($0.rfc3339))] } ?? []))
            result.entries.append(
                .init(
                    pause: try known(answer.object("pause").flatMap { Pause($0) }),
                    replaced: answer.object("replaced").flatMap { Pause($0) }))
            result.pauseOfAll = answer.object("pause_of_all").flatMap { Pause($0) }
            result.liveRuns += answer.integer("live_runs") ?? 0
        }
        return result
    }

    func resumeByService(_ request: PauseRequest) async throws(CommandError) -> ResumeResult {
        var result = ResumeResult(place: Self.servicePlace)
        for path in try await pausePaths(request) {
            let answer = try await askService("DELETE", path, [], [.init("by", .string(caller))])
            let job = path.split(separator: "/").dropFirst(2).first.flatMap { JobName($0) }
            result.entries.append(
                .init(
                    scope: job.map { .job($0) } ?? .all, ended: answer.object("ended").flatMap { Pause($0) }))
            result.left = try known(answer.list("left") { Pause($0) })
        }
        return result
    }

    /// Where the pauses are that are asked for; of several jobs each must be known, so that all are paused or none.
    private func pausePaths(_ request: PauseRequest) async throws(CommandError) -> [String] {
        guard case .jobs(let texts) = request else { return ["/v1/pause"] }
        var names: [JobName] = []
        for text in texts {
            let name = try jobName(text)
            if !names.contains(name) { names.append(name) }
        }
        if names.count > 1 {
            for name in names { _ = try await askService("GET", "/v1/jobs/\(name)") }
        }
        return names.map { "/v1/jobs/\($0)/pause" }
    }

    func rehearseByService(_ job: JobName, ignoresPause: Bool) async throws(CommandError) -> Rehearsal {
        let answer = try await askService(
            "POST", "/v1/jobs/\(job)/runs", [],
            [.init("dry_run", true), .init("force", .bool(ignoresPause)), .init("by", .string(caller))],
            timeout: Self.longPatience)
        return try known(Rehearsal(answer))
    }

    func runNowByService(_ job: JobName, ignoresPause: Bool) async throws(CommandError) -> ManualRun {
        let answer = try await askService(
            "POST", "/v1/jobs/\(job)/runs", [],
            [.init("force", .bool(ignoresPause)), .init("by", .string(caller))])
        let id = try known(answer.run("run_id"))
        return ManualRun(record: try await end(of: id), place: Self.servicePlace)
    }

    func cancelByService(_ id: RunID) async throws(CommandError) -> RunRecord {
        _ = try await askService("POST", "/v1/runs/\(id)/cancel", [], [.init("by", .string(caller))])
        return try await end(of: id)
    }

    /// Between two looks at a run that is waited for.
    private static let runPoll: Duration = .milliseconds(100)

    /// The run once it has ended, which its timeout makes it.
    private func end(of id: RunID) async throws(CommandError) -> RunRecord {
        while true {
            let record = try await runOfService(id).record
            if record.state == .finished { return record }
            do {
                try await Task.sleep(for: Self.runPoll)
            } catch {
                throw CommandError(.failed, "run \(id) goes on", hint: "`almanac show \(id)` shows it")
            }
        }
    }

    /// A name as it is typed, which need not be that of a job.
    func jobName(_ text: String) throws(CommandError) -> JobName {
        guard let name = JobName(text) else {
            throw CommandError(
                .badInput, "no job is called “\(text)”", hint: "`almanac jobs` lists them")
        }
        return name
    }

    /// Who asks, as it is said to the service.
    private var caller: String { standpoint.caller }
}

extension CommandError {
    /// What a daemon says of a request that it does not do (RFC 9457); `path` was asked.
    init(_ problem: Document, _ status: Int, _ path: String) {
        let type = problem.text("type") ?? ""
        let isOfRun = path.hasPrefix("/v1/runs/")
        let code: ExitStatus =
            switch status {
            case 400: .usage
            case 401, 403: .refused
            case 404: isOfRun ? .failed : .badInput
            case 409: ["schedule-only", "ambiguous"].contains { type.hasSuffix($0) } ? .usage : .tryAgain
            case 503: .unavailable
            default: .software
            }
        let typed = [
            "/v1/jobs lists them": "`almanac jobs` lists them",
            "/v1/runs lists them": "list runs with `almanac history`",
            "send \"force\": true to run it all the same":
                "run it all the same with --force; `almanac resume` ends the pause",
            "a rehearsal is possible: {\"dry_run\": true}": "a rehearsal, --dry-run, is possible",
        ]
        let hint = problem.text("hint").map { typed[$0] ?? $0 }
        self.init(code, problem.text("detail") ?? "the service answered \(status)", hint: hint)
    }
}

extension String {
    /// As the value of a query (RFC 3986, section 2.1).
    package var inQuery: String {
        var text = ""
        for byte in utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "_"), UInt8(ascii: "~"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                text += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return text
    }
}
