import RunModel
import StandInAPI
import Testing

@testable import CurlTransport

@Suite("Requests")
struct RequestTests {
    @Test("a request arrives exactly as it was made")
    func exactly() async throws {
        let headers: [(String, String)] = [
            ("X-Job-Token", "a:b: c;d"), ("X-Empty", ""), ("x-lower", "1"), ("X-Twice", "1"),
            ("X-Twice", "2"),
            ("Idempotency-Key", "purge/2026-03-01T00:10:00Z"), ("User-Agent", "mine/1"),
            ("Content-Type", "a/b"),
        ]
        let body: [UInt8] = [0, 13, 10, 255, 0]
        try await withStandIn { transport, api in
            let request = HTTPRequest(
                method: "PATCH", url: "\(api.url)/a/../b%20c/./?q=%00&r=a:b",
                headers: headers.map { HTTPRequest.Header($0.0, $0.1) }, body: body, timeout: unhurried)
            #expect(await transport.send(request).kind == "answered 404")
            let arrived = try #require(api.requests().first)
            #expect(arrived.method == "PATCH")
            #expect(arrived.target == "/a/../b%20c/./?q=%00&r=a:b")
            #expect(arrived.body == body)
            let own = ["Host", "Accept", "Content-Length"]
            let others = arrived.headers.filter { !own.contains($0.name) }
            #expect(others.map { "\($0.name)=\($0.value)" } == headers.map { "\($0.0)=\($0.1)" })
        }
    }

    @Test(
        "a request without a body says so where its method expects one",
        arguments: [
            ("POST", "0"), ("PUT", "0"), ("PATCH", "0"), ("GET", nil), ("DELETE", nil), ("HEAD", nil),
            ("OPTIONS", nil),
        ])
    func withoutBody(_ method: String, _ length: String?) async throws {
        try await withStandIn { transport, api in
            let request = HTTPRequest(method: method, url: "\(api.url)/x", headers: [], timeout: unhurried)
            #expect(await transport.send(request).kind == "answered 404")
            let arrived = try #require(api.requests().first)
            #expect(arrived.method == method)
            #expect(arrived.header("Content-Length") == length)
            #expect(arrived.header("Content-Type") == nil)
            #expect(arrived.header("Expect") == nil)
            #expect(arrived.header("User-Agent") == "almanac/test")
            #expect(arrived.header("Cookie") == nil)
        }
    }

    @Test("a long body is sent at once, without waiting for leave to send it")
    func longBody() async throws {
        try await withStandIn { transport, api in
            var request = purge(api)
            request.body = [UInt8](repeating: 7, count: 2 * 1024 * 1024)
            #expect(await transport.send(request).kind == "answered 200")
            let arrived = try #require(api.requests().first)
            #expect(arrived.body == request.body)
            #expect(arrived.header("Expect") == nil)
        }
    }

    @Test(
        "what cannot be sent exactly is refused before anything is sent",
        arguments: [
            ("GET /", "http://HOST/", "A", "b", "method"),
            ("", "http://HOST/", "A", "b", "method"),
            ("GET", "http://HOST/a b", "A", "b", "space"),
            ("GET", "http://HOST/\r\nX: y", "A", "b", "control character"),
            ("GET", "http://HOST/\0", "A", "b", "control character"),
            ("GET", "/api", "A", "b", "not an absolute"),
            ("GET", "HOST/api", "A", "b", "not an absolute"),
            ("GET", "ftp://HOST/api", "A", "b", "not an absolute"),
            ("GET", "file:///etc/passwd", "A", "b", "not an absolute"),
            ("GET", "http:///api", "A", "b", "not an absolute"),
            ("GET", "http:/HOST/", "A", "b", "not an absolute"),
            ("GET", "http://HOST/", "A", "canary\r\nX: y", "header A contains a control character"),
            ("GET", "http://HOST/", "A", "canary\n", "header A contains a control character"),
            ("GET", "http://HOST/", "A", "canary\0", "header A contains a control character"),
            ("GET", "http://HOST/", "canary b", "c", "the name of header 1"),
            ("GET", "http://HOST/", "canary:", "c", "the name of header 1"),
            ("GET", "http://HOST/", "", "canary", "the name of header 1"),
            ("GET", "http://HOST/", "content-length", "5", "Content-Length"),
            ("GET", "http://HOST/", "Transfer-Encoding", "chunked", "Transfer-Encoding"),
        ])
    func refused(_ method: String, _ url: String, _ name: String, _ value: String, _ text: String)
        async throws
    {
        try await withStandIn { transport, api in
            let host = "127.0.0.1:\(api.port)"
            let request = HTTPRequest(
                method: method,
                url: url.split(separator: "HOST", omittingEmptySubsequences: false).joined(separator: host),
                headers: [HTTPRequest.Header(name, value)], timeout: unhurried)
            let exchange = await transport.send(request)
            #expect(exchange.kind == "not sent: configuration")
            #expect(exchange.text.contains(text), "\(exchange.text)")
            #expect(!exchange.text.contains("canary"))
            #expect(await transport.probe(request).steps.map(\.isPassed) == [false])
            #expect(api.requests() == [])
        }
    }

    @Test("a timeout that is not positive is refused", arguments: [Duration.zero, .seconds(-1)])
    func refusedTimeout(_ timeout: Duration) async throws {
        try await withStandIn { transport, api in
            #expect(await transport.send(purge(api, timeout: timeout)).kind == "not sent: configuration")
        }
    }

    @Test(
        "a timeout of any length is taken", arguments: [Duration.seconds(Int64.max), .seconds(86_400 * 365)])
    func longTimeout(_ timeout: Duration) async throws {
        try await withStandIn { transport, api in
            #expect(await transport.send(purge(api, timeout: timeout)).kind == "answered 200")
        }
    }
}
