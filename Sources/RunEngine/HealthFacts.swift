package import CivilTime
package import JobCatalog
package import Records
package import RunModel

/// What a daemon knows of itself, from which its health is computed.
package struct HealthFacts: Sendable {
    /// Which of the hosts that share a store this is; the document's `serviceId`.
    package var host: HostID
    /// Which start of the host's daemon this is.
    package var instance = DaemonInstance(number: "")
    /// Of this program, as `almanac --version` prints it.
    package var version: String
    /// `sqlite` or `postgres`.
    package var storeKind: String
    /// When the daemon started; until its first turn the loop counts as silent since then.
    package var startedAt: Instant
    /// In force now; a daemon that has loaded none has an empty one.
    package var catalog: Catalog
    /// What is known of each job of the store: what that said last, and what this daemon has recorded since.
    package var summaries = JobTable<JobSummary>()
    /// The pauses that were in force when the store answered last.
    package var pauses: [Pause] = []
    /// When the definition of a job came into force, as far as that is known: nothing before it is owed.
    package var countsFrom = JobTable<Instant>()
    /// When the API refused the token in the last request of a job; none for a job whose last request it took.
    package var refusals: [JobName: Instant] = [:]
    /// The wall clock is right only if it shows this or later; nil: nothing is known.
    package var clockFloor: Instant?
    /// Which questions the store has failed to answer, or not answered yet.
    package var store = StoreSigns()
    /// When the summaries were read last; nil until they were.
    package var storeSeenAt: Instant?
    /// What waits in the journal for a store that is away; nil when the store is this host's own.
    package var journal: JournalStatus?
    /// The hosts that share the store, as it knew them at the last heartbeat; empty until then.
    package var hosts: [HostSighting] = []
    /// The end of the loop's last turn; nil before the first.
    package var beatAt: Instant?
    /// When the loop is to turn next at the latest; nil before its first turn.
    package var wakesAt: Instant?
    /// The earliest start that is planned; nil when none is.
    package var nextDue: Instant?
    /// The earliest instant at which a run was to start that still waits for its claim; nil when none does.
    package var oldestWaiting: Instant?
    /// Since when a catalog waits for the store to know it; nil when none does.
    package var reloadPendingSince: Instant?
    /// Since when this host decides nothing, because its clock is ahead of the store's; nil when it decides.
    package var clockAheadSince: Instant?
    /// Requests under way.
    package var running = 0
    /// Whether the daemon was told to stop, which is shown as `warn` until it has ended.
    package var isStopping = false
    /// Why the newest schedule files are not in force; nil when they are.
    package var reloadProblem: String?
    /// A sentence for each secret whose file others may read.
    package var exposures: [String] = []

    package init(host: HostID, version: String, storeKind: String, startedAt: Instant, catalog: Catalog) {
        self.host = host
        self.version = version
        self.storeKind = storeKind
        self.startedAt = startedAt
        self.catalog = catalog
    }

    /// How a job of the catalog does at `now`.
    package func status(of job: Job, at now: Instant) -> JobStatus {
        JobStatus(
            job: job, summary: summaries[job.name], pauses: pauses, countsFrom: countsFrom[job.name],
            refusedAt: refusals[job.name], now: now)
    }

    /// Takes over what the store said of jobs.
    package mutating func learn(_ summaries: [JobSummary]) {
        self.summaries.merge(summaries.lazy.map { ($0.job, $0) })
    }
}
