import CivilTime
import JobCatalog
import Operations
import Records
import RunEngine
import RunModel
import Scheduling
import StatusServer

/// What is only read.
extension API {
    private static let pageBounds = 1...200
    private static let pageDefault = 50
    private static let nextMax = 1000
    /// The most jobs and findings of an audit, and the most hosts.
    private static let listMax = 1000
    /// How far an audit without a beginning goes back: an audit of all that was kept may take minutes.
    private static let auditDefault: Duration = .seconds(7 * 86_400)

    func jobs(_ asked: Asked) throws(Problem) -> WebAnswer {
        var query = Query(asked.request)
        let limit = try query.number("limit", in: Self.pageBounds, default: Self.pageDefault)
        let level = try query.word("status", HealthStatus.self)
        let list = "jobs \(level?.rawValue ?? "")"
        let first = try query.job("after")
        let after =
            try place(&query, of: list).map { text throws(Problem) in
                guard let name = JobName(text) else { throw Self.badCursor }
                return name
            } ?? first
        try query.end()
        let (jobs, hasMore) = source.jobs(after: after, atMost: limit, at: level, now: asked.now)
        return page(
            "jobs", jobs.map { JobLine($0).json(times, isTrusted: asked.isTrusted) },
            next: hasMore ? jobs.last.map { Cursor.text($0.job.name.description, of: list) } : nil, asked)
    }

    func job(_ name: JobName, _ asked: Asked) throws(Problem) -> WebAnswer {
        try Query(asked.request).end()
        return Self.json(JobLine(try known(name, asked)).json(times, isTrusted: asked.isTrusted))
    }

    func next(_ name: JobName, _ asked: Asked) throws(Problem) -> WebAnswer {
        var query = Query(asked.request)
        let count = try query.number("count", in: 1...Self.nextMax, default: 1)
        let after = try query.instant("after", source.session(caller: "")) ?? asked.now
        try query.end()
        guard let schedule = try known(name, asked).job.schedule else {
            throw Problem(409, "no-schedule", "the job \(name) has no schedule: it runs by hand")
        }
        let occurrences = schedule.occurrences(
            after: after, through: Instant(microseconds: .max), limit: count)
        return Self.json(schedule.document(occurrences, after: after, times))
    }

    func why(_ name: JobName, _ asked: Asked) async throws(Problem) -> WebAnswer {
        var query = Query(asked.request)
        let session = source.session(caller: "")
        let at = try query.instant("at", session)
        try query.end()
        var reasons = try await Problem.of { () async throws(CommandError) in
            try await session.why(name.description, at: at)
        }
        if !asked.isTrusted { reasons = reasons.redacted }
        return Self.json(reasons.json(times))
    }

    func runs(_ asked: Asked) async throws(Problem) -> WebAnswer {
        var query = Query(asked.request)
        let session = source.session(caller: "")
        var history = HistoryQuery(
            job: try query.job("job"), outcome: try query.word("outcome", Outcome.self),
            limit: try query.number("limit", in: Self.pageBounds, default: Self.pageDefault))
        history.since = try query.instant("since", session)
        history.until = try query.instant("until", session)
        let list =
            "runs \(history.job?.description ?? "") \(history.outcome?.rawValue ?? "")"
            + " \(asked.request.query.filter { ["since", "until"].contains($0.name) }.map { "\($0.name)=\($0.value)" })"
        history.before = try place(&query, of: list).map { text throws(Problem) in
            guard let place = HistoryQuery.Place(text, separator: " ") else { throw Self.badCursor }
            return place
        }
        try query.end()
        let limit = history.limit
        // One more tells whether a page follows.
        history.limit += 1
        let finalQuery = history
        let found = try await Problem.of { () async throws(CommandError) in
            try await session.query { (store) throws(StoreError) in try await store.history(finalQuery) }
        }
        let runs = found.prefix(limit)
        return page(
            "runs", runs.map { (asked.isTrusted ? $0 : $0.redacted).json(times) },
            next: found.count > limit
                ? runs.last.map { Cursor.text("\($0.createdAt.microseconds) \($0.id)", of: list) } : nil,
            asked)
    }

    func run(_ id: RunID.Beginning, _ asked: Asked) async throws(Problem) -> WebAnswer {
        try Query(asked.request).end()
        let (record, attempts) = try await acts.recorded(try await whole(id))
        return Self.json((asked.isTrusted ? record : record.redacted).json(times, attempts: attempts))
    }

    func hosts(_ asked: Asked) throws(Problem) -> WebAnswer {
        try Query(asked.request).end()
        // Each start of a container without a state of its own is another host: of many, those that were seen last.
        let hosts = source.hosts()
        let listed =
            hosts.count <= Self.listMax
            ? hosts : Array(hosts.sorted { $0.seenAt > $1.seenAt }.prefix(Self.listMax))
        return Self.json(
            .object([
                .init("hosts", .array(listed.map { $0.json(times) })),
                .init("hosts_left_out", .integer(Int64(hosts.count - listed.count))),
            ]))
    }

    func audit(_ asked: Asked) async throws(Problem) -> WebAnswer {
        var query = Query(asked.request)
        let session = source.session(caller: "")
        let asksFrom = try query.instant("from", session)
        let until = try query.instant("until", session)
        let from = asksFrom ?? min(until ?? asked.now, asked.now) - Self.auditDefault
        try query.end()
        if let until, from >= until {
            throw Problem(400, "invalid", "from is not before until", hint: "were the two exchanged?")
        }
        let report = try await Problem.of { () async throws(CommandError) in
            try await session.audit(from: from, until: until)
        }
        return Self.json(report.json(times, atMost: Self.listMax))
    }

    // MARK: Parts

    /// The job, or that there is none.
    func known(_ name: JobName, _ asked: Asked) throws(Problem) -> JobStatus {
        guard let status = source.job(name, now: asked.now) else {
            throw Problem(404, "unknown", "no job is called “\(name)”", hint: "/v1/jobs lists them")
        }
        return status
    }

    /// The identity of the one run that begins so.
    private func whole(_ id: RunID.Beginning) async throws(Problem) -> RunID {
        if id.range.lowerBound == id.range.upperBound { return id.range.lowerBound }
        let session = source.session(caller: "")
        let found = try await Problem.of { () async throws(CommandError) in
            try await session.query { (store) throws(StoreError) in
                try await store.runs(from: id.range.lowerBound, through: id.range.upperBound, limit: 2)
            }
        }
        guard let first = found.first else {
            throw Problem(
                404, "unknown", "no run that begins with \(id.text) is recorded", hint: "/v1/runs lists them")
        }
        guard found.count == 1 else {
            throw Problem(
                409, "ambiguous", "several runs begin with \(id.text)",
                hint: "write more of it, such as \(first)")
        }
        return first
    }

    private static let badCursor = Problem(
        400, "invalid", "the cursor is not one of this list with these filters",
        hint: "leave it out for the first page")

    private func place(_ query: inout Query, of list: String) throws(Problem) -> String? {
        guard let text = try query.text("cursor") else { return nil }
        guard let place = Cursor.place(text, of: list) else { throw Self.badCursor }
        return place
    }

    /// A page of a list, and where the next one is.
    private func page(_ name: String, _ values: [JSONValue], next: String?, _ asked: Asked) -> WebAnswer {
        let document = JSONValue.object([.init(name, .array(values)), .init("next", JSONValue(next))])
        guard let next else { return Self.json(document) }
        let rest = asked.request.query.filter { $0.name != "cursor" }.map { "\($0.name)=\($0.value.inQuery)" }
        let target = "/v1/\(name)?" + (rest + ["cursor=\(next)"]).joined(separator: "&")
        return Self.json(document, fields: [.init("Link", "<\(target)>; rel=\"next\"")])
    }
}
