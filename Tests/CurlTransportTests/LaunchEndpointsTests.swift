import CurlTransport
import RunModel
import StandInAPI
import Testing

@Suite("What the stand-in for the API answers before a launch")
struct LaunchEndpointsTests {
    private static let settings = StandInSettings()

    @Test(
        "health is for everybody, and what is under ops for admins",
        arguments: [
            ("GET", "/health", nil, 200, "\"status\":\"healthy\""),
            ("POST", "/health", nil, 405, "Method Not Allowed"),
            ("GET", "/api/ops/health", nil, 401, "Unknown user"),
            ("GET", "/api/ops/health", settings.plainUserID, 403, "Admin role required"),
            ("GET", "/api/ops/health", settings.superadminID, 200, "\"status\":\"healthy\""),
            ("GET", "/api/ops/rate_limits", "nobody", 401, "Unknown user"),
            ("GET", "/api/ops/rate_limits", settings.adminID, 200, "\"rate_orders_per_hour\":10"),
            ("GET", "/api/v2/status.json", nil, 200, "\"indicator\":\"none\""),
            ("GET", "/storage/v1/object/public/audio/greeting.mp3", nil, 400, "Bucket not found"),
        ])
    func answers(_ method: String, _ path: String, _ user: String?, _ status: Int, _ body: String)
        async throws
    {
        try await withStandIn { transport, api in
            var request = HTTPRequest(method: method, url: api.url + path, headers: [], timeout: unhurried)
            if let user { request.headers.append(HTTPRequest.Header("X-User-ID", user)) }
            let answer = try #require(await transport.send(request).answer)
            #expect(answer.status == status)
            #expect(answer.bodyText.contains(body), "\(answer.bodyText)")
        }
    }

    @Test(
        "a switch changes an answer, and no switches undo it",
        arguments: [
            ("health=fail", "/health", 500, "Internal Server Error"),
            ("health=page", "/health", 200, "<!doctype html>"),
            ("ops=open", "/api/ops/health", 200, "healthy"),
            (
                "ops=open&rate_orders_per_hour=100", "/api/ops/rate_limits", 200,
                "\"rate_orders_per_hour\":100"
            ),
            ("provider=degraded", "/api/v2/status.json", 200, "\"indicator\":\"major\""),
            ("provider=down", "/api/v2/status.json", 503, "Service Unavailable"),
            ("bucket=public", "/storage/v1/object/public/audio/greeting.mp3", 200, "ID3"),
            // As Supabase answers: another body, and the same status as of a private bucket.
            ("bucket=public", "/storage/v1/object/public/audio/none.mp3", 400, "Object not found"),
        ])
    func switches(_ switches: String, _ path: String, _ status: Int, _ body: String) async throws {
        try await withStandIn { transport, api in
            func call(_ method: String, _ path: String) async -> HTTPAnswer? {
                await transport.send(
                    HTTPRequest(method: method, url: api.url + path, headers: [], timeout: unhurried)
                ).answer
            }
            let before = await call("GET", path)
            let switchesBefore = await call("GET", "/deployment")
            #expect(await call("POST", "/deployment?\(switches)")?.status == 204)
            let answer = try #require(await call("GET", path))
            #expect(answer.status == status)
            #expect(answer.bodyText.contains(body), "\(answer.bodyText)")
            #expect(await call("GET", "/deployment") != switchesBefore)
            #expect(await call("POST", "/deployment")?.status == 204)
            #expect(await call("GET", path) == before)
            #expect(await call("GET", "/deployment") == switchesBefore)
        }
    }

    @Test(
        "a switch that is not there, or has no such value, changes nothing",
        arguments: ["cors=some", "nothing=1", "rate_orders_per_hour=many", "ops=open&health=ill"])
    func refusals(_ switches: String) async throws {
        try await withStandIn { transport, api in
            func call(_ method: String, _ path: String) async -> HTTPAnswer? {
                await transport.send(
                    HTTPRequest(method: method, url: api.url + path, headers: [], timeout: unhurried)
                ).answer
            }
            let before = await call("GET", "/deployment")
            #expect(await call("POST", "/deployment?\(switches)")?.status == 422)
            #expect(await call("GET", "/deployment") == before)
        }
    }

    @Test(
        "a browser's question is answered by the rule in force",
        arguments: [
            ("", settings.webOrigin, 200), ("", "https://foreign.example", 400),
            ("cors=echo", "https://foreign.example", 200), ("cors=wildcard", "https://foreign.example", 200),
            ("cors=nobody", settings.webOrigin, 400),
        ])
    func crossOrigin(_ switches: String, _ origin: String, _ status: Int) async throws {
        try await withStandIn { transport, api in
            let change = HTTPRequest(
                method: "POST", url: "\(api.url)/deployment?\(switches)", headers: [], timeout: unhurried)
            #expect(await transport.send(change).answer?.status == 204)
            var question = HTTPRequest(
                method: "OPTIONS", url: "\(api.url)/health", headers: [], timeout: unhurried)
            #expect(await transport.send(question).answer?.status == 405)
            question.headers = [
                HTTPRequest.Header("Origin", origin),
                HTTPRequest.Header("Access-Control-Request-Method", "GET"),
            ]
            #expect(await transport.send(question).answer?.status == status)
        }
    }
}
