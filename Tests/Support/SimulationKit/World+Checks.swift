import CivilTime
import JobCatalog
import RunEngine
import RunModel
import Scheduling

/// What must hold at every moment, and at the end.
extension World {
    /// The most that one job may make a host remember.
    private static let jobSizeMax = 10 * EngineLimits.missedRowsMax

    mutating func check(_ scheduler: Scheduler, _ effects: [Effect], _ host: Int) {
        for state in scheduler.jobs.values where state.size > Self.jobSizeMax {
            violations.append("host \(host) remembers \(state.size) things of one job")
        }
        for effect in effects {
            guard case .run(let id, _, .claim(let claim)) = effect else { continue }
            // What was due stays due when the clock is set back.
            let latest = hosts[host].latestSeen
            if let due = claim.run.scheduledFor, latest < due || latest < claim.run.dueAt {
                violations.append("host \(host) claims run \(id) early, for \(due) at \(wall(host))")
            }
            let isRetry = scheduler.runs[id]?.storeError != nil
            if scheduler.isStopping, !isRetry, hosts[host].stopAskedAt != nil, !wasClaiming(id, host) {
                violations.append("host \(host) claims run \(id) after it was asked to stop")
            }
        }
    }

    private func wasClaiming(_ id: RunID, _ host: Int) -> Bool {
        // A claim whose answer was an error is asked again, also when the host stops.
        store.rows[id] != nil
    }

    mutating func checkRequest(_ id: RunID, _ job: Job, _ attempt: Int, _ host: Int) {
        if !sent.insert("\(id) \(attempt)").inserted {
            violations.append("attempt \(attempt) of run \(id) is sent twice")
        }
        guard let row = store.rows[id] else {
            return violations.append("run \(id) is sent without a row")
        }
        if attempt > job.policy.retries + 1 { violations.append("run \(id) has \(attempt) attempts") }
        guard job.policy.overlap != .allow, row.isExclusive else { return }
        for request in requests.values where request.job == job.name && request.run != id {
            // A host that has lost its lease may not know it yet.
            guard let other = store.rows[request.run], other.isExclusive, let owned = request.owned,
                other.fence == owned.fence, other.record.state != .finished
            else { continue }
            violations.append("run \(id) of \(job.name) is sent while \(request.run) is under way")
        }
    }

    /// Every occurrence up to the end of the trouble has one row, every row its outcome.
    mutating func checkEnd() {
        let end = SimulationPlan.start + plan.trouble
        let rows = store.rows.values.filter { ($0.record.scheduledFor ?? now) <= end }
        for row in rows where row.record.state != .finished {
            violations.append(
                "run \(row.record.id) of \(row.record.job) is \(row.record.state.rawValue) at the end")
        }
        for job in plan.catalogs[0].jobs where job.name.description.hasPrefix("stable") {
            guard let schedule = job.schedule else { continue }
            var covered: Set<Instant> = []
            for row in store.rows.values where row.record.job == job.name {
                guard let first = row.record.scheduledFor else { continue }
                let last = row.record.scheduledUntil ?? first
                let range = schedule.occurrences(
                    after: first - .microseconds(1), through: last, limit: Int.max)
                if range.count != row.record.occurrences || range.first?.instant != first {
                    violations.append(
                        "a row of \(job.name) says \(row.record.occurrences) from \(first) to \(last)")
                }
                covered.formUnion(range.map(\.instant))
            }
            for step in store.steps where step.job == job.name && step.to > step.from {
                if let skipped = schedule.next(after: step.from), skipped.instant < step.to {
                    violations.append(
                        "the watermark of \(job.name) passed \(skipped.instant), which had no row")
                    break
                }
            }
            let due = schedule.occurrences(after: SimulationPlan.start, through: end, limit: Int.max)
            let lost = due.filter { !covered.contains($0.instant) }
            if let first = lost.first {
                violations.append(
                    "\(lost.count) of \(due.count) occurrences of \(job.name) are lost, from \(first.instant)"
                )
            }
        }
    }
}
