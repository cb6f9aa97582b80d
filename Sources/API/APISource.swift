package import CivilTime
package import JobCatalog
package import Operations
package import Records
package import RunEngine
package import RunModel

/// What the API asks of the daemon.
package protocol APISource: Sendable {
    /// The tokens and names that hold now; a reload may change them.
    var access: Access { get }

    /// The owner of the runs that this daemon makes.
    var host: HostID { get }

    /// The jobs whose names follow `name`, at most `limit` of them, only those at `level` if it is said, and whether more
    /// follow.
    func jobs(
        after name: JobName?, atMost limit: Int, at level: HealthStatus?, now: Instant
    ) -> (jobs: [JobStatus], hasMore: Bool)

    /// A job of the catalog in force; nil when there is none.
    func job(_ name: JobName, now: Instant) -> JobStatus?

    /// The hosts that share the store, as they were seen last.
    func hosts() -> [HostSighting]

    /// A session whose questions go to the store on a connection of their own, so that no claim waits for them; `caller` is
    /// who changes something through it.
    func session(caller: String) -> Session

    /// Takes a run that was asked for: `claimed` once the store has it, or why it has not. The daemon makes it from then on.
    func run(_ record: RunRecord, of job: Job, ignoresPause: Bool) async throws(CommandError) -> ClaimAnswer

    /// Gives a run of this daemon up; nothing happens when it has ended.
    func cancel(_ id: RunID, by caller: String)

    /// A run that was recorded through the API is to be seen at once.
    func refresh()

    /// Takes which pauses are in force now, after one was changed: who asks next sees it.
    func learn(_ pauses: [Pause])

    /// A token was refused; `peer` is who sent it.
    func refused(_ peer: String)
}
