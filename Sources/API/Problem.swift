package import Operations
package import RunModel
package import StatusServer

/// Why a request cannot be answered as it was asked (RFC 9457).
package struct Problem: Error, Equatable, Sendable {
    /// Three digits.
    package var status: Int
    /// What it is about, in one word for programs; the end of `type`.
    package var code: String
    /// What happened, in a sentence.
    package var detail: String
    /// What to do about it; nil when nothing in particular helps.
    package var hint: String?
    /// Members besides.
    package var members: [JSONValue.Member] = []
    /// Header fields besides.
    package var fields: [WebAnswer.Field] = []

    package init(_ status: Int, _ code: String, _ detail: String, hint: String? = nil) {
        self.status = status
        self.code = code
        self.detail = detail
        self.hint = hint
    }

    /// What an operation could not do. What only the log may say is not in it.
    package init(_ error: CommandError) {
        let (status, code): (Int, String) =
            switch error.code {
            case .usage: (400, "invalid")
            case .badInput: (404, "unknown")
            case .refused: (403, "forbidden")
            case .unavailable, .configuration, .tryAgain: (503, "unavailable")
            case .software, .failed, .unhealthy, .done: (500, "defect")
            }
        // A hint to type a command does not help a program that sent a bad request.
        let isTyped = status < 500 && error.hint?.contains("`almanac ") ?? false
        let hint = isTyped ? (status == 404 ? "/v1/jobs lists them" : nil) : error.hint
        self.init(status, code, error.message, hint: hint)
        // A busy store is free in a moment, and one that is away is asked for again about as often (RFC 9110, 10.2.3).
        if status == 503 { fields = [.init("Retry-After", error.code == .tryAgain ? "1" : "5")] }
    }

    /// What `operation` answers; its error as a problem.
    package static func of<Value>(
        _ operation: () async throws(CommandError) -> Value
    ) async throws(Problem) -> Value {
        do throws(CommandError) {
            return try await operation()
        } catch {
            throw Problem(error)
        }
    }

    /// The document. Its `type` is a reference to a section of the description of the API.
    package var answer: WebAnswer {
        var document: [JSONValue.Member] = [
            .init("type", .string("/openapi.json#problem-\(code)")),
            .init("title", .string(Self.title(status))),
            .init("status", .integer(Int64(status))), .init("detail", .string(detail)),
        ]
        if let hint { document.append(.init("hint", .string(hint))) }
        return WebAnswer(
            status: status, contentType: "application/problem+json",
            body: JSONValue.object(document + members).pretty + "\n", fields: fields)
    }

    /// The reason phrase (RFC 9110, section 15).
    package static func title(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 409: "Conflict"
        case 415: "Unsupported Media Type"
        case 421: "Misdirected Request"
        case 422: "Unprocessable Content"
        case 503: "Service Unavailable"
        default: "Internal Server Error"
        }
    }
}
