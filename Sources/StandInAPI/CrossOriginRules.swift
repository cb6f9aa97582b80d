/// Tells a browser which web pages may use the API, as the middleware of FastAPI does.
struct CrossOriginRules {
    var rule: StandInDeployment.CrossOrigin
    /// The one origin on the list.
    var listed: String

    /// The answer to a question that a browser asks before the request (a CORS preflight); nil when it is none.
    func answerToPreflight(_ request: ReceivedRequest) -> Answer? {
        guard request.method == "OPTIONS", request.header("Origin") != nil,
            request.header("Access-Control-Request-Method") != nil
        else { return nil }
        let text = [("Content-Type", "text/plain; charset=utf-8"), ("Vary", "Origin")]
        let allowed = headers(for: request)
        guard !allowed.isEmpty else {
            return Answer(status: 400, headers: text, body: "Disallowed CORS origin")
        }
        let methods = [("Access-Control-Allow-Methods", "GET, POST"), ("Access-Control-Max-Age", "600")]
        return Answer(status: 200, headers: text + allowed + methods, body: "OK")
    }

    /// The headers that let a request's origin read the answer; none when it may not, or has none.
    func headers(for request: ReceivedRequest) -> [(name: String, value: String)] {
        guard let origin = request.header("Origin") else { return [] }
        let credentials = (name: "Access-Control-Allow-Credentials", value: "true")
        switch rule {
        case .allowlist where origin == listed, .echo:
            return [("Access-Control-Allow-Origin", origin), credentials]
        case .allowlist, .nobody:
            return []
        case .wildcard:
            return [("Access-Control-Allow-Origin", "*")]
        }
    }
}
