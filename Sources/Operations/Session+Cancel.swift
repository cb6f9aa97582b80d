import FoundationEssentials
import Host
import JobCatalog
package import RunModel

/// What the daemon says of a request that it does not do (RFC 9457).
private struct ProblemDocument: Decodable {
    var detail: String
    var hint: String?
}

extension Session {
    /// Lets the daemon of this host give a run up, and waits for its end; `id` must be one of its own.
    package func cancel(_ id: RunID) async throws(CommandError) -> RunRecord {
        guard let token = try tokens().job else {
            throw CommandError(
                .configuration, "JOB_TOKEN is not set, with which the daemon is asked",
                hint: "run it as the service's root: sudo almanac cancel \(id)")
        }
        let opened = try await openRecords()
        let answer = try await askDaemon(
            "POST", "/v1/runs/\(id)/cancel", token: token, "{\"by\": \"\(caller)\"}")
        guard answer.status == 202 else {
            let problem = try? JSONDecoder().decode(ProblemDocument.self, from: Data(answer.bodyBeginning))
            throw CommandError(
                answer.status == 409 ? .tryAgain : answer.status == 401 ? .refused : .failed,
                problem?.detail ?? "the daemon answered \(answer.status)", hint: problem?.hint)
        }
        let end = ContinuousClock.now + Self.cancelLimit
        while ContinuousClock.now < end {
            let found = try await ask { () throws(StoreError) in try await opened.store.run(id) }
            if let record = found?.record, record.state == .finished { return record }
            // A cancelled sleep shortens the wait.
            try? await Task.sleep(for: Self.cancelPoll)
        }
        throw CommandError(
            .tryAgain, "run \(id) has not ended within \(Self.cancelLimit.components.seconds) s",
            hint: "`almanac show \(id)` shows it")
    }

    /// A request ends at once when it is given up; its end is recorded when the store answers.
    private static let cancelLimit: Duration = .seconds(30)
    private static let cancelPoll: Duration = .milliseconds(50)

    /// Who asks, without what a JSON text would have to escape.
    private var caller: String {
        String(
            standpoint.caller.unicodeScalars.filter {
                $0.isASCII && $0.value >= 0x20 && $0 != "\"" && $0 != "\\"
            })
    }
}
