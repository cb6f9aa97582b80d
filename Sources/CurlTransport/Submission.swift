import RunModel
import Synchronization

/// What a caller hands to the transfer loop; the loop answers it exactly once.
struct Submission: Sendable {
    enum Purpose: Sendable {
        case send(CheckedContinuation<Exchange, Never>)
        case probe(CheckedContinuation<Probe, Never>)
    }

    var request: HTTPRequest
    var purpose: Purpose
    var cancellation: CancellationFlag

    /// Answers the caller: it gave up, or the transport ends.
    func cancel(requestMayHaveBeenSent: Bool, elapsed: Duration = .zero) {
        switch purpose {
        case .send(let continuation):
            let result = Exchange.Result.cancelled(requestMayHaveBeenSent: requestMayHaveBeenSent)
            continuation.resume(returning: Exchange(result: result, elapsed: elapsed))
        case .probe(let continuation):
            continuation.resume(returning: Self.failedProbe("the probe was cancelled"))
        }
    }

    /// Answers the caller: the transfer was not begun, or the loop could not go on with it.
    func refuse(_ problem: String) {
        switch purpose {
        case .send(let continuation):
            continuation.resume(
                returning: Exchange(result: .notSent(.configuration, problem), elapsed: .zero))
        case .probe(let continuation):
            continuation.resume(returning: Self.failedProbe(problem))
        }
    }

    private static func failedProbe(_ detail: String) -> Probe {
        Probe(steps: [Probe.Step(.dns, isPassed: false, detail: detail)])
    }
}

/// Set once, by a caller that gives up; read by the transfer loop.
final class CancellationFlag: Sendable {
    private let flag = Atomic(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}
