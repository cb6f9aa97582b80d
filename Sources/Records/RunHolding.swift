package import CivilTime
package import RunModel

/// Who has a run, and how far it has come, as the store holds it: what a host compares its own knowledge with.
package struct RunHolding: Sendable, Equatable {
    /// Which run it is.
    package var id: RunID
    /// Who decided it last.
    package var host: HostID
    /// Where it is.
    package var state: RunState
    /// Of the proof of ownership that the store takes writes with.
    package var fence: Int64
    /// The number of the last attempt that was begun; 0 before the first.
    package var attempts: Int
    /// When another attempt follows; nil when none does.
    package var retryAt: Instant?
    /// When it ended, by its owner's clock; nil while it has not.
    package var finishedAt: Instant?
    /// nil while it has none.
    package var outcome: Outcome?

    package init(
        id: RunID, host: HostID, state: RunState, fence: Int64, attempts: Int, retryAt: Instant? = nil,
        finishedAt: Instant? = nil, outcome: Outcome? = nil
    ) {
        self.id = id
        self.host = host
        self.state = state
        self.fence = fence
        self.attempts = attempts
        self.retryAt = retryAt
        self.finishedAt = finishedAt
        self.outcome = outcome
    }

    /// The proof of ownership that the store takes.
    package var owned: OwnedRun { OwnedRun(id: id, fence: fence) }

    /// Whether the store holds what a write of `host` says, or what followed it: it was delivered before.
    package func holds(_ write: StoreWrite, of host: HostID) -> Bool {
        guard self.host == host else { return false }
        return switch write {
        case .claim: true
        case .startAttempt(_, let number, _): attempts >= number
        case .awaitRetry(_, let attempt, let retryAt):
            state == .finished || attempts > attempt.number
                || attempts == attempt.number && self.retryAt == retryAt
        case .finish(_, let completion): finishedAt == completion.finishedAt
        case .register, .record, .note: false
        }
    }
}

extension RunHolding: StoredRow {
    /// Of the table of runs, in the order of reading.
    package static let columns = [
        "run_id", "host", "state", "fence", "attempts", "retry_at", "finished_at", "outcome",
    ]

    /// The holding whose columns come next in the row.
    package init(reading row: inout RowReader) throws(StoreError) {
        self.init(
            id: try row.runID(), host: HostID(try row.text()), state: try row.choice(RunState.self),
            fence: try row.integer(), attempts: Int(try row.integer()), retryAt: try row.optionalInstant(),
            finishedAt: try row.optionalInstant(), outcome: try row.optionalChoice(Outcome.self))
    }
}
