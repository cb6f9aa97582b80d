import CurlTransport
import RunModel
import StandInAPI

/// The timeout of a request that is to be answered: a machine may keep a process from its work for a minute.
let unhurried: Duration = .seconds(600)

func makeTransport(certificateAuthoritiesFile: String? = nil) throws -> CurlTransport {
    try CurlTransport(userAgent: "almanac/test", certificateAuthoritiesFile: certificateAuthoritiesFile)
}

/// Runs `body` with a transport and a stand-in, and ends both.
func withStandIn<Result: Sendable>(
    _ settings: StandInSettings = StandInSettings(), _ misbehaviour: Misbehaviour? = nil,
    _ body: (CurlTransport, StandInAPI) async throws -> Result
) async throws -> Result {
    let transport = try makeTransport()
    let api = try await StandInAPI.start(settings)
    if let misbehaviour { api.misbehave(misbehaviour) }
    do {
        let result = try await body(transport, api)
        await transport.shutdown()
        try await api.stop()
        return result
    } catch {
        await transport.shutdown()
        try await api.stop()
        throw error
    }
}

/// A purge as the admin of `settings`, with secrets that no error text may repeat.
func purge(
    _ api: StandInAPI, _ settings: StandInSettings = StandInSettings(), timeout: Duration = unhurried
) -> HTTPRequest {
    HTTPRequest(
        method: "POST", url: "\(api.url)/api/cron/purge_old",
        headers: [
            HTTPRequest.Header("X-Job-Token", settings.token, isSecret: true),
            HTTPRequest.Header("X-User-ID", settings.adminID),
        ], timeout: timeout)
}

extension Exchange {
    /// The answer, when there is one.
    var answer: HTTPAnswer? {
        if case .answered(let answer) = result { answer } else { nil }
    }

    /// The result without its text.
    var kind: String {
        switch result {
        case .answered(let answer): "answered \(answer.status)"
        case .notSent(let reason, _): "not sent: \(reason.rawValue)"
        case .broken(let reason, _): "broken: \(reason.rawValue)"
        case .timedOut: "timed out"
        case .cancelled(let mayHaveBeenSent): "cancelled, \(mayHaveBeenSent ? "maybe" : "not") sent"
        }
    }

    /// The sentence that explains a failure.
    var text: String {
        switch result {
        case .notSent(_, let text), .broken(_, let text), .timedOut(let text): text
        case .answered, .cancelled: ""
        }
    }
}

extension HTTPAnswer {
    var bodyText: String { String(decoding: bodyBeginning, as: UTF8.self) }
}
