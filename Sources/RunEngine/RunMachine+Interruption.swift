package import CivilTime

/// What comes from outside of the run, whatever it is doing.
extension RunMachine {
    /// The host stops: nothing waits for the API any more.
    package mutating func stop(at now: Instant) {
        isStopping = true
        if case .awaitingAPI(let owned, let attempt, _) = state {
            state = .awaitingAPI(owned, attempt, until: now)
            wakeAt = now
        }
    }

    /// The store answers others again: what waits for it after a failure is asked at once.
    mutating func storeIsBack(at now: Instant) {
        if storeError != nil, wakeAt != nil { wakeAt = now }
    }

    /// The host stops at once: an attempt that is being recorded sends nothing any more. A request under way is for the
    /// caller to cancel.
    package mutating func hurry() {
        switch state {
        case .claiming, .recordingAttempt: isGivenUp = true
        case .planned, .requesting, .recordingRefusal, .awaitingAPI, .recordingRetry, .waiting,
            .recordingFinish, .finished, .dropped:
            break
        }
    }

    /// The wall clock was set back by `step`: what was to happen after a while still does.
    package mutating func stepBack(by step: Duration) {
        wakeAt = wakeAt.map { $0 - step }
        patientUntil = patientUntil.map { $0 - step }
        // How long the store has taken cannot be told any more: the host may have been suspended meanwhile.
        attemptAskedAt = attemptAskedAt.map { _ in .earliest }
        switch state {
        case .waiting(let owned, let number, let until):
            state = .waiting(owned, number: number, until: until - step)
        case .recordingRefusal(let owned, let attempt, let until):
            state = .recordingRefusal(owned, attempt, until: until - step)
        case .awaitingAPI(let owned, let attempt, let until):
            state = .awaitingAPI(owned, attempt, until: until - step)
        case .recordingRetry(let owned, let attempt, let retryAt):
            state = .recordingRetry(owned, attempt, retryAt: retryAt - step)
        case .planned, .claiming, .recordingAttempt, .requesting, .recordingFinish, .finished, .dropped:
            break
        }
    }
}
