import CivilTime
import Records

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
    /// How long a host that was there is waited for after the store may have lost what it made: a daemon that was killed is there
    /// again by then, and what is due meanwhile is still in time.
    package static let returnMax: Duration = .seconds(10)
    /// A host that has not heard from the store for longer was frozen, for its heartbeat asks more often.
    package static let gapMax: Duration = .seconds(90)
    /// Operations read from the journal at once: some megabytes at most.
    package static let batch = 200

    /// How long a host must have had the store without interruption before it takes over runs of others: each of them has
    /// probed by then, and renewed what it has.
    package static func grace(lease: Duration) -> Duration { lease + probeInterval }

    /// Others that were seen within it were there when the outage began: one heartbeat and one lease.
    package static func companyMax(lease: Duration) -> Duration { lease + HostSighting.heartbeat }
}
