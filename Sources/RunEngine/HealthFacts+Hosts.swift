package import CivilTime
import JobCatalog
package import Records
package import RunModel
import Scheduling

extension HealthFacts {
    /// Whether another daemon of this identity was seen of late.
    package var isTwin: Bool { hosts.contains { $0.host == host && $0.otherSeenAt != nil } }

    /// How many other hosts were alive when the store said so last.
    package var others: Int { hosts.count { $0.host != host && $0.isAlive } }

    /// What the daemon says of itself to the store at `now`, and when the jobs are due that have `moved` since it said so
    /// last.
    ///
    /// A job is due at its first occurrence after the last that was decided: as long as nobody decides that one, it
    /// stays due.
    package func heartbeat(
        at now: Instant, isStopping: Bool, moved: [JobName]
    ) -> Heartbeat {
        var nextDue: [JobName: Instant?] = [:]
        var followingDue: [JobName: Instant] = [:]
        for name in moved {
            guard let job = catalog[name], let summary = summaries[name] else { continue }
            let due = job.next(after: max(summary.watermark, countsFrom[name] ?? summary.watermark))?.instant
            nextDue[job.name] = .some(due)
            followingDue[job.name] = due.flatMap { job.next(after: $0)?.instant }
        }
        return Heartbeat(
            host: host, instance: instance, version: version, startedAt: startedAt, at: now,
            catalogHash: catalog.hash, jobs: catalog.jobs.count, isStopping: isStopping, nextDue: nextDue,
            followingDue: followingDue)
    }
}
