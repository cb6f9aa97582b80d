/// How long what was recorded is kept. Each age counts from the end of a run.
package struct Retention: Sendable, Equatable {
    /// Rows of the history.
    package var runs: Duration = .seconds(400 * 86400)
    /// What each attempt came to.
    package var attempts: Duration = .seconds(90 * 86400)
    /// The beginnings of answers.
    package var excerpts: Duration = .seconds(30 * 86400)

    /// What is kept unless somebody says otherwise: 400, 90 and 30 days.
    package init() {}
}

/// How much one pruning took away.
package struct Pruning: Sendable, Equatable {
    /// Rows of the history that were deleted, with their attempts.
    package var runs: Int
    /// Attempts that were deleted alone.
    package var attempts: Int
    /// Answers whose beginning was taken out of their row.
    package var excerpts: Int
    /// Events that were deleted; they are kept as long as runs.
    package var events: Int

    package init(runs: Int, attempts: Int, excerpts: Int, events: Int) {
        self.runs = runs
        self.attempts = attempts
        self.excerpts = excerpts
        self.events = events
    }

    /// Adds what another pruning took away.
    package mutating func add(_ other: Pruning) {
        runs += other.runs
        attempts += other.attempts
        excerpts += other.excerpts
        events += other.events
    }

    /// Whether there was nothing to take away.
    package var isEmpty: Bool { runs + attempts + excerpts + events == 0 }
}

/// A store that can forget.
package protocol RetentionStore: Sendable {
    /// Takes away at most `limit` of each kind that is older than `retention` says, by the store's clock; called again
    /// until nothing is left. A run that has not ended is never touched, and no occurrence is ever decided anew for
    /// want of its row.
    func prune(_ retention: Retention, limit: Int) async throws(StoreError) -> Pruning
}
