import RunEngine
import RunModel
import Testing

@testable import StatusServer

@Suite struct StatusAnswerTests {
    @Test(
        "health is 503 only when it fails", arguments: [(HealthStatus.pass, 200), (.warn, 200), (.fail, 503)])
    func health(status: HealthStatus, code: Int) throws {
        let source = FixedHealth(status: status)
        let answer = try #require(StatusAnswer(method: "GET", path: "/health", source: source))
        #expect(answer.status == code)
        #expect(answer.contentType == "application/health+json")
        #expect(text(answer) == source.health(.wrong).json.pretty + "\n")
    }

    @Test("ready is about the start, alive about nothing but an answer, and neither about health")
    func process() throws {
        let starting = FixedHealth(status: .fail, isStarted: false)
        #expect(StatusAnswer(method: "GET", path: "/livez", source: starting)?.status == 200)
        let unready = try #require(StatusAnswer(method: "GET", path: "/readyz", source: starting))
        #expect(unready.status == 503)
        #expect(text(unready) == "starting or stopping\n")
        let ready = try #require(
            StatusAnswer(method: "GET", path: "/readyz", source: FixedHealth(status: .fail)))
        #expect(ready.status == 200)
        #expect(text(ready) == "ok\n")
    }

    @Test(
        "another method gets a problem document",
        arguments: [
            ("POST", "/health", 405), ("DELETE", "/livez", 405), ("OPTIONS", "/readyz", 405),
        ])
    func problems(method: String, path: String, status: Int) throws {
        let answer = try #require(StatusAnswer(method: method, path: path, source: FixedHealth()))
        #expect(answer.status == status)
        #expect(answer.contentType == "application/problem+json")
        #expect(text(answer).contains("\"status\": \(status)"))
        #expect(answer.allow == "GET, HEAD")
    }

    @Test("another path is for the API", arguments: ["/", "/health/", "/nothing", "/v1/jobs"])
    func others(path: String) {
        #expect(StatusAnswer(method: "GET", path: path, source: FixedHealth()) == nil)
    }

    private func text(_ answer: StatusAnswer) -> String { String(decoding: answer.body, as: UTF8.self) }
}
