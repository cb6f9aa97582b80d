import CivilTime
import Glibc
import RunModel
import Testing

@testable import CurlTransport

@Suite("TLS")
struct TLSTests {
    private let here = "DNS:localhost,IP:127.0.0.1"

    @Test("a certificate whose authority is trusted is accepted")
    func trusted() async throws {
        try await withServer(names: here, days: 30) { server, transport in
            let exchange = await transport.send(get(server))
            #expect(exchange.kind == "answered 200")
        }
    }

    @Test("a certificate of an unknown authority is refused")
    func selfSigned() async throws {
        try await withServer(names: here, days: 30, isTrusted: false) { server, transport in
            let exchange = await transport.send(get(server))
            #expect(exchange.kind == "not sent: tls")
            #expect(exchange.text.contains("self-signed certificate"), "\(exchange.text)")
        }
    }

    @Test("a certificate that has ended is refused")
    func expired() async throws {
        try await withServer(names: here, days: -1) { server, transport in
            let exchange = await transport.send(get(server))
            #expect(exchange.kind == "not sent: tls")
            #expect(exchange.text.contains("certificate has expired"), "\(exchange.text)")
        }
    }

    @Test("a certificate for another host is refused")
    func otherName() async throws {
        try await withServer(names: "DNS:elsewhere.example", days: 30) { server, transport in
            let exchange = await transport.send(get(server))
            #expect(exchange.kind == "not sent: tls")
            #expect(exchange.text.contains("localhost"), "\(exchange.text)")
            #expect(await transport.probe(get(server)).steps.map(\.isPassed) == [true, true, false])
        }
    }

    @Test("a missing file of authorities is an error of the configuration")
    func missingFile() async throws {
        try await withServer(names: here, days: 30) { server, _ in
            let transport = try makeTransport(certificateAuthoritiesFile: "/nonexistent/authorities.pem")
            let exchange = await transport.send(get(server))
            #expect(exchange.kind == "not sent: configuration")
            #expect(exchange.text.contains("/nonexistent/authorities.pem"), "\(exchange.text)")
            await transport.shutdown()
        }
    }

    @Test("a probe tells the steps to a TLS server and when its certificate ends")
    func probe() async throws {
        try await withServer(names: here, days: 30) { server, transport in
            let probe = await transport.probe(get(server))
            #expect(probe.steps.map(\.kind) == [.dns, .tcp, .tls])
            #expect(probe.steps.map(\.isPassed) == [true, true, true])
            let detail = try #require(probe.steps.last).detail
            #expect(detail.hasPrefix("TLSv1.3, certificate valid until "), "\(detail)")
            #expect(detail.hasSuffix(", issued to CN = throw-away"), "\(detail)")
            let daysLeft =
                (try #require(probe.certificateEnds) - Instant(seconds: Int64(time(nil)))) / .seconds(86_400)
            #expect(abs(daysLeft - 30) < 0.1)
        }
    }

    @Test("a probe ends at a handshake that fails")
    func failedProbe() async throws {
        try await withServer(names: here, days: -1) { server, transport in
            let probe = await transport.probe(get(server))
            #expect(probe.steps.map(\.isPassed) == [true, true, false])
            let detail = try #require(probe.steps.last).detail
            #expect(detail.contains("certificate has expired"), "\(detail)")
        }
    }

    private func get(_ server: TLSServer) -> HTTPRequest {
        HTTPRequest(
            method: "GET", url: "https://localhost:\(server.port)/", headers: [], timeout: unhurried)
    }

    private func withServer(
        names: String, days: Int, isTrusted: Bool = true,
        _ body: (TLSServer, CurlTransport) async throws -> Void
    ) async throws {
        let server = try TLSServer(names: names, days: days)
        defer { server.end() }
        let transport = try makeTransport(
            certificateAuthoritiesFile: isTrusted ? server.certificateFile : nil)
        try await body(server, transport)
        await transport.shutdown()
    }
}
