package import CivilTime
package import JobCatalog
import RequestText
package import RunModel

/// Turns a job's template into the request of an attempt.
package enum RequestBuilder {
    /// Why a request cannot be made.
    package struct Problem: Error, Sendable, Equatable {
        /// What is missing or unusable, by its name and never its value.
        package var message: String
        /// What an operator can do about it.
        package var hint: String?

        package init(message: String, hint: String? = nil) {
            self.message = message
            self.hint = hint
        }
    }

    /// The request of attempt `number` of run `id`, which is for the occurrence at `instant`; nil when somebody wants it now.
    /// `value` answers the configuration's values by name.
    ///
    /// A secret is only sent to the origin of the API's base URL, or where `rules` lets it go.
    package static func request(
        for job: Job, run id: RunID, scheduledFor instant: Instant?, attempt number: Int, userAgent: String,
        rules: ValueRules, value: (String) -> String?
    ) throws(Problem) -> HTTPRequest {
        let template = job.request
        let url = try permittedURL(of: template, rules: rules, value: value)
        var headers: [HTTPRequest.Header] = []
        for header in template.headers {
            let text = try fill(header.value, value)
            guard HeaderRule.isValue(text) else {
                throw Problem(
                    message: "the value of the header \(header.name) has a line break or a control character")
            }
            headers.append(.init(header.name, text, isSecret: header.isSecret))
        }
        let body = try template.body.map { text throws(Problem) in Array(try fill(text, value).utf8) }
        addDefaults(
            to: &headers, run: id, scheduledFor: instant, attempt: number,
            contentType: template.usualContentType, userAgent: userAgent)
        var request = HTTPRequest(
            method: template.method, url: url.description, headers: headers, body: body,
            timeout: job.policy.timeout)
        request.answerFields = [HTTPAnswer.encodingField]
        return request
    }

    /// Where a request goes, when all that it holds may go there; nothing of it is filled in before that is known.
    package static func permittedURL(
        of template: RequestTemplate, rules: ValueRules, value: (String) -> String?
    ) throws(Problem) -> EndpointURL {
        // Before the URL, which may hold it.
        if let name = template.references.first(where: rules.isReserved) {
            throw Problem(.reserved(name))
        }
        let url = try url(template.url, value)
        // An unusable base URL is reported when the configuration is read; here it only means "not the API".
        let api = value(ValueName.baseURL).flatMap { try? EndpointURL($0) }
        if let refusal = rules.refusal(of: template, to: url, api: api) { throw Problem(refusal) }
        return url
    }

    private static func fill(_ text: TemplateText, _ value: (String) -> String?) throws(Problem) -> String {
        var filled = ""
        for part in text.parts {
            switch part {
            case .literal(let literal): filled += literal
            case .reference(let name):
                guard let value = value(name) else {
                    throw Problem(
                        message: "\(name) has no value", hint: "set \(name) in the environment of the service"
                    )
                }
                filled += value
            }
        }
        return filled
    }

    private static func url(_ text: TemplateText, _ value: (String) -> String?) throws(Problem) -> EndpointURL
    {
        var filled = try fill(text, value)
        if text.parts.first == .reference(ValueName.baseURL), let base = value(ValueName.baseURL),
            base.hasSuffix("/")
        {
            // https://host/ and /path make https://host/path.
            filled = String(base.dropLast() + filled.dropFirst(base.count))
        }
        do {
            return try EndpointURL(filled)
        } catch {
            throw Problem(message: error.message, hint: error.hint)
        }
    }

    private static func addDefaults(
        to headers: inout [HTTPRequest.Header], run id: RunID, scheduledFor instant: Instant?,
        attempt number: Int, contentType: String?, userAgent: String
    ) {
        func has(_ name: String, in headers: [HTTPRequest.Header]) -> Bool {
            headers.contains { $0.name.lowercased() == name }
        }
        headers.append(.init("Idempotency-Key", id.description))
        if let instant { headers.append(.init("X-Job-Scheduled-For", instant.rfc3339)) }
        // https://www.w3.org/TR/trace-context/: the trace is the run, its parent span the attempt.
        let trace = id.description.filter { $0 != "-" }
        let span = String(number, radix: 16)
        headers.append(
            .init(
                "traceparent",
                "00-\(trace)-\(String(repeating: "0", count: max(16 - span.count, 0)))\(span)-01"))
        if !has("user-agent", in: headers) { headers.append(.init("User-Agent", userAgent)) }
        if !has("accept", in: headers) { headers.append(.init("Accept", "application/json, */*;q=0.1")) }
        // An answer is kept as text: what was compressed could not be read, and could not be searched for secrets.
        if !has("accept-encoding", in: headers) { headers.append(.init("Accept-Encoding", "identity")) }
        if let contentType, !has("content-type", in: headers) {
            headers.append(.init("Content-Type", contentType))
        }
    }
}

extension RequestBuilder.Problem {
    fileprivate init(_ refusal: ValueRules.Refusal) {
        self.init(message: refusal.message, hint: refusal.hint)
    }
}
