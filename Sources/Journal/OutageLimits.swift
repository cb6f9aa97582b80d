/// The bounds of an outage, each with its reason.
package enum OutageLimits {
    /// How long the store must have been away before something begins without it: a server that restarts, or a pooler that
    /// fails over, is back by then, so that several hosts do not make the same run.
    package static let patience: Duration = .seconds(5)
    /// A store that has left a question open for as long is away, and nobody else waits for it: longer than the server's own
    /// limit of a statement.
    package static let silenceMax: Duration = .seconds(12)
    /// The wait between two questions to a store that is away: short at first, and soon no burden.
    package static let probes: ClosedRange<Duration> = .seconds(1) ... .seconds(30)
    /// Operations read from the journal at once: some megabytes at most.
    package static let batch = 200
}
