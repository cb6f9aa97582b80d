import Glibc
import RunModel
import StandInAPI
import Testing

@testable import CurlTransport

@Suite("Cancellation and the end")
struct CancellationTests {
    @Test("a cancelled request ends at once and says that it may have been sent")
    func whileWaiting() async throws {
        try await withStandIn(StandInSettings(), .silence) { transport, api in
            let request = purge(api)
            let ended = await withTaskGroup(of: Exchange.self) { tasks in
                tasks.addTask { await transport.send(request) }
                await api.waitForRequests(1)
                tasks.cancelAll()
                return await tasks.next()
            }
            let exchange = try #require(ended)
            #expect(exchange.result == .cancelled(requestMayHaveBeenSent: true))
            #expect(exchange.elapsed < unhurried)
        }
    }

    @Test("a request that is cancelled in its TLS handshake was not sent")
    func beforeWriting() async throws {
        let listener = try RawListener()
        let transport = try makeTransport()
        let request = HTTPRequest(
            method: "POST", url: "https://127.0.0.1:\(listener.port)/x", headers: [], timeout: unhurried)
        let result = await withTaskGroup(of: Exchange.self) { tasks in
            tasks.addTask { await transport.send(request) }
            let connection = await listener.acceptAndRead()
            tasks.cancelAll()
            let exchange = await tasks.next()
            close(connection)
            return exchange?.result
        }
        #expect(result == .cancelled(requestMayHaveBeenSent: false))
        await transport.shutdown()
    }

    @Test("a request of a caller that was cancelled before is not begun")
    func before() async throws {
        try await withStandIn { transport, api in
            let request = purge(api)
            let exchange = await withTaskGroup(of: Exchange.self) { tasks in
                tasks.cancelAll()
                tasks.addTask { await transport.send(request) }
                return await tasks.next()
            }
            #expect(exchange?.result == .cancelled(requestMayHaveBeenSent: false))
            #expect(api.requests() == [])
        }
    }

    @Test("the end cancels what is under way, and what waits for its turn was not sent")
    func shutdown() async throws {
        try await withStandIn(StandInSettings(), .silence) { transport, api in
            let request = purge(api)
            let waitingCount = 10
            let kinds = await withTaskGroup(of: String.self) { tasks in
                for _ in 1...Limits.requestsInFlightMax + waitingCount {
                    tasks.addTask { await transport.send(request).kind }
                }
                await api.waitForRequests(Limits.requestsInFlightMax)
                await transport.shutdown()
                return await tasks.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(
                kinds == [
                    "cancelled, maybe sent": Limits.requestsInFlightMax, "cancelled, not sent": waitingCount,
                ])
            #expect(api.requests().count == Limits.requestsInFlightMax)
        }
    }

    @Test("a transport that has ended cancels every request, and ends again without harm")
    func afterShutdown() async throws {
        try await withStandIn { transport, api in
            await transport.shutdown()
            #expect(await transport.send(purge(api)).result == .cancelled(requestMayHaveBeenSent: false))
            #expect(await transport.probe(purge(api)).steps.map(\.isPassed) == [false])
            await transport.shutdown()
        }
    }
}
