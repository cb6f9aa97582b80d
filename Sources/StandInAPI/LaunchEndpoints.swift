/// What is asked before a launch: health, the limits in force, the storage's bucket and a provider's status page. All
/// of it is read, nothing is changed.
struct LaunchEndpoints {
    var settings: StandInSettings
    var deployment: StandInDeployment

    /// Nil when the path is another one.
    func answer(to request: ReceivedRequest) -> Answer? {
        switch request.path {
        case "/health": forGet(request) { _ in health }
        case "/api/ops/health": forGet(request) { forAdmin($0) { health } }
        case "/api/ops/rate_limits": forGet(request) { forAdmin($0) { rateLimits } }
        case "/api/v2/status.json": forGet(request) { _ in providerStatus }
        case let path where path.hasPrefix(publicBucket):
            forGet(request) { _ in object(String(path.dropFirst(publicBucket.count))) }
        default: nil
        }
    }

    private func forGet(_ request: ReceivedRequest, _ answer: (ReceivedRequest) -> Answer) -> Answer {
        switch request.method {
        case "GET":
            return answer(request)
        case "HEAD":
            var answer = answer(request)
            answer.isHeadOnly = true
            return answer
        default:
            var refusal = Answer.detail(405, "Method Not Allowed")
            refusal.headers.append(("Allow", "GET, HEAD"))
            return refusal
        }
    }

    private func forAdmin(_ request: ReceivedRequest, _ answer: () -> Answer) -> Answer {
        if deployment.operations == .open { return answer() }
        guard let role = settings.role(of: request) else { return .detail(401, "Unknown user") }
        guard role == .admin || role == .superadmin else { return .detail(403, "Admin role required") }
        return answer()
    }

    private var health: Answer {
        switch deployment.health {
        case .pass:
            .json(
                200,
                JSON.object([("status", JSON.string("healthy")), ("database", JSON.string("connected"))]))
        case .fail:
            .detail(500, "Internal Server Error")
        case .page:
            Answer(
                status: 200, headers: [("Content-Type", "text/html")],
                body: "<!doctype html><title>Soon</title><p>We are launching soon.")
        }
    }

    private var rateLimits: Answer {
        .json(
            200,
            JSON.object(deployment.rateLimits.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }))
    }

    /// As a status page of Statuspage answers, which most providers have.
    private var providerStatus: Answer {
        func status(_ indicator: String, _ description: String) -> Answer {
            let status = JSON.object([
                ("indicator", JSON.string(indicator)), ("description", JSON.string(description)),
            ])
            return .json(200, JSON.object([("status", status)]))
        }
        return switch deployment.provider {
        case .up: status("none", "All Systems Operational")
        case .degraded: status("major", "Partial System Outage")
        case .down:
            Answer(status: 503, headers: [("Content-Type", "text/plain")], body: "Service Unavailable")
        }
    }

    /// As Supabase answers: the status is 400 whether the bucket is private or only the object is missing, and which
    /// of the two it is stands in the body.
    private func object(_ name: String) -> Answer {
        guard deployment.bucket == .public else {
            return storageError("Bucket not found", "Bucket not found")
        }
        guard name == storedObject else { return storageError("not_found", "Object not found") }
        return Answer(status: 200, headers: [("Content-Type", "audio/mpeg")], body: "ID3")
    }

    private func storageError(_ error: String, _ message: String) -> Answer {
        .json(
            400,
            JSON.object([
                ("statusCode", JSON.string("404")), ("error", JSON.string(error)),
                ("message", JSON.string(message)),
            ]))
    }
}

private let publicBucket = "/storage/v1/object/public/audio/"

/// The one object in the bucket.
private let storedObject = "greeting.mp3"
