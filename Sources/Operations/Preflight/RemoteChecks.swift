import CivilTime
import CurlTransport
import JobCatalog
import PostgresStore
import Preflight
import Records
import RunModel

/// The checks that ask other servers, each of which changes nothing there.
struct RemoteChecks: Sendable {
    let values: PreflightValues
    let transport: CurlTransport
    let userAgent: String
    let now: Instant

    private static let limit: Duration = .seconds(9)

    // MARK: HTTP

    func result(of question: Check.HTTPQuestion) async throws(ReferencingText.Missing) -> CheckResult {
        let url = try values.filled(question.url)
        var request = HTTPRequest(
            method: question.method, url: url, headers: [.init("User-Agent", userAgent)], timeout: Self.limit,
            bodyBytesKept: 64 * 1024)
        for header in question.headers {
            let text = try values.filled(header)
            guard let colon = text.firstIndex(of: ":") else {
                return CheckResult(
                    .fail, "“\(header.literal)” is not a header", hint: "write header=\"Name: value\"")
            }
            let value = text[text.index(after: colon)...].drop { $0 == " " }
            request.headers.append(.init(String(text[..<colon]), String(value), isSecret: true))
        }
        request.answerFields = Array(Set((question.expectedFields + question.rejectedFields).map(\.name)))
        let exchange = await transport.send(request)
        let place = "\(question.method) \(url)"
        guard case .answered(let answer) = exchange.result else {
            return CheckResult(
                .fail, "\(place): \(exchange.result.why)", hint: "is it running, and reached by this name?")
        }
        let milliseconds = exchange.elapsed.wholeMicroseconds / 1000
        let evidence = "\(answer.status) in \(milliseconds) ms"
        guard question.statuses.contains(answer.status) else {
            return CheckResult(
                .fail, "\(place): \(evidence), not \(question.statuses)",
                hint: "look into the log of what answers there")
        }
        if let wrong = try fieldProblem(question, answer) {
            return CheckResult(
                .fail, "\(place): \(wrong)", hint: "correct the header where the server is set up")
        }
        if !question.json.isEmpty, let wrong = try jsonProblem(question.json, answer.bodyBeginning) {
            return CheckResult(
                .fail, "\(place): \(wrong)", hint: "correct the value, or what the list expects")
        }
        var result = CheckResult(.pass, evidence)
        result.milliseconds = Int(milliseconds)
        return result
    }

    private func fieldProblem(
        _ question: Check.HTTPQuestion, _ answer: HTTPAnswer
    ) throws(ReferencingText.Missing) -> String? {
        for rule in question.expectedFields {
            let pattern = try values.filled(rule.pattern)
            guard let value = answer.fields[rule.name] else { return "\(rule.name) is not sent" }
            guard Pattern(pattern)?.matches(value) ?? false else {
                return "\(rule.name) is “\(value)”, not like \(pattern)"
            }
        }
        for rule in question.rejectedFields {
            let pattern = try values.filled(rule.pattern)
            if let value = answer.fields[rule.name], Pattern(pattern)?.matches(value) ?? false {
                return "\(rule.name) is “\(value)”"
            }
        }
        return nil
    }

    private func jsonProblem(
        _ rules: [Check.JSONRule], _ body: [UInt8]
    ) throws(ReferencingText.Missing) -> String? {
        guard let document = Document(body) else { return "the answer is not a JSON object" }
        for rule in rules {
            let path = try values.filled(rule.path)
            guard let parts = Check.JSONRule.parts(of: path) else {
                return "“\(path)” is not a path, as $.status is"
            }
            guard let value = document.scalar(at: parts[...]) else { return "\(path) is not there" }
            guard let pattern = rule.pattern else { continue }
            let expected = try values.filled(pattern)
            guard Pattern(expected)?.matches(value) ?? false else {
                return "\(path) is \(value), not \(expected)"
            }
        }
        return nil
    }

    // MARK: TLS

    func result(of host: ReferencingText, days: Int) async throws(ReferencingText.Missing) -> CheckResult {
        let text = try values.filled(host)
        let probe = await transport.probe(
            HTTPRequest(method: "GET", url: "https://\(text)/", headers: [], timeout: Self.limit))
        if let failed = probe.steps.first(where: { !$0.isPassed }) {
            return CheckResult(
                .fail, "\(text): \(failed.detail)",
                hint: failed.kind == .tls
                    ? "renew or correct the certificate, and send its whole chain"
                    : "is it running, and reached by this name?")
        }
        guard let ends = probe.certificateEnds else {
            return CheckResult(
                .fail, "\(text): its certificate does not say when it ends",
                hint: "look with openssl s_client")
        }
        let left = (ends - now).components.seconds / 86_400
        let evidence = "valid until \(ends), \(left) days more"
        guard left >= days else {
            return CheckResult(
                .fail, "\(text): \(evidence); at least \(days)", hint: "renew it, and see why nothing did")
        }
        return CheckResult(.pass, evidence)
    }

    // MARK: SQL

    func result(of question: Check.SQLQuestion) async throws(ReferencingText.Missing) -> CheckResult {
        let statement = try values.filled(question.statement)
        let name = try question.connection.map { text throws(ReferencingText.Missing) in
            try values.filled(text)
        }
        guard let connection = values.value(name ?? "DB_DSN") else { throw .init(name: name ?? "DB_DSN") }
        let answer: (value: String?, rows: Int)
        do throws(StoreError) {
            let reader = try PostgresReader(
                connectionString: connection, applicationName: "almanac preflight")
            answer = try await reader.answer(to: statement)
        } catch {
            return CheckResult(
                .fail, error.message, hint: error.hint ?? "run the statement by hand with psql")
        }
        guard answer.rows <= 1 else {
            return CheckResult(
                .fail, "the statement answers \(answer.rows) rows, and one is looked at",
                hint: "let it answer one, as with count(*)")
        }
        guard let value = answer.value else {
            return CheckResult(.fail, "the statement answers nothing", hint: "run it by hand with psql")
        }
        guard let expect = question.expect else { return CheckResult(.pass, value) }
        let expected = try values.filled(expect)
        guard Pattern(expected)?.matches(value) ?? false else {
            return CheckResult(
                .fail, "\(value), not \(expected)", hint: "run it by hand with psql: \(statement)")
        }
        return CheckResult(.pass, value)
    }
}

extension Exchange.Result {
    /// Why there is no answer.
    fileprivate var why: String {
        switch self {
        case .answered: "it was answered"
        case .notSent(_, let text), .broken(_, let text), .timedOut(let text): text
        case .cancelled: "there was no time for it"
        }
    }
}
