package import CivilTime
import JobCatalog
import Operations
import RunEngine
import RunModel
package import StatusServer
import Synchronization

/// The API: what `--output json` prints, over HTTP, and what runs, pauses and cancels.
package struct API: Responder {
    let source: any APISource
    private let now: @Sendable () -> Instant
    /// How long the answer to a wrong token is kept back.
    private let penalty: Duration
    private let penalties = Penalties()

    let times = TimeText(zone: .utc)
    let acts: Acts

    /// An API that asks `source`.
    package init(
        _ source: any APISource, now: @escaping @Sendable () -> Instant, penalty: Duration = .seconds(1)
    ) {
        self.source = source
        acts = Acts(source)
        self.now = now
        self.penalty = penalty
    }

    package func answer(_ request: WebRequest) async -> WebAnswer {
        do throws(Problem) {
            return Self.validated(try await content(request), request)
        } catch {
            if error.code == "wrong-token" { await keepBack(request) }
            return error.answer
        }
    }

    /// Notes a wrong token, and waits for a while before it is answered.
    package func keepBack(_ request: WebRequest) async {
        source.refused(request.peer.text)
        // On this connection alone: nobody else waits for who guesses. A cancelled sleep shortens it.
        guard penalties.begin() else { return }
        try? await Task.sleep(for: penalty)
        penalties.end()
    }

    private func content(_ request: WebRequest) async throws(Problem) -> WebAnswer {
        let access = source.access
        let right = try access.right(of: request)
        guard let route = Route(request.path) else {
            throw Problem(
                404, "unknown", "there is nothing at this path", hint: "/openapi.json lists the paths")
        }
        guard route.methods.contains(request.method) else {
            var problem = Problem(
                405, "method", "\(request.method) is not one of \(route.methods.joined(separator: ", "))")
            problem.fields = [.init("Allow", route.methods.joined(separator: ", "))]
            throw problem
        }
        try access.check(right, for: route.right, request)
        let asked = Asked(request: request, right: right, now: now())
        switch route {
        case .description:
            try Query(request).end()
            return WebAnswer(status: 200, contentType: "application/json", body: Self.description)
        case .jobs: return try jobs(asked)
        case .job(let job): return try self.job(job, asked)
        case .next(let job): return try next(job, asked)
        case .why(let job): return try await why(job, asked)
        case .runs: return try await runs(asked)
        case .run(let run): return try await self.run(run, asked)
        case .hosts: return try hosts(asked)
        case .audit: return try await audit(asked)
        case .runsOf(let job): return try await runNow(job, asked)
        case .pauseOf(let job):
            return try await request.method == "PUT" ? pause(job, asked) : resume(job, asked)
        case .pauseOfAll:
            return try await request.method == "PUT" ? pause(nil, asked) : resume(nil, asked)
        case .cancel(let run): return try await cancel(run, asked)
        }
    }

    /// A request whose sender is known.
    struct Asked {
        var request: WebRequest
        var right: Access.Right
        var now: Instant

        /// Whether the beginnings of answers and who asked for what are shown.
        var isTrusted: Bool { right >= .read }
    }

    static func json(_ value: JSONValue, status: Int = 200, fields: [WebAnswer.Field] = []) -> WebAnswer {
        WebAnswer(
            status: status, contentType: "application/json", body: value.pretty + "\n", fields: fields)
    }

    /// The answer with the hash of its body, or that nothing has changed since who asks has it.
    private static func validated(_ answer: WebAnswer, _ request: WebRequest) -> WebAnswer {
        guard answer.status == 200, ["GET", "HEAD"].contains(request.method) else { return answer }
        var hash = StableHash()
        hash.combine(bytes: answer.body)
        let tag = "\"\(hash.hexadecimal)\""
        let known = request.field("if-none-match")?.split(separator: ",").map {
            $0.trimmingBlanks.dropPrefix("W/")
        }
        if let known, known.contains(tag[...]) || known == ["*"] {
            return WebAnswer(status: 304, fields: [.init("ETag", tag)])
        }
        var answer = answer
        answer.fields.append(.init("ETag", tag))
        return answer
    }

    /// The description of the API (OpenAPI 3.1).
    package static let description = String(decoding: PackageResources.openapi_json, as: UTF8.self)
}

/// How many answers are kept back: each holds a connection, of which there are few, and health must find one.
private final class Penalties: Sendable {
    private static let most = 16
    private let count = Mutex(0)

    /// Whether one more may be kept back. A token cannot be guessed without that, either: it has 32 characters or more.
    func begin() -> Bool {
        count.withLock { count in
            guard count < Self.most else { return false }
            count += 1
            return true
        }
    }

    func end() { count.withLock { $0 -= 1 } }
}

extension Substring {
    fileprivate var trimmingBlanks: Substring {
        guard let first = firstIndex(where: { $0 != " " }), let last = lastIndex(where: { $0 != " " }) else {
            return ""
        }
        return self[first...last]
    }

    fileprivate func dropPrefix(_ prefix: String) -> Substring {
        hasPrefix(prefix) ? dropFirst(prefix.count) : self
    }
}

extension WebRequest.Peer {
    /// For people: an address, or which socket.
    var text: String {
        switch self {
        case .network(let address): address
        case .local: "a local socket"
        case .member: "the service's socket"
        }
    }
}
