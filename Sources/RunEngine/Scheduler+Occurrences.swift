import CivilTime
import JobCatalog
import RunModel
import Scheduling

/// What becomes of occurrences: on time, late, and in each other's way.
extension Scheduler {
    /// Looks at each occurrence of a job that is due: it is decided here, or joins the backlog of the job.
    mutating func consider(_ index: Int, _ now: Instant) {
        let job = catalog.jobs[index]
        while let next = states[index].next, next.dueAt <= now {
            if isLate(next.dueAt, now) {
                catchUp(job, index, now)
            } else {
                guard let occurrence = occurrence(next, of: job) else {
                    preconditionFailure("\(job.name) was due at \(next.instant), and is not")
                }
                states[index].considered = next.instant
                take(Due(occurrence: occurrence, trigger: .schedule, job: job, dueAt: next.dueAt), now)
            }
            // One by one, so that an earlier occurrence goes to the store before a later one.
            startBacklog(job.name, now)
            touch(job.name)
            replan(index)
        }
    }

    func isLate(_ dueAt: Instant, _ now: Instant) -> Bool {
        dueAt < now - EngineLimits.onTimeTolerance
    }

    /// Everything that should have started before the tolerance was missed: the catch-up policy decides.
    private mutating func catchUp(_ job: Job, _ index: Int, _ now: Instant) {
        guard let schedule = job.schedule else { return }
        let cause: Reason = states[index].next.map { hold.covers($0.dueAt) } ?? false ? .storeOutage : .down
        let absence = CatchUp(
            policy: job.policy, schedule: schedule, after: states[index].considered, now: now, cause: cause,
            isLate: { isLate(job.dueAt($0), now) }, isDue: { job.dueAt($0) <= now })
        guard let last = absence.last else { preconditionFailure("nothing of \(job.name) is late") }
        let rows = absence.missed.map { missed($0, of: job, cause, now) }
        let notBefore = catchUpFrom.flatMap { $0 > now ? $0 : nil }
        let runs = absence.runs.map {
            Pending.run(
                Due(occurrence: $0, trigger: .catchUp, job: job, dueAt: job.dueAt($0), retryAt: notBefore))
        }
        states[index].considered = last.instant
        work[job.name, default: JobWork()].decide(rows)
        work[job.name, default: JobWork()].backlog += runs
    }

    /// An occurrence is due now, on time: the overlap policy says what becomes of it.
    private mutating func take(_ due: Due, _ now: Instant) {
        let (name, policy) = (due.job.name, due.job.policy)
        let state = work[name] ?? JobWork()
        if state.decisions.claims >= EngineLimits.unclaimedMax {
            let (reason, what) = obstacleToClaims(of: state, now)
            return skip(
                due, reason, "\(state.decisions.claims) runs of this job could not begin, since \(what)", now)
        }
        let isFree = !state.isOccupied && !state.hasWaitingRun
        if policy.overlap == .allow || isFree || policy.catchUp == .all && state.isCatchingUp {
            work[name, default: JobWork()].backlog.append(.run(due))
            return
        }
        if policy.catchUp == .latest, !state.isOccupied, state.isCatchingUp {
            // It waited for the API to come up, and is not the latest any more.
            return supersede(by: due, .superseded, "a later occurrence took its place", now)
        }
        switch policy.overlap {
        case .allow, .skip:
            let (reason, detail) =
                hold.covers(due.dueAt) && state.runs.allSatisfy { runs[$0]?.isUnclaimed ?? true }
                ? (.storeOutage, "an earlier run of this job had waited for the store")
                : obstacle(to: state, now)
            skip(due, reason, detail, now)
        case .queue: supersede(by: due, .superseded, "a later occurrence took its place", now)
        case .replace: supersede(by: due, .replaced, "a later occurrence replaced it", now)
        }
    }

    private mutating func skip(_ due: Due, _ reason: Reason, _ detail: String, _ now: Instant) {
        let row = decided(due.occurrence, of: due.job, .skipped, reason, detail, now)
        work[due.job.name, default: JobWork()].decide([row])
    }

    /// Why a job is not free: an earlier run has not ended, or has not begun for want of the store or a slot.
    private func obstacle(to state: JobWork, _ now: Instant) -> (Reason, String) {
        if let due = state.decisions.inLine {
            return (.overlap, "the occurrence of \(due.occurrence.instant) still waited for a free slot")
        }
        guard let id = state.runs.first, let machine = runs[id] else {
            return (.overlap, "an earlier run of this job had not ended")
        }
        guard machine.isUnclaimed, isStoreAway(state, now) else {
            return (.overlap, "run \(id) of this job had not ended")
        }
        return (.storeOutage, "run \(id) of this job could not begin, since the store did not answer")
    }

    private func obstacleToClaims(of state: JobWork, _ now: Instant) -> (Reason, String) {
        state.decisions.inLine != nil || !isStoreAway(state, now)
            ? (.overlap, "no slot was free") : (.storeOutage, "the store did not answer")
    }

    /// Whether the store has not answered the job's first decision for so long that it must be away.
    private func isStoreAway(_ state: JobWork, _ now: Instant) -> Bool {
        let claiming = state.runs.compactMap { runs[$0] }.first(where: \.isUnclaimed)
        return state.decisions.isFailing || claiming?.storeError != nil
            || claiming.map { now - $0.run.createdAt > EngineLimits.claimPatience } ?? false
    }

    /// Puts an occurrence in the place of all that wait.
    private mutating func supersede(by due: Due, _ reason: Reason, _ detail: String, _ now: Instant) {
        let name = due.job.name
        if reason == .replaced, let late = work[name]?.decisions.inLine {
            line.leave(.occurrence(name))
            let row = decided(late.occurrence, of: late.job, .skipped, reason, detail, now)
            work[name]?.decisions.replaceInLine(with: [row])
        }
        let rows = rows(for: work[name]?.backlog ?? [], .skipped, reason, detail, now)
        work[name]?.backlog = []
        work[name, default: JobWork()].decide(rows)
        work[name]?.backlog = [.run(due)]
    }

    /// Starts what waits, as far as the overlap policy lets it.
    mutating func startBacklog(_ name: JobName, _ now: Instant) {
        while let first = work[name]?.backlog.first {
            switch first {
            case .rows(let rows):
                work[name]?.backlog.removeFirst()
                work[name]?.decisions.append(.record(rows))
            case .run(let due):
                guard due.notBefore <= now else { return }
                if work[name]?.isOccupied == true, due.job.policy.overlap != .allow {
                    // Only what is due now replaces: catch-up runs wait for each other.
                    if due.job.policy.overlap == .replace, due.trigger == .schedule {
                        giveUp(work[name]?.runs ?? [], now)
                    }
                    return
                }
                work[name]?.backlog.removeFirst()
                start(due, now)
            }
        }
    }

    private mutating func giveUp(_ ids: [RunID], _ now: Instant) {
        for id in ids where runs[id].map({ $0.givenUpFor != .replaced }) == true {
            if runs[id]?.isRequesting == true { effects.append(.cancel(id)) }
            line.leave(.attempt(id))
            let more = runs[id]?.giveUp(for: .replaced, at: now) ?? []
            performed(more, of: id, now)
        }
    }

    /// An occurrence is next: its run is to be claimed, unless it came too late for that.
    private mutating func start(_ due: Due, _ now: Instant) {
        if let deadline = due.deadline, now > deadline {
            let row = decided(
                due.occurrence, of: due.job, .skipped, .deadline, "its deadline had passed", now)
            work[due.job.name]?.decisions.append(.record([row]))
        } else {
            work[due.job.name]?.decisions.append(.claim(due))
        }
    }

    /// The store knows of a live run of the job that this host does not have, of another host or by hand: the overlap
    /// policy says what becomes of the occurrence, in a row to record or in the backlog.
    mutating func overlapped(_ due: Due, by other: RunID, _ now: Instant) -> DecisionQueue.Decision? {
        let job = due.job
        let row: (Reason, String)?
        switch job.policy.overlap {
        case .skip, .allow: row = (.overlap, "run \(other) of this job had not ended")
        case .queue, .replace:
            guard let state = work[job.name] else { return nil }
            if catalog[job.name]?.isEnabled != true {
                row = (.disabled, "the job was removed or disabled")
            } else if state.decisions.hasMore || state.hasWaitingRun && job.policy.catchUp != .all {
                // The watermark must not pass it, and one occurrence waits at most.
                row = (.superseded, "a later occurrence took its place")
            } else {
                row = nil
            }
        }
        if let (reason, detail) = row {
            return .record([decided(due.occurrence, of: job, .skipped, reason, detail, now)])
        }
        var waiting = due
        waiting.retryAt = now + EngineLimits.overlapRetry
        work[job.name]?.backlog.insert(.run(waiting), at: 0)
        return nil
    }
}
