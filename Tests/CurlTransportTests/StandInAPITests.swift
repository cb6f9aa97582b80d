import CurlTransport
import RunModel
import StandInAPI
import Testing

@Suite("The stand-in for the API")
struct StandInAPITests {
    private static let settings = StandInSettings()

    @Test(
        "the endpoints check method, token and role in the API's order",
        arguments: [
            ("POST", "/api/cron/purge_old", settings.token, settings.adminID, 200, "\"purged_count\":3"),
            (
                "POST", "/api/cron/purge_old?x=1", settings.token, settings.superadminID, 200,
                "\"retention_days\":50"
            ),
            (
                "POST", "/api/cron/purge_old", settings.token, settings.adminID.uppercased(), 200,
                "\"cutoff_date\":\""
            ),
            (
                "POST", "/api/cron/purge_old", "wrong", settings.adminID, 401,
                "{\"detail\":\"Invalid job token\"}"
            ),
            ("POST", "/api/cron/purge_old", nil, settings.adminID, 401, "{\"detail\":\"Invalid job token\"}"),
            ("POST", "/api/cron/purge_old", settings.token, "nobody", 401, "{\"detail\":\"Unknown user\"}"),
            ("POST", "/api/cron/purge_old", settings.token, nil, 401, "{\"detail\":\"Unknown user\"}"),
            ("POST", "/api/cron/purge_old", settings.token, settings.plainUserID, 403, "Admin role required"),
            ("GET", "/api/cron/purge_old", "wrong", nil, 405, "Method Not Allowed"),
            (
                "POST", "/api/cron/voice/refresh", settings.token, settings.superadminID, 503,
                "Voice refresh is disabled"
            ),
            (
                "POST", "/api/cron/voice/refresh", settings.token, settings.adminID, 403,
                "Superadmin role required"
            ),
            ("POST", "/api/cron/voice/refresh", "wrong", settings.superadminID, 401, "Invalid job token"),
            ("DELETE", "/api/cron/voice/refresh", nil, nil, 405, "Method Not Allowed"),
            ("POST", "/api/cron", settings.token, settings.adminID, 404, "{\"detail\":\"Not Found\"}"),
        ])
    func checks(
        _ method: String, _ path: String, _ token: String?, _ user: String?, _ status: Int, _ body: String
    ) async throws {
        try await withStandIn { transport, api in
            var request = HTTPRequest(method: method, url: api.url + path, headers: [], timeout: unhurried)
            if let token { request.headers.append(HTTPRequest.Header("x-job-token", token)) }
            if let user { request.headers.append(HTTPRequest.Header("X-User-ID", user)) }
            let answer = try #require(await transport.send(request).answer)
            #expect(answer.status == status)
            #expect(answer.contentType == "application/json")
            #expect(answer.bodyText.contains(body), "\(answer.bodyText)")
        }
    }

    @Test("a configured voice provider refreshes, and a purge can answer without content")
    func otherSettings() async throws {
        let settings = StandInSettings(isVoiceProviderConfigured: true, isPurgeWithoutContent: true)
        try await withStandIn(settings) { transport, api in
            #expect(await transport.send(purge(api)).answer == HTTPAnswer(status: 204))
            var refresh = purge(api)
            refresh.url = "\(api.url)/api/cron/voice/refresh"
            refresh.headers[1].value = settings.superadminID
            #expect(await transport.send(refresh).answer?.bodyText == "{\"refreshed\":12}")
        }
    }

    @Test("misbehaviours come in the order of their plans, and what stands comes last")
    func order() async throws {
        try await withStandIn { transport, api in
            api.misbehave(.status(500), count: 2)
            api.misbehave(.status(429))
            api.misbehave(.closeWithoutAnswer, count: 1)
            var kinds: [String] = []
            for _ in 1...5 { kinds.append(await transport.send(purge(api)).kind) }
            #expect(
                kinds == [
                    "answered 500", "answered 500", "broken: connection", "answered 429", "answered 429",
                ])
            api.behave()
            #expect(await transport.send(purge(api)).kind == "answered 200")
            #expect(api.requests().count == 6)
        }
    }

    @Test("a request that is held is answered rightly, once it is released")
    func hold() async throws {
        try await withStandIn { transport, api in
            api.misbehave(.hold, count: 1)
            let request = purge(api)
            async let held = transport.send(request)
            while api.heldCount == 0 { await Task.yield() }
            #expect(await transport.send(request).kind == "answered 200")
            #expect(api.heldCount == 1)
            api.release()
            #expect(await held.kind == "answered 200")
            #expect(api.heldCount == 0)
        }
    }

    @Test("it is told over HTTP how to misbehave, and lists what arrived without the token")
    func control() async throws {
        try await withStandIn { transport, api in
            func call(_ method: String, _ path: String) async -> HTTPAnswer? {
                let request = HTTPRequest(
                    method: method, url: api.url + path, headers: [], timeout: unhurried)
                return await transport.send(request).answer
            }
            #expect(
                await call("POST", "/misbehave?kind=status&status=429&retry-after=9%20s&count=1")?.status
                    == 204)
            #expect(await call("POST", "/misbehave?kind=nothing")?.status == 422)
            #expect(await call("POST", "/misbehave?kind=silence&count=0")?.status == 422)
            var request = purge(api)
            request.headers.append(HTTPRequest.Header("Idempotency-Key", "the \"key\""))
            #expect(await transport.send(request).answer?.retryAfter == "9 s")
            #expect(await transport.send(request).kind == "answered 200")
            let list = try #require(await call("GET", "/requests")).bodyText
            #expect(
                list.hasPrefix(
                    "{\"count\":2,\"requests\":[{\"method\":\"POST\",\"target\":\"/api/cron/purge_old\""))
            #expect(list.contains("\"idempotency_key\":\"the \\\"key\\\"\""))
            #expect(list.contains("{\"name\":\"X-Job-Token\",\"value\":\"***\"}"))
            #expect(!list.contains(Self.settings.token))
        }
    }

    @Test(
        "a misbehaviour is read from a query",
        arguments: [
            ("kind=delay&ms=500", Misbehaviour.delay(.milliseconds(500))),
            ("kind=status&status=500", .status(500)),
            (
                "kind=status&status=429&retry-after=Fri,+31+Dec+2027",
                .status(429, retryAfter: "Fri, 31 Dec 2027")
            ),
            ("kind=redirect&location=http%3A%2F%2Fa%2F", .redirect(302, location: "http://a/")),
            ("kind=redirect&status=307&location=/x", .redirect(307, location: "/x")),
            ("kind=slow-body", .slowBody(interval: .seconds(1))),
            ("kind=endless-body", .endlessBody), ("kind=hold", .hold),
            ("kind=delay", nil), ("kind=status", nil), ("kind=status&status=99", nil), ("kind=redirect", nil),
            ("kind=other", nil), ("", nil),
        ])
    func queries(_ query: String, _ misbehaviour: Misbehaviour?) {
        #expect(Misbehaviour(query: query) == misbehaviour)
    }

    @Test("stopping ends the requests under way, whatever is being done to them")
    func stop() async throws {
        let transport = try makeTransport()
        let api = try await StandInAPI.start()
        api.misbehave(.silence, count: 1)
        api.misbehave(.delay(.seconds(600)), count: 1)
        api.misbehave(.slowBody(interval: .seconds(600)), count: 1)
        let request = purge(api)
        let kinds = try await withThrowingTaskGroup(of: String.self) { tasks in
            for _ in 1...3 { tasks.addTask { await transport.send(request).kind } }
            await api.waitForRequests(3)
            try await api.stop()
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        // A body without a length ends with its connection; the stop may come before it begins.
        #expect(kinds.count == 3)
        #expect(kinds.count { $0 == "broken: connection" } >= 2)
        #expect(Set(kinds).isSubset(of: ["answered 200", "broken: connection"]))
        await transport.shutdown()
    }
}
