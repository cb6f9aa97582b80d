package import CivilTime
package import JobCatalog
package import RunModel

/// What a daemon knows of itself, from which its health is computed.
package struct HealthFacts: Sendable {
    package var host: HostID
    package var version: String
    /// `sqlite` or `postgres`.
    package var storeKind: String
    package var startedAt: Instant
    package var catalog: Catalog
    package var summaries: [JobSummary] = []
    /// When the definition of a job was changed under the running daemon: nothing before it is owed.
    package var countsFrom: [JobName: Instant] = [:]
    /// The last error of the store; nil once it answered again.
    package var storeError: StoreError?
    package var storeSeenAt: Instant?
    /// Since when a question to the store is open; nil when none is.
    package var storeAskedAt: Instant?
    /// The end of the loop's last turn; nil before the first.
    package var beatAt: Instant?
    package var nextDue: Instant?
    /// Requests under way.
    package var running = 0
    package var isStopping = false
    /// Why the newest schedule files are not in force; nil when they are.
    package var reloadProblem: String?

    package init(host: HostID, version: String, storeKind: String, startedAt: Instant, catalog: Catalog) {
        self.host = host
        self.version = version
        self.storeKind = storeKind
        self.startedAt = startedAt
        self.catalog = catalog
    }
}
