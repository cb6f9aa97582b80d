package import CivilTime
package import RunModel

/// What comes from outside of the run, whatever it is doing.
extension RunMachine {
    /// The host stops: what is claimed from now on waits for its next start, or for another host; nothing waits for the
    /// API any more.
    package mutating func stop(at now: Instant) {
        isStopping = true
        if case .awaitingAPI(let owned, let attempt, _) = state {
            state = .awaitingAPI(owned, attempt, until: now)
            wakeAt = now
        }
    }

    /// The host stops at once: an attempt that is being recorded sends nothing any more. A request under way is for the
    /// caller to cancel.
    package mutating func hurry() {
        if case .recordingAttempt = state { isGivenUp = true }
    }

    /// Whether this host knows of each attempt that is on record of its run, which it was given again: another host may
    /// have had the run meanwhile, and have sent its request.
    func knowsAll(of abandoned: AbandonedRun) -> Bool {
        let attempts = abandoned.record.attempts
        switch state {
        case .requesting(_, let number, _): return attempts <= number
        case .recordingRetry, .recordingFinish: return attempts <= run.attempts
        case .claiming, .recordingAttempt, .recordingRefusal, .awaitingAPI, .waiting:
            // An attempt without an end is another host's, or this one's before its end was recorded.
            return attempts <= run.attempts && !abandoned.requestMayHaveBeenSent
        case .planned, .finished, .dropped: return true
        }
    }

    /// The run was given to this host again, under a new fence, since its lease had run out.
    package mutating func adopt(_ owned: OwnedRun) {
        switch state {
        case .claiming: newOwned = owned
        case .recordingAttempt(_, let number): state = .recordingAttempt(owned, number: number)
        case .requesting(_, let number, let startedAt):
            state = .requesting(owned, number: number, startedAt: startedAt)
        case .recordingRefusal(_, let attempt, let until):
            state = .recordingRefusal(owned, attempt, until: until)
        case .awaitingAPI(_, let attempt, let until): state = .awaitingAPI(owned, attempt, until: until)
        case .recordingRetry(_, let attempt, let retryAt):
            state = .recordingRetry(owned, attempt, retryAt: retryAt)
        case .waiting(_, let number, let until): state = .waiting(owned, number: number, until: until)
        case .recordingFinish(_, let completion): state = .recordingFinish(owned, completion)
        case .planned, .finished, .dropped: break
        }
        if awaitsStore { newOwned = owned }
    }

    /// The wall clock was set back by `step`: what was to happen after a while still does.
    package mutating func stepBack(by step: Duration) {
        wakeAt = wakeAt.map { $0 - step }
        patientUntil = patientUntil.map { $0 - step }
        switch state {
        case .waiting(let owned, let number, let until):
            state = .waiting(owned, number: number, until: until - step)
        case .recordingRefusal(let owned, let attempt, let until):
            state = .recordingRefusal(owned, attempt, until: until - step)
        case .awaitingAPI(let owned, let attempt, let until):
            state = .awaitingAPI(owned, attempt, until: until - step)
        default: break
        }
    }
}
