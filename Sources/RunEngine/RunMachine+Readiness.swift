import CivilTime
import Records
import RunModel

/// An API that is not up yet: a refused connection has sent nothing, so the attempt is not spent.
extension RunMachine {
    /// Waits for the API after a refused connection, as long as it is given time and nothing else is due; nil when the
    /// exchange counts as it is.
    mutating func awaitAPI(
        _ exchange: Exchange, _ attempt: AttemptRecord, _ owned: OwnedRun, _ now: Instant
    ) -> [RunEffect]? {
        guard case .notSent(.connect, let detail) = exchange.result else { return nil }
        let until = now + EngineLimits.apiPoll
        guard !isGivenUp, !isStopping, let patientUntil, until <= patientUntil,
            retryLimit.map({ until < $0 }) ?? true
        else { return nil }
        var attempt = attempt
        attempt.reason = .connect
        attempt.detail = detail
        refusals = min(refusals?.lowerBound ?? now, until)...until
        state = .recordingRefusal(owned, attempt, until: until)
        return [.write(.awaitRetry(owned, attempt, retryAt: until))]
    }

    /// Waits, now that whoever takes the run over knows that nothing was sent.
    mutating func refusalRecorded(
        _ attempt: AttemptRecord, _ until: Instant, _ owned: OwnedRun, _ now: Instant
    ) -> [RunEffect] {
        if isGivenUp { return endUnsent(attempt.number, owned, now, attempt: attempt) }
        state = .awaitingAPI(owned, attempt, until: until)
        wakeAt = until
        return isStopping ? askAgain(attempt, owned, now) : []
    }

    /// Makes the same attempt again, on record before it is sent, unless it came too late for it or the host stops: then
    /// the refusal counts.
    mutating func askAgain(_ attempt: AttemptRecord, _ owned: OwnedRun, _ now: Instant) -> [RunEffect] {
        wakeAt = nil
        guard !isStopping, retryLimit.map({ now < $0 }) ?? true else {
            patientUntil = now
            let refusal = Exchange(result: .notSent(.connect, attempt.detail ?? "refused"), elapsed: .zero)
            return ended(refusal, attempt, owned, now)
        }
        return record(attempt.number, owned, now)
    }

    /// A sentence about an attempt, and how long it waited for the API before.
    func explained(_ detail: String?, _ now: Instant) -> String? {
        guard let refusals else { return detail }
        let seconds = (refusals.upperBound - refusals.lowerBound).components.seconds
        let waited = "connections were refused for \(seconds) s, which did not count"
        return detail.map { "\($0); \(waited)" } ?? waited
    }
}
