import CivilTime
import JobCatalog
import RunEngine
import RunModel

/// What must hold at every moment. Nothing here asks the engine when something is due or allowed.
extension World {
    /// The most that one job may make a host remember.
    private static let jobSizeMax = 10 * EngineLimits.missedRowsMax
    /// The most rows that go to the store at once.
    private static let rowsMax = 4 * EngineLimits.missedRowsMax
    /// How long stopping may take: the hurry comes after 30 s, and a request ends within seconds of it.
    private static let stopMax: Duration = .seconds(60)

    mutating func check(_ effects: [Effect], _ host: Int) {
        checkBounds(host)
        for effect in effects {
            switch effect {
            case .run(let id, _, .claim(let claim)): checkClaim(id, claim.run, host)
            case .run(let id, _, .recordAttempt(_, let number, _)): checkAttempt(id, number, host)
            case .record(let job, let rows): checkRows(rows, of: job, host)
            case .run, .cancel, .renew, .takeOver, .ended, .drained: break
            }
        }
    }

    private mutating func checkBounds(_ host: Int) {
        guard let scheduler = hosts[host].scheduler else { return }
        for (name, state) in scheduler.jobs where state.size > Self.jobSizeMax {
            violate("host \(host) remembers \(state.size) things of job \(name)")
        }
        if let asked = hosts[host].memory.stopAskedAt, !isStoreDown, now - asked > Self.stopMax,
            hosts[host].suspendedUntil + Self.stopMax < now
        {
            violate("host \(host) has not stopped within \(Self.stopMax)")
        }
    }

    private mutating func checkClaim(_ id: RunID, _ run: RunRecord, _ host: Int) {
        let memory = hosts[host].memory
        guard let due = run.scheduledFor else { return violate("run \(id) is for no occurrence") }
        // What was due stays due when the clock is set back.
        if memory.latestSeen < due || memory.latestSeen < run.dueAt {
            violate("host \(host) claims run \(id) early, for \(run.dueAt) at \(wall(host))")
        }
        if memory.knowsDecided(id) {
            violate("host \(host) claims run \(id), for \(due), which it knows to be decided")
        }
        let isFirst = hosts[host].memory.claimed.insert(id).inserted
        if isFirst, memory.stopAskedAt != nil {
            violate("host \(host) claims run \(id) after it was asked to stop")
        }
        guard let policy = policy(of: run.job) else { return }
        let dueAt = sightings.dueAt[id] ?? run.dueAt
        sightings.dueAt[id] = dueAt
        if dueAt != run.dueAt {
            violate("run \(id) is to start at \(run.dueAt), and was to start at \(dueAt)")
        }
        if run.dueAt < due || run.dueAt > due + policy.jitter {
            violate("run \(id) for \(due) is to start at \(run.dueAt), outside of its delay")
        }
        guard isFirst, run.trigger == .catchUp else { return }
        // It was decided as soon as the host saw that it was late; the claim may have waited since.
        let decidedAt = memory.firstSeen(after: run.dueAt + EngineLimits.onTimeTolerance) ?? wall(host)
        if policy.catchUp == .none || decidedAt - due > policy.catchUpWindow {
            violate("run \(id) for \(due) is made up for \(decidedAt - due) later, against the policy")
        }
    }

    private mutating func checkAttempt(_ id: RunID, _ number: Int, _ host: Int) {
        let isFirst = hosts[host].memory.begun.insert(AttemptKey(run: id, number: number)).inserted
        if isFirst, hosts[host].memory.stopAskedAt != nil {
            violate("host \(host) begins attempt \(number) of run \(id) after it was asked to stop")
        }
    }

    private mutating func checkRows(_ rows: [RunRecord], of job: JobName, _ host: Int) {
        let memory = hosts[host].memory
        if rows.count > Self.rowsMax { violate("host \(host) records \(rows.count) rows at once") }
        for row in rows {
            if let last = row.scheduledUntil ?? row.scheduledFor, memory.latestSeen < last {
                violate("host \(host) decides \(last) of \(job) early, at \(wall(host))")
            }
            if row.occurrences == 1, memory.knowsDecided(row.id) {
                violate("host \(host) decides run \(row.id) of \(job) twice")
            }
        }
        hosts[host].memory.recording(rows, of: job)
    }

    mutating func checkRequest(_ id: RunID, _ job: Job, _ attempt: Int, _ host: Int) {
        if !sightings.sent.insert(AttemptKey(run: id, number: attempt)).inserted {
            violate("attempt \(attempt) of run \(id) is sent twice")
        }
        guard let row = store.rows[id] else { return violate("run \(id) is sent without a row") }
        let key = AttemptKey(run: id, number: attempt)
        if !sightings.granted.contains(Grant(attempt: key, host: host, life: hosts[host].life)) {
            violate("attempt \(attempt) of run \(id) is sent, and host \(host) has not recorded it")
        }
        if row.attempts.contains(where: { $0.number < attempt && $0.finishedAt == nil }) {
            violate("attempt \(attempt) of run \(id) is sent while an earlier one may be under way")
        }
        guard let policy = policy(of: job.name) else { return }
        if attempt > policy.retries + 1 { violate("run \(id) has \(attempt) attempts") }
        if attempt == 1, let deadline = policy.deadline, wall(host) > row.record.dueAt + deadline {
            violate("run \(id) is sent at \(wall(host)), after its latest useful start")
        }
        guard policy.overlap != .allow else { return }
        for request in requests.values where request.job == job.name && request.run != id {
            // A host that has lost its lease may not know it yet.
            guard let owned = request.owned, store.isOwner(owned) else { continue }
            violate("run \(id) of \(job.name) is sent while \(request.run) is under way")
        }
    }

    /// The rules of a job as they are written; nil for a job that has several definitions.
    private func policy(of name: JobName) -> Policy? {
        plan.stable.first { $0.job.name == name }?.job.policy
    }
}
