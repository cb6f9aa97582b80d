import RunModel
import StandInAPI
import Testing

@testable import CurlTransport

@Suite("Probes")
struct ProbeTests {
    @Test("a probe connects and sends nothing")
    func passed() async throws {
        try await withStandIn { transport, api in
            let probe = await transport.probe(purge(api))
            #expect(probe.steps.map(\.kind) == [.dns, .tcp])
            #expect(probe.steps.map(\.isPassed) == [true, true])
            #expect(probe.steps.first?.detail == "127.0.0.1")
            let connected = try #require(probe.steps.last).detail
            #expect(connected.contains(/^connected in \d+\.\d ms$/), "\(connected)")
            #expect(probe.certificateEnds == nil)
            // A request would have been answered before this one.
            _ = await transport.send(purge(api))
            #expect(api.requests().count == 1)
        }
    }

    @Test("a probe ends at a connection that is refused")
    func refused() async throws {
        let reserved = try RawListener(isListening: false)
        let transport = try makeTransport()
        let request = HTTPRequest(
            method: "POST", url: "http://127.0.0.1:\(reserved.port)/", headers: [], timeout: unhurried)
        let probe = await transport.probe(request)
        #expect(
            probe.steps == [
                Probe.Step(.dns, isPassed: true, detail: "127.0.0.1"),
                Probe.Step(
                    .tcp, isPassed: false,
                    detail: "no connection to 127.0.0.1:\(reserved.port): Connection refused"),
            ])
        await transport.shutdown()
    }

    @Test("a probe ends at a name that nobody knows")
    func unknownHost() async throws {
        let transport = try makeTransport()
        let request = HTTPRequest(
            method: "POST", url: "http://no-such-host.invalid/", headers: [], timeout: unhurried)
        let probe = await transport.probe(request)
        #expect(probe.steps.map(\.isPassed) == [false])
        #expect(probe.steps.map(\.kind) == [.dns])
        await transport.shutdown()
    }

    @Test("a probe is bounded by the timeout")
    func timeout() async throws {
        let listener = try RawListener()
        let transport = try makeTransport()
        let request = HTTPRequest(
            method: "POST", url: "https://127.0.0.1:\(listener.port)/", headers: [],
            timeout: .seconds(5))
        let probe = await transport.probe(request)
        #expect(probe.steps.map(\.isPassed) == [true, true, false])
        #expect(
            probe.steps.last?.detail == "no TLS handshake with 127.0.0.1:\(listener.port) within 5.0 seconds")
        await transport.shutdown()
    }

    @Test("a probe ends when its caller gives up")
    func cancelled() async throws {
        let listener = try RawListener()
        let transport = try makeTransport()
        let request = HTTPRequest(
            method: "POST", url: "https://127.0.0.1:\(listener.port)/", headers: [], timeout: unhurried)
        let probe = await withTaskGroup(of: Probe.self) { tasks in
            tasks.addTask { await transport.probe(request) }
            _ = await listener.acceptAndRead()
            tasks.cancelAll()
            return await tasks.next()
        }
        #expect(probe?.steps.last?.detail == "the probe was cancelled")
        await transport.shutdown()
    }
}
