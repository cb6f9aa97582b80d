package import CivilTime
package import JobCatalog
package import Operations
import Records
package import RunModel

/// What people and programs do through the daemon: run, pause, resume, cancel. Each is recorded with `caller`, who did it and
/// from where.
package struct Acts: Sendable {
    let source: any APISource

    package init(_ source: any APISource) {
        self.source = source
    }

    /// The longest reason of a pause, in characters.
    package static let reasonMax = 500
    /// The longest name of who asks, in characters.
    package static let nameMax = 100

    /// Does everything of a run but the request.
    package func rehearse(_ job: Job, isForced: Bool, by caller: String) async throws(Problem) -> Rehearsal {
        do {
            return try await source.session(caller: caller).rehearse(job, ignoresPause: isForced)
        } catch {
            throw Problem(error as? CommandError ?? CommandError(.software, "\(error)"))
        }
    }

    /// Takes a run that somebody wants now; with a `key` the same request may come again.
    package func run(
        _ job: Job, isForced: Bool, key: String?, by caller: String
    ) async throws(Problem) -> RunRecord {
        // The request is right, and the job is not for it.
        guard job.policy.allowsOnDemand else {
            throw Problem(
                409, "schedule-only",
                "\(job.name) is not run by hand: on-demand=no, or <AllowStartOnDemand>false in its task file",
                hint: "a rehearsal is possible: {\"dry_run\": true}")
        }
        var record: RunRecord
        do throws(CommandError) {
            record = try source.session(caller: caller).askedRun(of: job, by: source.host)
            if isForced { record.requestedBy = record.requestedBy.map { $0 + Self.forcedMark } }
            if let key { record.id = RunID(job: job.name, key: key) }
        } catch {
            throw Problem(error)
        }
        return try await take(record.storable, of: job, isForced: isForced, hasKey: key != nil)
    }

    /// Claims the run; one with a key may be there already.
    private func take(
        _ record: RunRecord, of job: Job, isForced: Bool, hasKey: Bool
    ) async throws(Problem) -> RunRecord {
        if hasKey, let known = try await found(record.id) { return try Self.same(known, as: record) }
        let answer = try await Problem.of { () async throws(CommandError) in
            try await source.run(record, of: job, ignoresPause: isForced)
        }
        switch answer {
        case .claimed:
            source.refresh()
            return record
        case .alreadyDecided:
            return try Self.same(try await recorded(record.id).0, as: record)
        case .paused(let pause):
            var problem = Problem(
                409, "paused", pause.detail, hint: "send \"force\": true to run it all the same")
            problem.members = [.init("pause", pause.json(TimeText(zone: .utc)))]
            throw problem
        case .overlaps(let other):
            var problem = Problem(
                409, "overlap", "run \(other) of \(job.name) has not ended", hint: "wait for it")
            problem.members = [.init("run_id", .string(other.description))]
            throw problem
        }
    }

    /// The run, unless its key was used for something else.
    private static func same(_ run: RunRecord, as asked: RunRecord) throws(Problem) -> RunRecord {
        guard run.requestedBy.map(withoutPlace) == asked.requestedBy.map(withoutPlace) else {
            throw Problem(
                422, "key-reused", "this Idempotency-Key was used for another request for \(run.job)",
                hint: "take a new key for another request")
        }
        return run
    }

    /// Gives a run of this daemon up.
    package func cancel(_ id: RunID, by caller: String) async throws(Problem) -> RunRecord {
        let run = try await recorded(id).0
        guard run.state != .finished else {
            throw Problem(409, "ended", "run \(id) has ended: \(run.outcome?.rawValue ?? "")")
        }
        guard run.host == source.host else {
            throw Problem(409, "elsewhere", "run \(id) is made by \(run.host)", hint: "ask that host")
        }
        source.cancel(id, by: caller)
        return run
    }

    // MARK: Pauses

    /// Holds a job back, or all.
    package func pause(
        _ job: JobName?, at now: Instant, until end: Instant?, reason: String, by caller: String
    ) async throws(Problem) -> PauseResult {
        let session = source.session(caller: caller)
        let result = try await Problem.of { () async throws(CommandError) in
            try await session.pause(
                job.map { .jobs([$0.description]) } ?? .all, at: now, until: end, reason: reason)
        }
        try await learnPauses(session)
        return result
    }

    /// Lets a job go on, or ends the pause of all.
    package func resume(_ job: JobName?, by caller: String) async throws(Problem) -> ResumeResult {
        let session = source.session(caller: caller)
        let result = try await Problem.of { () async throws(CommandError) in
            try await session.resume(job.map { .jobs([$0.description]) } ?? .all)
        }
        try await learnPauses(session)
        return result
    }

    private func learnPauses(_ session: Session) async throws(Problem) {
        source.learn(try await Problem.of { () async throws(CommandError) in try await session.pauses() })
    }

    // MARK: Parts

    /// A run of the store, or that there is none.
    package func recorded(_ id: RunID) async throws(Problem) -> (RunRecord, [AttemptRecord]) {
        guard let found = try await run(id) else {
            throw Problem(404, "unknown", "no run \(id) is recorded", hint: "/v1/runs lists them")
        }
        return found
    }

    private func found(_ id: RunID) async throws(Problem) -> RunRecord? { try await run(id)?.record }

    private func run(
        _ id: RunID
    ) async throws(Problem) -> (record: RunRecord, attempts: [AttemptRecord])? {
        let session = source.session(caller: "")
        return try await Problem.of { () async throws(CommandError) in
            try await session.query { (store) throws(StoreError) in try await store.run(id) }
        }
    }

    // MARK: Who

    /// How somebody asks.
    package enum Medium: String, CaseIterable, Sendable {
        case http = " by HTTP"
        case socket = " by socket"
        case page = " by page"
    }

    private static let forcedMark = " (--force)"

    /// Who asked, whichever host was asked, and from where.
    private static func withoutPlace(_ caller: String) -> String {
        let isKnown = Medium.allCases.contains {
            caller.hasSuffix($0.rawValue) || caller.hasSuffix($0.rawValue + forcedMark)
        }
        guard isKnown, let at = caller.lastIndex(of: "@") else { return caller }
        return caller[..<at] + (caller.hasSuffix(forcedMark) ? forcedMark : "")
    }
}
