import JobCatalog
import RequestText
import RunEngine
import RunModel
import Testing

@Suite struct RequestBuilderTests {
    private static let id = RunID(random: 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef)
    private static let values = [
        "API_BASE_URL": "https://api.example.org/v1", "JOB_TOKEN": "t0ken", "ADMIN_USER_UUID": "u-1",
        "BAD": "a\r\nb",
    ]

    private func request(
        _ job: Job, _ changes: [String: String?] = [:], rules: ValueRules = ValueRules()
    ) throws(RequestBuilder.Problem) -> HTTPRequest {
        var values: [String: String?] = Self.values.mapValues { $0 }
        for (name, value) in changes { values[name] = value }
        return try RequestBuilder.request(
            for: job, run: Self.id, scheduledFor: at(0), attempt: 2, userAgent: "almanac/1", rules: rules
        ) { values[$0] ?? nil }
    }

    private func job(_ method: String, _ url: String, headers: [(String, String)] = [], body: String? = nil)
        throws -> Job
    {
        var job = try makeJob()
        job.request = RequestTemplate(
            method: method, url: try #require(TemplateText(parsing: url)),
            headers: try headers.map { .init($0.0, try #require(TemplateText(parsing: $0.1))) },
            body: try body.map { try #require(TemplateText(parsing: $0)) })
        return job
    }

    @Test("the request has the job's headers, the run's identity and the usual ones")
    func whole() throws {
        let request = try request(makeJob("as=admin timeout=5m body='{}' header='X-A: v ${ADMIN_USER_UUID}'"))
        #expect(
            request.method == "POST" && request.url == "https://api.example.org/v1/x"
                && request.timeout == .seconds(300))
        #expect(request.body == Array("{}".utf8))
        #expect(
            request.headers.map { "\($0.name): \($0.isSecret ? "***" : $0.value)" } == [
                "X-User-ID: u-1", "X-Job-Token: ***", "X-A: v u-1",
                "Idempotency-Key: 01234567-89ab-4def-8123-456789abcdef",
                "X-Job-Scheduled-For: \(at(0))",
                "traceparent: 00-0123456789ab4def8123456789abcdef-0000000000000002-01",
                "User-Agent: almanac/1",
                "Accept: application/json, */*;q=0.1", "Accept-Encoding: identity",
                "Content-Type: application/json",
            ])
        #expect(request.headers[1].value == "t0ken")
    }

    @Test("a header that the job sets is not set again, whatever its case")
    func ownHeaders() throws {
        let job = try job(
            "POST", "https://h/x", headers: [("user-agent", "mine"), ("ACCEPT", "x"), ("content-type", "y")],
            body: "z")
        let names = try request(job).headers.map { $0.name.lowercased() }
        #expect(
            names.sorted() == [
                "accept", "accept-encoding", "content-type", "idempotency-key", "traceparent", "user-agent",
                "x-job-scheduled-for",
            ])
    }

    @Test("a base URL with a slash at its end makes no double slash")
    func slash() throws {
        #expect(try request(makeJob(), ["API_BASE_URL": "https://h/"]).url == "https://h/x")
        #expect(try request(makeJob(), ["API_BASE_URL": "http://127.0.0.1:8/"]).url == "http://127.0.0.1:8/x")
    }

    @Test(
        "the token goes to the API's origin alone",
        arguments: [
            "https://example.org/x", "${API_BASE_URL}.evil.example/x", "https://api.example.org:444/x",
            "http://127.0.0.1/x",
        ])
    func otherOrigin(_ url: String) throws {
        let job = try job("GET", url, headers: [("X-Job-Token", "${JOB_TOKEN}")])
        // Without a path in the base URL, what follows it could be read as a part of its host.
        let error = #expect(throws: RequestBuilder.Problem.self) {
            try request(job, ["API_BASE_URL": "https://api.example.org"])
        }
        #expect(error?.message.contains("the job token would be sent to") == true)
        #expect(error?.message.contains("t0ken") == false)
    }

    @Test("a secret is filled in for the API and for its own origins alone, and a setting never")
    func boundValues() throws {
        let values: [String: String?] = ["VOICE_KEY": "v0ice", "DB_DSN": "pa55"]
        let rules = try ValueRules(origins: ["VOICE_KEY": [EndpointURL("https://voice.example")]])
        let header = [("X-A", "${VOICE_KEY}")]
        for url in ["${API_BASE_URL}/x", "https://api.example.org:443/y", "https://voice.example/x"] {
            #expect(
                try request(job("GET", url, headers: header), values, rules: rules).headers[0].value
                    == "v0ice")
        }
        for url in ["https://voice.example:8443/x", "https://h.example/x"] {
            let error = #expect(throws: RequestBuilder.Problem.self) {
                try request(job("GET", url, headers: header), values, rules: rules)
            }
            #expect(error?.message.contains("VOICE_KEY would be sent to https://") == true)
            #expect(error?.message.contains("v0ice") == false && error?.hint != nil)
        }
        for job in try [
            job("GET", "${API_BASE_URL}/x", headers: [("X-A", "${DB_DSN}")]),
            job("GET", "https://${DB_DSN}/x"), job("GET", "${API_BASE_URL}/x", body: "a ${DB_DSN}"),
        ] {
            let error = #expect(throws: RequestBuilder.Problem.self) {
                try request(job, values, rules: rules)
            }
            #expect(error?.message == "DB_DSN is not for requests: Almanac uses it itself")
        }
    }

    @Test("credentials in front of another host are refused")
    func credentials() throws {
        let job = try job("GET", "${API_BASE_URL}@evil.example/x", headers: [("X-Job-Token", "${JOB_TOKEN}")])
        #expect(throws: RequestBuilder.Problem.self) {
            try request(job, ["API_BASE_URL": "https://api.example.org"])
        }
    }

    @Test("a value that is missing is named, and no value is shown")
    func missing() throws {
        let error = #expect(throws: RequestBuilder.Problem.self) {
            try request(makeJob(), ["JOB_TOKEN": nil])
        }
        #expect(
            error
                == .init(
                    message: "JOB_TOKEN has no value", hint: "set JOB_TOKEN in the environment of the service"
                ))
        let bad = #expect(throws: RequestBuilder.Problem.self) {
            try request(makeJob("header='X-A: ${BAD}'"))
        }
        #expect(bad?.message == "the value of the header X-A has a line break or a control character")
    }

    @Test("what is a secret is marked, by its value or by its name")
    func secrets() throws {
        let job = try job(
            "GET", "https://h/x",
            headers: [
                ("X-A", "${ADMIN_USER_UUID}"), ("X-B", "k ${OTHER}"), ("Authorization", "plain"),
                ("cookie", "c"),
            ])
        #expect(
            try request(job, ["OTHER": "o"]).headers.prefix(4).map(\.isSecret) == [false, true, true, true])
    }

    @Test("a URL that a value makes unusable is refused")
    func badURL() throws {
        for base in ["", "ftp://h", "http://example.org", "https://h:x"] {
            #expect(throws: RequestBuilder.Problem.self) { try request(makeJob(), ["API_BASE_URL": base]) }
        }
    }
}
