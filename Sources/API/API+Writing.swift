import CivilTime
import JobCatalog
import Operations
import RunEngine
import RunModel
import StatusServer

/// What changes something: runs that are asked for, pauses, runs that are given up.
extension API {
    private static let nameMax = 100
    private static let reasonMax = 500
    /// The longest `Idempotency-Key`.
    private static let keyMax = 255

    // MARK: Runs

    func runNow(_ name: JobName, _ asked: Asked) async throws(Problem) -> WebAnswer {
        try Query(asked.request).end()
        let job = try known(name, asked).job
        var body = try Body(asked.request)
        let isAskedToRehearse = try Self.wantsDryRun(asked.request)
        let isDryRun = try body.flag("dry_run") || isAskedToRehearse
        let isForced = try body.flag("force")
        let by = try body.text("by", lengthMax: Self.nameMax)
        try body.end()
        let key = try Self.key(asked.request)
        let session = source.session(caller: caller(by, asked))
        if isDryRun {
            let rehearsal: Rehearsal
            do {
                rehearsal = try await session.rehearse(job, ignoresPause: isForced)
            } catch {
                throw Problem(error as? CommandError ?? CommandError(.software, "\(error)"))
            }
            return Self.json(rehearsal.json)
        }
        // The request is right, and the job is not for it.
        guard job.policy.allowsOnDemand else {
            throw Problem(
                409, "schedule-only",
                "\(name) is not run by hand: on-demand=no, or <AllowStartOnDemand>false in its task file",
                hint: "a rehearsal is possible: {\"dry_run\": true}")
        }
        var record: RunRecord
        do throws(CommandError) {
            record = try session.askedRun(of: job, by: source.host)
            if isForced { record.requestedBy = record.requestedBy.map { $0 + " (--force)" } }
            if let key { record.id = RunID(job: name, key: key) }
        } catch {
            throw Problem(error)
        }
        return try await self.run(record.storable, of: job, isForced: isForced, hasKey: key != nil)
    }

    /// Claims the run; one with a key may be there already.
    private func run(
        _ record: RunRecord, of job: Job, isForced: Bool, hasKey: Bool
    ) async throws(Problem) -> WebAnswer {
        if hasKey,
            let known = try await Self.found({ () async throws(Problem) in try await recorded(record.id) })
        {
            return try accepted(known.0, asked: record)
        }
        let answer = try await Self.asking { () async throws(CommandError) in
            try await source.run(record, of: job, ignoresPause: isForced)
        }
        switch answer {
        case .claimed:
            source.refresh()
            return try accepted(record, asked: record)
        case .alreadyDecided:
            return try accepted(try await recorded(record.id).0, asked: record)
        case .paused(let pause):
            var problem = Problem(
                409, "paused", pause.detail, hint: "send \"force\": true to run it all the same")
            problem.members = [.init("pause", pause.json(times))]
            throw problem
        case .overlaps(let other):
            var problem = Problem(
                409, "overlap", "run \(other) of \(job.name) has not ended", hint: "wait for it")
            problem.members = [.init("run_id", .string(other.description))]
            throw problem
        }
    }

    /// Where the run is, unless its key was used for something else.
    private func accepted(_ run: RunRecord, asked: RunRecord) throws(Problem) -> WebAnswer {
        guard run.requestedBy.map(Self.withoutPlace) == asked.requestedBy.map(Self.withoutPlace) else {
            throw Problem(
                422, "key-reused", "this Idempotency-Key was used for another request for \(run.job)",
                hint: "take a new key for another request")
        }
        return Self.json(
            .object([
                .init("run_id", .string(run.id.description)), .init("job", .string(run.job.description)),
                .init("state", .string(run.state.rawValue)),
                .init("outcome", JSONValue(run.outcome?.rawValue)),
            ]), status: 202, fields: [.init("Location", "/v1/runs/\(run.id)")])
    }

    /// Whoever sends the field and is not understood must not get a real run.
    private static func wantsDryRun(_ request: WebRequest) throws(Problem) -> Bool {
        switch request.fields.filter({ $0.name == "x-job-dry-run" }).map(\.value) {
        case [], ["0"], ["false"]: return false
        case ["1"], ["true"]: return true
        default:
            throw Problem(400, "invalid", "X-Job-Dry-Run is not 1 or 0", hint: "leave it out for a real run")
        }
    }

    private static func key(_ request: WebRequest) throws(Problem) -> String? {
        let keys = request.fields.filter { $0.name == "idempotency-key" }
        guard let key = keys.first?.value else { return nil }
        guard keys.count == 1, 1...keyMax ~= key.utf8.count, key.utf8.allSatisfy({ 0x20...0x7e ~= $0 }) else {
            throw Problem(
                400, "invalid", "Idempotency-Key is not one text of 1 to \(keyMax) printable characters")
        }
        return key
    }

    func cancel(_ id: RunID, _ asked: Asked) async throws(Problem) -> WebAnswer {
        try Query(asked.request).end()
        var body = try Body(asked.request)
        let by = try body.text("by", lengthMax: Self.nameMax)
        try body.end()
        let run = try await recorded(id).0
        guard run.state != .finished else {
            throw Problem(409, "ended", "run \(id) has ended: \(run.outcome?.rawValue ?? "")")
        }
        guard run.host == source.host else {
            throw Problem(409, "elsewhere", "run \(id) is made by \(run.host)", hint: "ask that host")
        }
        source.cancel(id, by: caller(by, asked))
        return Self.json(
            .object([.init("run_id", .string(id.description)), .init("job", .string(run.job.description))]),
            status: 202, fields: [.init("Location", "/v1/runs/\(id)")])
    }

    // MARK: Pauses

    /// Holds a job back, or all.
    func pause(_ job: JobName?, _ asked: Asked) async throws(Problem) -> WebAnswer {
        try Query(asked.request).end()
        var body = try Body(asked.request)
        let reason = try body.text("reason", lengthMax: Self.reasonMax)
        let until = try body.text("until", lengthMax: 64)
        let duration = try body.text("for", lengthMax: 64)
        let by = try body.text("by", lengthMax: Self.nameMax)
        try body.end()
        guard let reason else {
            throw Problem(400, "invalid", "reason is missing", hint: "say why: {\"reason\": \"…\"}")
        }
        let session = source.session(caller: caller(by, asked))
        let end: Instant?
        do throws(CommandError) {
            end = try session.pauseEnd(
                until: until.map { ($0, "until") }, for: duration.map { ($0, "for") }, in: .utc,
                after: asked.now)
        } catch {
            throw Problem(error)
        }
        let result = try await Self.asking { () async throws(CommandError) in
            try await session.pause(
                job.map { .jobs([$0.description]) } ?? .all, at: asked.now, until: end, reason: reason)
        }
        try await learnPauses(session)
        guard let entry = result.entries.first else { throw Problem(500, "defect", "nothing was paused") }
        return Self.json(
            .object([
                .init("pause", entry.pause.json(times)),
                .init("replaced", entry.replaced?.json(times) ?? .null),
                .init("pause_of_all", result.pauseOfAll?.json(times) ?? .null),
                .init("live_runs", .integer(Int64(result.liveRuns))),
            ]))
    }

    /// Lets a job go on, or ends the pause of all.
    func resume(_ job: JobName?, _ asked: Asked) async throws(Problem) -> WebAnswer {
        try Query(asked.request).end()
        var body = try Body(asked.request)
        let by = try body.text("by", lengthMax: Self.nameMax)
        try body.end()
        let session = source.session(caller: caller(by, asked))
        let result = try await Self.asking { () async throws(CommandError) in
            try await session.resume(job.map { .jobs([$0.description]) } ?? .all)
        }
        try await learnPauses(session)
        return Self.json(
            .object([
                .init("ended", result.entries.first?.ended?.json(times) ?? .null),
                .init("left", .array(result.left.map { $0.json(times) })),
            ]))
    }

    private func learnPauses(_ session: Session) async throws(Problem) {
        source.learn(try await Self.asking { () async throws(CommandError) in try await session.pauses() })
    }

    // MARK: Who

    /// Who asks and from where: `amina@127.0.0.1 by HTTP`, or `amina@api-1 by socket`. Who it is, is what was said: the
    /// system tells root from the members of the group, and these not from each other.
    private func caller(_ by: String?, _ asked: Asked) -> String {
        let (usual, place, medium) =
            switch asked.request.peer {
            case .member(user: 0): ("root", source.host.machine, Self.media[1])
            case .member: ("somebody", source.host.machine, Self.media[1])
            case .network, .local: ("somebody", asked.request.peer.text, Self.media[0])
            }
        // The place, and --force behind it, are kept whole.
        return (by ?? usual).storable(bytesMax: RunModel.Limits.requestedByBytesMax - 80)
            + "@\(place)\(medium)"
    }

    private static let media = [" by HTTP", " by socket"]

    /// Who asked, whichever host was asked, and from where.
    private static func withoutPlace(_ caller: String) -> String {
        let forced = " (--force)"
        let isKnown = media.contains { caller.hasSuffix($0) || caller.hasSuffix($0 + forced) }
        guard isKnown, let at = caller.lastIndex(of: "@") else { return caller }
        return caller[..<at] + (caller.hasSuffix(forced) ? forced : "")
    }

    /// What `find` returns; nil if it ends in a 404.
    private static func found<Value>(_ find: () async throws(Problem) -> Value) async throws(Problem)
        -> Value?
    {
        do throws(Problem) {
            return try await find()
        } catch {
            guard error.status == 404 else { throw error }
            return nil
        }
    }
}
