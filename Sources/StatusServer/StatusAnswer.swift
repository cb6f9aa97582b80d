import RunEngine
import RunModel

/// The answer to one request, without the protocol around it.
struct StatusAnswer: Equatable {
    var status: Int
    var contentType: String
    var body: [UInt8]
    /// The methods that the path has, when the method was another.
    var allow: String?

    /// The answer to `method` on `path`, the request's target without its query; nil for a path of something else.
    /// `isScrape` when Prometheus asks.
    init?(
        method: String, path: String, query: [(name: Substring, value: Substring)] = [],
        isScrape: Bool = false, source: some HealthSource
    ) {
        guard let answer = Self.content(of: path, query, isScrape, source: source) else { return nil }
        guard method == "GET" || method == "HEAD" else {
            self.init(problem: "this path is only read", title: "Method Not Allowed", status: 405)
            allow = "GET, HEAD"
            return
        }
        self = answer
    }

    /// The answer as the server sends it.
    var web: WebAnswer {
        WebAnswer(
            status: status, contentType: contentType, bytes: body,
            fields: allow.map { [WebAnswer.Field("Allow", $0)] } ?? [])
    }

    private init(status: Int, contentType: String, body: String) {
        self.init(status: status, contentType: contentType, bytes: Array(body.utf8))
    }

    private init(status: Int, contentType: String, bytes: [UInt8]) {
        self.status = status
        self.contentType = contentType
        body = bytes
    }

    /// A problem document (RFC 9457); its type is `about:blank`, so the title is the status's own.
    init(problem detail: String, title: String, status: Int) {
        let document: JSONValue = [
            "title": .string(title), "status": .integer(Int64(status)), "detail": .string(detail),
        ]
        self.init(status: status, contentType: "application/problem+json", body: document.pretty + "\n")
    }

    private static func content(
        of path: String, _ query: [(name: Substring, value: Substring)], _ isScrape: Bool,
        source: some HealthSource
    ) -> StatusAnswer? {
        switch path {
        case "/health":
            let isVerbose = query.contains { $0.name == "verbose" }
            let after = query.first { $0.name == "after" }.flatMap { JobName(String($0.value)) }
            let report = source.health(isVerbose ? .all(after: after) : .wrong)
            // The draft allows any 2xx for warn: a monitor that only reads the status must not restart what
            // works.
            return StatusAnswer(
                status: report.status == .fail ? 503 : 200, contentType: "application/health+json",
                body: report.json.pretty + "\n")
        case "/metrics":
            return StatusAnswer(
                status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8",
                bytes: source.metrics(isScrape: isScrape))
        case "/livez":
            return StatusAnswer(status: 200, contentType: "text/plain; charset=utf-8", body: "ok\n")
        case "/readyz":
            let isReady = source.isReady()
            return StatusAnswer(
                status: isReady ? 200 : 503, contentType: "text/plain; charset=utf-8",
                body: isReady ? "ok\n" : "starting or stopping\n")
        default:
            return nil
        }
    }
}
