package import CivilTime
package import JobCatalog
package import RunModel

/// What an exchange means for its run.
package enum Verdict: Sendable, Equatable {
    /// The run ends.
    case end(Outcome, Reason?, String?)
    /// Another attempt may follow; else the run ends as failed for this reason. `retryAfter` is what the API asked for.
    case retry(Reason, String, retryAfter: Duration?)

    /// The meaning of `exchange` under `policy`; `givenUpFor` is why it was given up if it was, and `now` is needed
    /// for a `Retry-After` that is a date.
    package init(_ exchange: Exchange, policy: Policy, givenUpFor: Reason, now: Instant) {
        switch exchange.result {
        case .answered(let answer): self = Self.verdict(on: answer, policy: policy, now: now)
        case .notSent(.configuration, let detail): self = .end(.failed, .configuration, detail)
        case .notSent(let reason, let detail): self = .retry(reason, detail, retryAfter: nil)
        case .broken(let reason, let detail): self = .end(.unknown, reason, detail)
        case .timedOut(let detail): self = .end(.timedOut, .timeout, detail)
        case .cancelled(let requestMayHaveBeenSent):
            self =
                requestMayHaveBeenSent
                ? .end(.unknown, givenUpFor, "the request was given up after it was sent")
                : .end(.failed, givenUpFor, "the request was given up before it was sent")
        }
    }

    private static func verdict(on answer: HTTPAnswer, policy: Policy, now: Instant) -> Verdict {
        let status = answer.status
        if policy.accept.contains(status) { return .end(.succeeded, nil, nil) }
        if policy.decline.contains(status) {
            return .end(.declined, .status, "the API answered \(status), which this job takes as “not now”")
        }
        if policy.retries(after: status) {
            return .retry(
                .status, "the API answered \(status)",
                retryAfter: answer.retryAfter.flatMap { RetryAfter.parse($0, now: now) })
        }
        switch status {
        case 401, 403:
            return .end(.failed, .token, "the API refused the job token or the identity (\(status))")
        case 300...399:
            return .end(
                .failed, .status, "the API answered \(status), a redirect; redirects are not followed")
        default:
            return .end(.failed, .status, "the API answered \(status)")
        }
    }
}

extension Policy {
    /// Whether another attempt may follow an answer with this status, which is neither accepted nor declined.
    func retries(after status: Int) -> Bool {
        retryOn == .any && ([408, 425, 429].contains(status) || (500...599).contains(status))
    }
}
