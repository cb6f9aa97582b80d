package import Records
package import RunModel

/// What happens to one run.
package enum RunEvent: Sendable {
    /// It may start: the claim goes out.
    case begin
    /// What the store answered to the write that it was asked for last, or why it did not.
    case written(Result<StoreAnswer, StoreError>)
    /// The request ended; secrets in the answer's text are masked already.
    case exchanged(Exchange)
    /// The instant of `RunMachine.wakeAt` has come.
    case woke
}

/// What one run wants done; each is answered by one event.
package enum RunEffect: Sendable, Equatable {
    /// Asks the store for the run, or tells it what becomes of it; answered by `written`.
    case write(StoreWrite)
    /// Sends the request; answered by `exchanged`, however it ends.
    case send(attempt: Int)
}
