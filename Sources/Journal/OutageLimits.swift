/// The bounds of an outage, each with its reason.
package enum OutageLimits {
    /// How long the store must have been away before something begins without it: a server that restarts, or a pooler that
    /// fails over, is back by then, so that several hosts do not make the same run.
    package static let patience: Duration = .seconds(5)
    /// A store that has left a question open for as long is away, and nobody else waits for it: longer than the server's own
    /// limit of a statement.
    package static let silenceMax: Duration = .seconds(12)
    /// The longest wait between two questions to a store that is away. Each wait is a random part of it from a half on, so
    /// that hosts which lost the store together do not come back together.
    package static let probeInterval: Duration = .seconds(2)
    /// Operations read from the journal at once: some megabytes at most.
    package static let batch = 200
}
