package import CivilTime
package import RunModel

/// What happens to one run.
package enum RunEvent: Sendable {
    /// It may start: the claim goes out.
    case begin
    /// The answer to `claim`, or why there is none.
    case claimAnswered(Result<ClaimAnswer, StoreError>)
    /// The answer to `recordAttempt`: false when the run is not this owner's any more.
    case attemptRecorded(Result<Bool, StoreError>)
    /// The request ended; secrets in the answer's text are masked already.
    case exchanged(Exchange)
    /// The answer to `recordRetry`: false when the run is not this owner's any more.
    case retryRecorded(Result<Bool, StoreError>)
    /// The answer to `recordFinish`: false when the run is not this owner's any more.
    case finishRecorded(Result<Bool, StoreError>)
    /// The instant of `RunMachine.wakeAt` has come.
    case woke
}

/// What one run wants done; each is answered by one event.
package enum RunEffect: Sendable, Equatable {
    /// Asks the store for the run; answered by `claimAnswered`.
    case claim(Claim)
    /// Records that an attempt starts, before it does; answered by `attemptRecorded`.
    case recordAttempt(OwnedRun, number: Int, at: Instant)
    /// Sends the request; answered by `exchanged`, however it ends.
    case send(attempt: Int)
    /// Records how an attempt ended and when the next one starts, or the same again when it has sent nothing; answered by
    /// `retryRecorded`.
    case recordRetry(OwnedRun, AttemptRecord, retryAt: Instant)
    /// Records the outcome; answered by `finishRecorded`.
    case recordFinish(OwnedRun, Completion)
}
