/// What the stand-in answers for itself, for tests and the demo.
struct ControlEndpoints {
    var ledger: Ledger
    /// Masked wherever it would be shown.
    var token: String

    /// Nil when the request is for the API.
    func answer(to request: ReceivedRequest) -> Answer? {
        switch (request.method, request.path) {
        case ("GET", "/requests"):
            let requests = ledger.requests
            return .json(
                200,
                JSON.object([
                    ("count", "\(requests.count)"), ("requests", JSON.array(requests.map(description))),
                ]))
        case ("POST", "/misbehave"):
            let parameters = request.query
            guard let misbehaviour = Misbehaviour(parameters: parameters) else {
                return .detail(
                    422,
                    "kind must be one of \(Misbehaviour.kinds.joined(separator: ", ")), with its parameters")
            }
            guard let text = parameters["count"] else {
                ledger.plan(misbehaviour, count: nil)
                return Answer(status: 204)
            }
            guard let count = Int(text), count > 0 else {
                return .detail(422, "count must be a number from 1")
            }
            ledger.plan(misbehaviour, count: count)
            return Answer(status: 204)
        case ("POST", "/behave"):
            ledger.behave()
            return Answer(status: 204)
        case ("POST", "/release"):
            ledger.release()
            return Answer(status: 204)
        case ("GET", "/deployment"):
            return .json(
                200, JSON.object(ledger.deployment.switches.map { ($0.name, JSON.string($0.value)) }))
        case ("POST", "/deployment"):
            do {
                try ledger.deploy(request.query)
            } catch {
                return .detail(422, error.why)
            }
            return Answer(status: 204)
        default:
            return nil
        }
    }

    private func description(_ request: ReceivedRequest) -> String {
        JSON.object([
            ("method", JSON.string(request.method)), ("target", JSON.string(request.target)),
            ("idempotency_key", request.idempotencyKey.map(JSON.string) ?? "null"),
            ("headers", JSON.array(request.headers.map(description))),
            ("body_bytes", "\(request.body.count)"),
        ])
    }

    private func description(_ header: (name: String, value: String)) -> String {
        let isSecret = header.name.lowercased() == "x-job-token" || header.value.contains(token)
        return JSON.object([
            ("name", JSON.string(header.name)), ("value", JSON.string(isSecret ? "***" : header.value)),
        ])
    }
}
