import CivilTime
import JobCatalog
import Operations
import Records
import RunEngine
package import RunModel
package import StatusServer

/// What changes something: runs that are asked for, pauses, runs that are given up.
extension API {
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
        let by = try body.text("by", lengthMax: Acts.nameMax)
        try body.end()
        let key = try Self.key(asked.request)
        let caller = caller(by, asked)
        if isDryRun {
            return Self.json(try await acts.rehearse(job, isForced: isForced, by: caller).json)
        }
        return Self.accepted(try await acts.run(job, isForced: isForced, key: key, by: caller))
    }

    /// Where the run is.
    private static func accepted(_ run: RunRecord) -> WebAnswer {
        json(
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
        let by = try body.text("by", lengthMax: Acts.nameMax)
        try body.end()
        let run = try await acts.cancel(id, by: caller(by, asked))
        return Self.json(
            .object([.init("run_id", .string(id.description)), .init("job", .string(run.job.description))]),
            status: 202, fields: [.init("Location", "/v1/runs/\(id)")])
    }

    // MARK: Pauses

    /// Holds a job back, or all.
    func pause(_ job: JobName?, _ asked: Asked) async throws(Problem) -> WebAnswer {
        try Query(asked.request).end()
        var body = try Body(asked.request)
        let reason = try body.text("reason", lengthMax: Acts.reasonMax)
        let until = try body.text("until", lengthMax: 64)
        let duration = try body.text("for", lengthMax: 64)
        let by = try body.text("by", lengthMax: Acts.nameMax)
        try body.end()
        guard let reason else {
            throw Problem(400, "invalid", "reason is missing", hint: "say why: {\"reason\": \"…\"}")
        }
        let session = source.session(caller: "")
        let end: Instant?
        do throws(CommandError) {
            end = try session.pauseEnd(
                until: until.map { ($0, "until") }, for: duration.map { ($0, "for") }, in: .utc,
                after: asked.now)
        } catch {
            throw Problem(error)
        }
        let result = try await acts.pause(
            job, at: asked.now, until: end, reason: reason, by: caller(by, asked))
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
        let by = try body.text("by", lengthMax: Acts.nameMax)
        try body.end()
        let result = try await acts.resume(job, by: caller(by, asked))
        return Self.json(
            .object([
                .init("ended", result.entries.first?.ended?.json(times) ?? .null),
                .init("left", .array(result.left.map { $0.json(times) })),
            ]))
    }

    // MARK: Who

    /// Who asks and from where: `amina@127.0.0.1 by HTTP`, or `amina@api-1 by socket`.
    private func caller(_ by: String?, _ asked: Asked) -> String {
        asked.request.peer.caller(by, through: .http, on: source.host)
    }
}

extension WebRequest.Peer {
    /// Who asks and from where. Who it is, is what was said: the system tells root from the members of the group, and these
    /// not from each other.
    package func caller(_ name: String?, through medium: Acts.Medium, on host: HostID) -> String {
        let (usual, place, isMember): (String, String, Bool) =
            switch self {
            case .member(user: 0): ("root", host.machine, true)
            case .member: ("somebody", host.machine, true)
            case .network, .local: ("somebody", text, false)
            }
        // The place, and --force behind it, are kept whole.
        return (name ?? usual).storable(bytesMax: RunModel.Limits.requestedByBytesMax - 80) + "@\(place)"
            + (isMember && medium == .http ? Acts.Medium.socket : medium).rawValue
    }
}
