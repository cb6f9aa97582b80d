import JobCatalog
import Testing

@Suite("where values of the configuration may go")
struct ValueRulesTests {
    private static let known = ["API_BASE_URL": "https://api.example.org/v1"]

    private func prospect(
        _ action: String, _ rules: ValueRules = ValueRules(), known: [String: String] = known
    ) throws -> ValueRules.Refusal? {
        let job = try #require(read("0 0 * * * a: \(action)").jobs.first)
        return rules.prospect(of: job.request) { known[$0] }
    }

    @Test(
        "a setting of Almanac is in no request, wherever it goes and however it is spelt",
        arguments: [
            "DB_DSN", "db_dsn", "Db_Dsn", "DB_READ_DSN", "DB_DSN_FILE", "PGPASSWORD", "PGHOST", "pgpassword",
            "STATUS_TOKEN", "status_token", "ALMANAC_LISTEN", "ALMANAC_VALUE_ORIGINS", "almanac_x",
        ])
    func settings(_ name: String) throws {
        for action in ["POST /x header=\"X-A: ${\(name)}\"", "POST https://h.example/x body='${\(name)}'"] {
            #expect(try prospect(action) == .reserved(name))
            #expect(
                try prospect(action, ValueRules(origins: [name: [EndpointURL("https://h.example")]])) != nil)
        }
    }

    @Test("a name that something else uses is in no request")
    func reserved() throws {
        let rules = ValueRules(reserved: ["PAGER_KEY"])
        #expect(try prospect("POST /x header='X-A: ${pager_key}'", rules) == .reserved("pager_key"))
        #expect(try prospect("POST /x header='X-A: ${VOICE_KEY}'", rules) == nil)
    }

    @Test(
        "a secret goes to the API, whichever way its address is written",
        arguments: [
            "/x", "${API_BASE_URL}/x", "${API_BASE_URL}", "${API_BASE_URL}?a=b", "https://api.example.org/x",
            "HTTPS://API.Example.ORG:443/x", "https://api.example.org",
        ])
    func toTheAPI(_ url: String) throws {
        #expect(try prospect("POST \(url) header='X-A: ${VOICE_KEY}'") == nil)
    }

    @Test(
        "a secret goes to no other origin",
        arguments: [
            ("https://h.example/x", "https://h.example"), ("https://h.example:443/x", "https://h.example"),
            ("https://api.example.org:444/x", "https://api.example.org:444"),
            ("http://127.0.0.1/x", "http://127.0.0.1"), ("http://[::1]:80/x", "http://[::1]"),
            ("https://api.example.org.evil.example/x", "https://api.example.org.evil.example"),
        ])
    func elsewhere(_ url: String, _ origin: String) throws {
        for option in ["header='X-A: ${VOICE_KEY}'", "header='X-A: ${JOB_TOKEN}'", "body='k=${VOICE_KEY}'"] {
            let refusal = try #require(try prospect("POST \(url) \(option)"))
            #expect(refusal == .foreign(option.contains("JOB") ? "JOB_TOKEN" : "VOICE_KEY", origin: origin))
        }
        #expect(try prospect("POST \(url) header='X-A: ${TEAM}'") == nil)
    }

    @Test("what follows the API's address may make it another host's")
    func extendedHost() throws {
        let action = "POST ${API_BASE_URL}.evil.example/x header='X-A: ${VOICE_KEY}'"
        let bare = ["API_BASE_URL": "https://api.example.org"]
        #expect(
            try prospect(action, known: bare)
                == .foreign("JOB_TOKEN", origin: "https://api.example.org.evil.example"))
        #expect(try prospect(action, known: [:]) == .unknownOrigin("JOB_TOKEN"))
        let host = "POST https://${ADMIN_USER_UUID}/x header='X-A: ${VOICE_KEY}'"
        #expect(try prospect(host) == .unknownOrigin("VOICE_KEY"))
    }

    @Test("a secret whose origin is named goes there and to the API, and no further")
    func named() throws {
        let rules = try ValueRules(origins: [
            "VOICE_KEY": [EndpointURL("https://voice.example"), EndpointURL("https://two.example:8443")]
        ])
        let header = "header='X-A: ${VOICE_KEY}'"
        for url in [
            "https://voice.example/x", "https://VOICE.example:443/x", "https://two.example:8443/x", "/x",
        ] {
            #expect(try prospect("POST \(url) \(header)", rules) == nil)
        }
        for url in ["https://voice.example:444/x", "https://two.example/x", "https://h.example/x"] {
            #expect(try prospect("POST \(url) \(header)", rules) != nil)
        }
        #expect(try prospect("POST https://voice.example/x header='X-A: ${OTHER_KEY}'", rules) != nil)
    }

    @Test("a name that does not read like a secret is held like one when its origin is named")
    func namedPlain() throws {
        let rules = try ValueRules(origins: ["TEAM": [EndpointURL("https://team.example")]])
        #expect(try prospect("POST https://h.example/x header='X-A: ${TEAM}'", rules) != nil)
        #expect(try prospect("POST https://team.example/x header='X-A: ${TEAM}'", rules) == nil)
    }

    @Test("a secret is one in whatever case its name is written, as a credential is found by it")
    func cases() throws {
        let rules = try ValueRules(origins: ["TEAM": [EndpointURL("https://team.example")]])
        for name in ["voice_key", "VoIcE_kEy", "jOb_ToKeN", "team", "Team"] {
            let action = "POST https://team.example/x header='X-A: ${\(name)}'"
            #expect(try prospect(action, rules) == .foreign(name, origin: "https://team.example"))
        }
    }

    @Test("without the API's address a whole URL may be another host's, and a path is the API's")
    func unknown() throws {
        let action = "POST https://api.example.org/x header='X-A: ${VOICE_KEY}'"
        let refusal = try #require(try prospect(action, known: [:]))
        #expect(refusal == .unknownAPI("VOICE_KEY", origin: "https://api.example.org") && !refusal.isCertain)
        #expect(try prospect("POST /x header='X-A: ${VOICE_KEY}'", known: [:]) == nil)
    }

    @Test("a placeholder of a task file is held to the same rules")
    func taskFile() throws {
        for placeholder in ["%DB_DSN%", "%db_dsn%", "{{DB_DSN}}", "${DB_DSN}", "$env:DB_DSN"] {
            let text = taskText(arguments: "-fsS -H \"X-A: \(placeholder)\" https://h.example/x")
            let job = try #require(tasks(text).jobs.first, "\(placeholder)")
            let refusal = ValueRules().prospect(of: job.request) { _ in nil }
            #expect(refusal?.name.uppercased() == "DB_DSN" && refusal?.isCertain == true, "\(placeholder)")
        }
    }

    @Test("the warning stands at the value, and says what to do")
    func warning() throws {
        let file = read("0 0 * * * a: POST https://h.example/x header=\"X-A: ${VOICE_KEY}\"")
        let job = try #require(file.jobs.first)
        let refusal = ValueRules.Refusal.foreign("VOICE_KEY", origin: "https://h.example")
        #expect(
            job.warning(refusal, line: file.sourceLine(of: job)).rendered == """
                a.cron:1:52: warning: runs of “a” will fail: VOICE_KEY would be sent to https://h.example, which is \
                neither the API of API_BASE_URL nor an origin that ALMANAC_VALUE_ORIGINS names for it
                  0 0 * * * a: POST https://h.example/x header="X-A: ${VOICE_KEY}"
                                                                     ^~~~~~~~~~~~
                hint: write a path instead of a whole URL, or let ALMANAC_VALUE_ORIGINS of the service hold \
                VOICE_KEY=https://h.example
                """)
    }
}
