import Glibc
import RunModel
import StandInAPI
import Testing

@testable import CurlTransport

@Suite("Failures of a connection")
struct FailureTests {
    @Test("a refused connection sends nothing")
    func refused() async throws {
        let reserved = try RawListener(isListening: false)
        let transport = try makeTransport()
        let exchange = await transport.send(request(to: "http://127.0.0.1:\(reserved.port)/x"))
        #expect(
            exchange.result
                == .notSent(.connect, "no connection to 127.0.0.1:\(reserved.port): Connection refused"))
        await transport.shutdown()
    }

    @Test("an unknown host name sends nothing")
    func unknownHost() async throws {
        let transport = try makeTransport()
        let exchange = await transport.send(request(to: "http://no-such-host.invalid/x"))
        #expect(exchange.kind == "not sent: dns")
        #expect(exchange.text.hasPrefix("the host name no-such-host.invalid was not resolved"))
        await transport.shutdown()
    }

    @Test("a server that speaks no TLS sees nothing of the request")
    func plainServer() async throws {
        try await withStandIn { transport, api in
            let exchange = await transport.send(
                request(to: "https://127.0.0.1:\(api.port)/api/cron/purge_old"))
            #expect(exchange.kind == "not sent: tls")
            #expect(api.requests() == [])
        }
    }

    @Test(
        "a connection that ends behind the request is broken, however it ends",
        arguments: [
            (Misbehaviour.resetAfterRequest, "broken: connection", "broke: Connection reset by peer"),
            (.resetInBody, "broken: connection", "(status 200 and 10 bytes of the body had come)"),
            (.closeWithoutAnswer, "broken: connection", "closed the connection without an answer"),
            (.garbage, "broken: response", "did not answer in valid HTTP"),
            (.endlessHeaders, "broken: response", "exceed 65536 bytes"),
        ])
    func broken(_ misbehaviour: Misbehaviour, _ kind: String, _ text: String) async throws {
        try await withStandIn(StandInSettings(), misbehaviour) { transport, api in
            let exchange = await transport.send(purge(api))
            #expect(exchange.kind == kind)
            #expect(exchange.text.contains(text), "\(exchange.text)")
            #expect(api.requests().count == 1)
        }
    }

    @Test("a connection that is reset at once is never an answer, and is not tried again")
    func resetAtOnce() async throws {
        try await withStandIn { transport, api in
            api.misbehave(.resetBeforeRequest, count: 1)
            // Whether a byte was written before the reset came depends on which was faster; to one who looks late, the
            // connection was never made.
            let kinds = ["not sent: connect", "not sent: connection", "broken: connection"]
            #expect(kinds.contains(await transport.send(purge(api)).kind))
            #expect(api.requests() == [])
        }
    }

    @Test("a connection that breaks while the request is written may have carried a part of it")
    func resetWhileWriting() async throws {
        let listener = try RawListener()
        let transport = try makeTransport()
        var request = request(to: "http://127.0.0.1:\(listener.port)/x")
        request.body = [UInt8](repeating: 0x20, count: 16 * 1024 * 1024)
        async let exchange = transport.send(request)
        listener.reset(await listener.acceptAndRead())
        #expect(await exchange.kind == "broken: connection")
        await transport.shutdown()
    }

    @Test(
        "the timeout ends an answer that does not come to its end",
        arguments: [
            Misbehaviour.silence, .stalledHeaders, .slowBody(interval: .milliseconds(50)),
            .delay(.seconds(600)),
        ])
    func timeouts(_ misbehaviour: Misbehaviour) async throws {
        try await withStandIn(StandInSettings(), misbehaviour) { transport, api in
            let exchange = await transport.send(purge(api, timeout: .seconds(5)))
            #expect(exchange.kind == "timed out")
            #expect(exchange.text.hasPrefix("no whole answer from 127.0.0.1:\(api.port) within 5.0 seconds"))
            // libcurl counts whole milliseconds, from its own start.
            #expect(exchange.elapsed >= .milliseconds(4990))
            // Far more than it takes, for a busy machine, and far less than the misbehaviour lasts.
            #expect(exchange.elapsed < .seconds(300))
            await api.waitForRequests(1)
            #expect(api.requests().count == 1)
        }
    }

    @Test("a timeout before anything was written sends nothing")
    func timeoutBeforeWriting() async throws {
        let listener = try RawListener()
        let transport = try makeTransport()
        var request = request(to: "https://127.0.0.1:\(listener.port)/x")
        request.timeout = .seconds(5)
        let exchange = await transport.send(request)
        let text = "no TLS handshake with 127.0.0.1:\(listener.port) within 5.0 seconds"
        #expect(exchange.result == .notSent(.tls, text))
        await transport.shutdown()
    }

    @Test("a socket of this host has the same failures as a host and a port")
    func localSocket() async throws {
        let transport = try makeTransport()
        var request = request(to: "http://localhost/x")
        request.socketPath = "/nonexistent/socket"
        #expect(
            await transport.send(request).result
                == .notSent(.connect, "no connection to /nonexistent/socket: No such file or directory"))

        let listener = try RawListener(directory: "/tmp")
        let path = listener.path
        request.socketPath = path
        async let exchange = transport.send(request)
        close(await listener.acceptAndRead())
        #expect(
            await exchange.result == .broken(.connection, "\(path) closed the connection without an answer"))
        await transport.shutdown()
    }

    @Test(
        "no text of a failure holds a header's value, or more of the URL than its host and port",
        arguments: [
            Misbehaviour.silence, .resetAfterRequest, .resetInBody, .resetBeforeRequest, .closeWithoutAnswer,
            .garbage,
            .endlessHeaders, .stalledHeaders,
        ])
    func secrets(_ misbehaviour: Misbehaviour) async throws {
        try await withStandIn(StandInSettings(), misbehaviour) { transport, api in
            let request = HTTPRequest(
                method: "POST", url: "http://user:canary@127.0.0.1:\(api.port)/canary?key=canary#canary",
                headers: [HTTPRequest.Header("X-Job-Token", "canary", isSecret: true)],
                body: Array("canary".utf8),
                timeout: .milliseconds(300))
            let exchange = await transport.send(request)
            #expect(exchange.text != "")
            #expect(!exchange.text.contains("canary"))
        }
    }

    private func request(to url: String) -> HTTPRequest {
        HTTPRequest(method: "POST", url: url, headers: [], timeout: unhurried)
    }
}
