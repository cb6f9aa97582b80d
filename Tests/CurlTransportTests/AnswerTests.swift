import RunModel
import StandInAPI
import Testing

@testable import CurlTransport

@Suite("Answers")
struct AnswerTests {
    @Test("an answer comes with its status, type and body")
    func success() async throws {
        try await withStandIn { transport, api in
            let exchange = await transport.send(purge(api))
            let answer = try #require(exchange.answer)
            #expect(answer.status == 200)
            #expect(answer.contentType == "application/json")
            #expect(answer.retryAfter == nil)
            #expect(answer.bodyText.hasPrefix("{\"purged_count\":3,\"retention_days\":50,\"cutoff_date\":\""))
            #expect(answer.bodyBytes == answer.bodyBeginning.count)
            #expect(exchange.elapsed > .zero)
        }
    }

    @Test(
        "any status is an answer",
        arguments: [200, 204, 400, 401, 403, 404, 408, 409, 425, 429, 500, 502, 503, 504])
    func statuses(_ status: Int) async throws {
        try await withStandIn(StandInSettings(), .status(status)) { transport, api in
            let exchange = await transport.send(purge(api))
            #expect(exchange.answer?.status == status)
            #expect(api.requests().count == 1)
        }
    }

    @Test("Retry-After is kept as it was sent", arguments: ["120", "Fri, 31 Dec 2027 23:59:59 GMT"])
    func retryAfter(_ value: String) async throws {
        try await withStandIn(StandInSettings(), .status(429, retryAfter: value)) { transport, api in
            #expect(await transport.send(purge(api)).answer?.retryAfter == value)
        }
    }

    @Test("a redirect is an answer, and its target sees nothing", arguments: [301, 302, 303, 307, 308])
    func redirects(_ status: Int) async throws {
        try await withStandIn { transport, api in
            let elsewhere = try await StandInAPI.start()
            api.misbehave(.redirect(status, location: "\(elsewhere.url)/api/cron/purge_old"))
            #expect(await transport.send(purge(api)).kind == "answered \(status)")
            #expect(elsewhere.requests() == [])
            try await elsewhere.stop()
        }
    }

    @Test("a long answer is read to its bound, and its beginning is kept")
    func endlessBody() async throws {
        try await withStandIn(StandInSettings(), .endlessBody) { transport, api in
            let answer = try #require(await transport.send(purge(api)).answer)
            #expect(answer.status == 200)
            #expect(answer.bodyBytes == Limits.responseBodyBytesMax)
            #expect(answer.bodyBeginning.count == Limits.responseExcerptBytesMax)
            #expect(answer.bodyText.hasPrefix("endless endless"))
        }
    }

    @Test("a compressed body is not asked for and not unpacked")
    func compressedBody() async throws {
        try await withStandIn(StandInSettings(), .compressedBody) { transport, api in
            let answer = try #require(await transport.send(purge(api)).answer)
            #expect(answer.bodyBytes == 110)
            #expect(answer.bodyBeginning.starts(with: [0x1F, 0x8B]))
            #expect(api.requests().first?.header("Accept-Encoding") == nil)
        }
    }

    @Test("no more requests than the bound are under way at once, and all are answered")
    func manyAtOnce() async throws {
        try await withStandIn { transport, api in
            let count = 3 * Limits.requestsInFlightMax
            let kinds = await withTaskGroup { tasks in
                for number in 1...count {
                    var request = purge(api)
                    request.headers.append(HTTPRequest.Header("Idempotency-Key", "run-\(number)"))
                    tasks.addTask { await transport.send(request).kind }
                }
                return await tasks.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(kinds == ["answered 200"])
            #expect(api.requests().count == count)
            #expect(Set(api.requests().map(\.idempotencyKey)).count == count)
        }
    }
}
