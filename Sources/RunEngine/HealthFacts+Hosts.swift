package import CivilTime
import JobCatalog
package import RunModel
import Scheduling

extension HealthFacts {
    /// What the daemon says of itself to the store at `now`; `kept` is what it has said of when its jobs are due.
    ///
    /// A job is due at its first occurrence after the last that was decided: as long as nobody decides that one, it
    /// stays due.
    package func heartbeat(
        at now: Instant, isStopping: Bool, kept: [JobName: Instant?]
    ) -> Heartbeat {
        var nextDue: [JobName: Instant?] = [:]
        var followingDue: [JobName: Instant] = [:]
        for summary in summaries {
            guard let job = catalog[summary.job] else { continue }
            let due = job.next(after: max(summary.watermark, countsFrom[job.name] ?? summary.watermark))?
                .instant
            guard kept[job.name] != .some(due) else { continue }
            nextDue[job.name] = .some(due)
            followingDue[job.name] = due.flatMap { job.next(after: $0)?.instant }
        }
        return Heartbeat(
            host: host, version: version, startedAt: startedAt, at: now, catalogHash: catalog.hash,
            jobs: catalog.jobs.count, isStopping: isStopping, nextDue: nextDue,
            followingDue: followingDue)
    }
}
