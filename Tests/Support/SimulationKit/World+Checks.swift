import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import RunStoreConformance

/// What must hold at every moment. Nothing here asks the engine when something is due or allowed.
extension World {
    mutating func check(_ effects: [Effect], _ host: Int) {
        checkBounds(host)
        for effect in effects {
            switch effect {
            case .run(let id, _, .write(.claim(let claim))): checkClaim(id, claim.run, host)
            case .run(let id, _, .write(.startAttempt(_, let number, _))): checkAttempt(id, number, host)
            case .record(let job, let rows): checkRows(rows, of: job, host)
            case .takeOver(let held): checkHeld(held, host)
            case .run, .cancel, .renew, .register, .inForce, .compareClocks, .lost, .ended, .drained: break
            }
        }
    }

    private mutating func checkBounds(_ host: Int) {
        guard let scheduler = hosts[host].scheduler else { return }
        for (name, work) in scheduler.work where work.size > plan.bounds.jobSize {
            violate(.boundedMemory, "host \(host) remembers \(work.size) things of job \(name)")
        }
        if let asked = hosts[host].memory.stopAskedAt, !isStoreDown, !hosts[host].disk.isFull,
            now - max(asked, storeReturnsAt, hosts[host].line.troubledAt) > plan.bounds.stopping,
            hosts[host].line.cutUntil <= now
        {
            violate(.stopsInTime, "host \(host) has not stopped within \(plan.bounds.stopping)")
        }
    }

    private mutating func checkClaim(_ id: RunID, _ run: RunRecord, _ host: Int) {
        let memory = hosts[host].memory
        guard let due = run.scheduledFor else { return violate(.isDue, "run \(id) is for no occurrence") }
        // What was due stays due when the clock is set back.
        if memory.latestSeen < due || memory.latestSeen < run.dueAt {
            violate(.notEarly, "host \(host) claims run \(id) early, for \(run.dueAt) at \(wall(host))")
        }
        if memory.knowsDecided(id) {
            violate(.notAgain, "host \(host) claims run \(id), for \(due), which it knows to be decided")
        }
        let isFirst = hosts[host].memory.claimed.insert(id).inserted
        if isFirst, memory.stopAskedAt != nil {
            violate(.nothingAfterStop, "host \(host) claims run \(id) after it was asked to stop")
        }
        checkDefinition(run, host)
        guard let job = stable(run.job) else { return }
        let policy = job.job.policy
        let dueAt = sightings.dueAt[id] ?? run.dueAt
        sightings.dueAt[id] = dueAt
        if dueAt != run.dueAt {
            violate(.steadyStart, "run \(id) is to start at \(run.dueAt), and was to start at \(dueAt)")
        }
        if run.dueAt < due || run.dueAt > due + job.delayMax {
            violate(.steadyStart, "run \(id) for \(due) is to start at \(run.dueAt), outside of its delay")
        }
        guard isFirst, run.trigger == .catchUp else { return }
        // It was decided as soon as the host saw that it was late; the claim may have waited since.
        let seenAt = memory.firstSeen(after: run.dueAt + EngineLimits.onTimeTolerance) ?? wall(host)
        // In a hold nothing is decided, so that a clock which was ahead may be right again.
        let decidedAt = min(seenAt, wall(host))
        if policy.catchUp == .none || decidedAt - due > policy.catchUpWindow {
            violate(
                .catchUpAllowed,
                "run \(id) for \(due) is made up for \(decidedAt - due) later, against the policy")
        }
    }

    private mutating func checkAttempt(_ id: RunID, _ number: Int, _ host: Int) {
        let isFirst = hosts[host].memory.begun.insert(AttemptKey(run: id, number: number)).inserted
        if isFirst, hosts[host].memory.stopAskedAt != nil {
            violate(
                .nothingAfterStop,
                "host \(host) begins attempt \(number) of run \(id) after it was asked to stop")
        }
    }

    private mutating func checkHeld(_ held: [RunID], _ host: Int) {
        for id in hosts[host].scheduler?.runs.keys.sorted() ?? [] where !held.contains(id) {
            violate(.heldKept, "host \(host) asks for abandoned runs, and does not say that it holds \(id)")
        }
    }

    private mutating func checkRows(_ rows: [RunRecord], of job: JobName, _ host: Int) {
        let memory = hosts[host].memory
        if rows.count > plan.bounds.rows {
            violate(.boundedRows, "host \(host) records \(rows.count) rows at once")
        }
        for row in rows {
            if let last = row.scheduledUntil ?? row.scheduledFor, memory.latestSeen < last {
                violate(.notEarly, "host \(host) decides \(last) of \(job) early, at \(wall(host))")
            }
            checkDefinition(row, host)
            if row.occurrences == 1, memory.knowsDecided(row.id) {
                violate(.notAgain, "host \(host) decides run \(row.id) of \(job) twice")
            }
        }
        hosts[host].memory.recording(rows, of: job)
    }

    /// What was due before a definition came into force, or fell due after its time, is not its own to decide.
    private mutating func checkDefinition(_ row: RunRecord, _ host: Int) {
        for due in [row.scheduledFor, row.scheduledUntil].compactMap(\.self)
        where !hosts[host].memory.wasInForce(row.configHash, at: due) {
            violate(
                .ownDefinition,
                "host \(host) decides \(due) of \(row.job) by a definition that was not in force then")
        }
    }

    mutating func checkRequest(_ id: RunID, _ job: Job, _ attempt: Int, _ host: Int) {
        let asker = Asker.daemon(host: host, life: hosts[host].life)
        let (sent, limit) = (
            requests.values.count { $0.by == asker }, plan.bounds.requests ?? plan.settings.requestsMax
        )
        if sent >= limit {
            violate(
                .slotsKept,
                "host \(host) sends run \(id) with \(sent) requests under way, of at most \(limit)")
        }
        let policy = stable(job.name)?.job.policy
        checkSent(
            id, attempt, by: .daemon(host: host, life: hosts[host].life),
            attemptsMax: sightings.asked[id] == nil ? policy.map { $0.retries + 1 } : 1)
        guard let row = store.rows[id]?.record, let policy else { return }
        if row.trigger == .manual, sightings.asked[id] != asker {
            violate(.commandAlone, "run \(id) was asked for elsewhere, and host \(host) sends it")
        }
        // A run that somebody asks for has no occurrence that it could be too late for.
        if attempt == 1, row.trigger != .manual, let deadline = policy.deadline,
            wall(host) > row.dueAt + deadline
        {
            violate(.deadlineKept, "run \(id) is sent at \(wall(host)), after its latest useful start")
        }
        checkOverlap(id, job.name, hosts[host].scheduler?.runs[id]?.owned)
    }

    /// What holds for each request, whoever sends it.
    mutating func checkSent(_ id: RunID, _ attempt: Int, by asker: Asker, attemptsMax: Int?) {
        let key = AttemptKey(run: id, number: attempt)
        if !sightings.sent.insert(key).inserted, !mayBeDouble(id) {
            violate(.sentOnce, "attempt \(attempt) of run \(id) is sent twice")
        }
        if !sightings.granted.contains(Grant(attempt: key, asker: asker)) {
            violate(
                .recordedFirst, "attempt \(attempt) of run \(id) is sent, and \(asker) has not recorded it")
        }
        guard let row = store.rows[id] else {
            // A host that was suspended between the record and the request may find the run ended elsewhere, and pruned.
            if !store.pruned.contains(where: { $0.id == id }), !sightings.bridged.contains(id),
                !sightings.forgotten.contains(id)
            {
                violate(.recordedFirst, "run \(id) is sent without a row")
            }
            return
        }
        // What the journal has, the store learns later.
        if !isBridging(asker), !mayBeDouble(id),
            row.attempts.contains(where: { $0.number < attempt && $0.finishedAt == nil })
        {
            violate(
                .sentOnce, "attempt \(attempt) of run \(id) is sent while an earlier one may be under way")
        }
        if let attemptsMax, attempt > attemptsMax {
            violate(.attemptsBounded, "run \(id) has \(attempt) attempts")
        }
    }

    mutating func checkOverlap(_ id: RunID, _ job: JobName, _ owned: OwnedRun?) {
        guard let policy = stable(job)?.job.policy, policy.overlap != .allow else { return }
        // Nobody can know that the store's clock ended a lease which has time left.
        if sightings.leasesCut.contains(id), let owned, !store.isOwner(owned) { return }
        // Nor what runs elsewhere while the store is away.
        if mayBeDouble(id) { return }
        for request in requests.values where request.job == job && request.run != id {
            // Who has lost the lease may not know it yet.
            guard let owned = request.owned, store.isOwner(owned), !mayBeDouble(request.run) else { continue }
            violate(.noOverlap, "run \(id) of \(job) is sent while \(request.run) is under way")
        }
    }

    /// A job that is the same in each catalog; nil for one that has several definitions.
    private func stable(_ name: JobName) -> SimulatedJob? {
        plan.stable.first { $0.job.name == name }
    }

    /// Whether the store does not know yet what somebody does.
    private func isBridging(_ asker: Asker) -> Bool {
        if case .daemon(let host, _) = asker { hosts[host].machine?.outage != nil } else { false }
    }
}
