import CivilTime
import JobCatalog
import RunModel
import Scheduling

/// What becomes of occurrences: on time, late, and in each other's way.
extension Scheduler {
    /// Looks at each occurrence that is due: it is decided here, or joins the backlog of the job.
    mutating func consider(_ job: Job, _ now: Instant, _ effects: inout [Effect]) {
        while let next = jobs[job.name]?.next, next.dueAt <= now {
            if isLate(next.dueAt, now) {
                catchUp(job, now)
            } else {
                jobs[job.name]?.considered = next.occurrence.instant
                take(next.occurrence, of: job, now)
            }
            // One by one, so that an earlier occurrence goes to the store before a later one.
            startBacklog(job.name, now, &effects)
            replan(job)
        }
        startBacklog(job.name, now, &effects)
    }

    private func isLate(_ dueAt: Instant, _ now: Instant) -> Bool {
        dueAt < now - EngineLimits.onTimeTolerance
    }

    /// Everything that should have started before the tolerance was missed: the catch-up policy decides.
    private mutating func catchUp(_ job: Job, _ now: Instant) {
        guard let schedule = job.schedule, let state = jobs[job.name] else { return }
        let absence = CatchUp(
            policy: job.policy, schedule: schedule, after: state.considered, now: now,
            isLate: { isLate(dueAt(job, $0), now) }, isDue: { dueAt(job, $0) <= now })
        guard let last = absence.last else { preconditionFailure("nothing of \(job.name) is late") }
        let rows = absence.missed.map { missed($0, of: job, now) }
        let notBefore = catchUpFrom.flatMap { $0 > now ? $0 : nil }
        let runs = absence.runs.map {
            Pending.run(
                Due(
                    occurrence: $0, trigger: .catchUp, job: job, dueAt: dueAt(job, $0), retryAt: notBefore))
        }
        jobs[job.name]?.considered = last.instant
        jobs[job.name]?.decide(rows)
        jobs[job.name]?.backlog += runs
    }

    /// An occurrence is due now, on time: the overlap policy says what becomes of it.
    private mutating func take(_ occurrence: Occurrence, of job: Job, _ now: Instant) {
        guard let state = jobs[job.name] else { return }
        let due = Due(occurrence: occurrence, trigger: .schedule, job: job, dueAt: dueAt(job, occurrence))
        let isFree = state.runs.isEmpty && !state.hasWaitingRun
        let isCatchingUp = job.policy.catchUp == .all && state.isCatchingUp
        if state.claims.count >= EngineLimits.unclaimedMax {
            let detail =
                "\(state.claims.count) runs of this job could not begin, since the store did not answer"
            let row = decided(occurrence, of: job, .skipped, .storeOutage, detail, now)
            jobs[job.name]?.decide([row])
            return
        }
        if job.policy.overlap == .allow || isCatchingUp || isFree {
            jobs[job.name]?.backlog.append(.run(due))
            return
        }
        if job.policy.catchUp == .latest, state.runs.isEmpty, state.isCatchingUp {
            // It waited for the API to come up, and is not the latest any more.
            return supersede(by: due, .superseded, "a later occurrence took its place", now)
        }
        switch job.policy.overlap {
        case .allow, .skip:
            let (reason, detail) = obstacle(to: state, now)
            let row = decided(occurrence, of: job, .skipped, reason, detail, now)
            jobs[job.name]?.decide([row])
        case .queue: supersede(by: due, .superseded, "a later occurrence took its place", now)
        case .replace: supersede(by: due, .replaced, "a later occurrence replaced it", now)
        }
    }

    /// Why a job is not free: an earlier run has not ended, or has not begun because the store is away.
    private func obstacle(to state: JobState, _ now: Instant) -> (Reason, String) {
        guard let id = state.runs.first, let machine = runs[id] else {
            return (.overlap, "an earlier run of this job had not ended")
        }
        let isStoreAway =
            machine.storeError != nil || state.decisions.isFailing
            || now - machine.run.createdAt > EngineLimits.claimPatience
        guard machine.isUnclaimed, isStoreAway else {
            return (.overlap, "run \(id) of this job had not ended")
        }
        return (.storeOutage, "run \(id) of this job could not begin, since the store did not answer")
    }

    /// Puts an occurrence in the place of all that wait.
    private mutating func supersede(by due: Due, _ reason: Reason, _ detail: String, _ now: Instant) {
        let name = due.job.name
        let rows = rows(for: jobs[name]?.backlog ?? [], .skipped, reason, detail, now)
        jobs[name]?.backlog = []
        jobs[name]?.decide(rows)
        jobs[name]?.backlog = [.run(due)]
    }

    /// Starts what waits, as far as the overlap policy lets it.
    mutating func startBacklog(_ name: JobName, _ now: Instant, _ effects: inout [Effect]) {
        while let state = jobs[name], let first = state.backlog.first {
            switch first {
            case .rows(let rows):
                jobs[name]?.backlog.removeFirst()
                jobs[name]?.decisions.append(.record(rows))
            case .run(let due):
                guard due.notBefore <= now else { return }
                if !state.runs.isEmpty, due.job.policy.overlap != .allow {
                    // Only what is due now replaces: occurrences that are made up for wait for each other.
                    if due.job.policy.overlap == .replace, due.trigger == .schedule {
                        giveUp(state.runs, now, &effects)
                    }
                    return
                }
                jobs[name]?.backlog.removeFirst()
                start(due, now)
            }
        }
    }

    private mutating func giveUp(_ ids: [RunID], _ now: Instant, _ effects: inout [Effect]) {
        for id in ids {
            guard var machine = runs[id], machine.givenUpFor != .replaced else { continue }
            if machine.isRequesting { effects.append(.cancel(id)) }
            effects += machine.giveUp(for: .replaced, at: now).map { .run(id, machine.job, $0) }
            runs[id] = machine
        }
    }

    private mutating func start(_ due: Due, _ now: Instant) {
        let (job, occurrence) = (due.job, due.occurrence)
        let deadline = job.policy.deadline.map { due.dueAt + $0 }
        if let deadline, now > deadline {
            let row = decided(
                occurrence, of: job, .skipped, .deadline, "its latest useful start had passed", now)
            jobs[job.name]?.decisions.append(.record([row]))
            return
        }
        let id = RunID(job: job.name, scheduledFor: occurrence.instant)
        // Taken over from another host before this one came to the occurrence: it has its row.
        guard runs[id] == nil, !lost.contains(id) else { return }
        let run = row(
            id, occurrence, of: job, trigger: due.trigger, state: .claimed,
            attemptsMax: job.policy.retries + 1, now)
        // A run that starts late, after later occurrences, has those behind it: the next one counts.
        let following = job.next(after: max(occurrence.instant, now))?.instant
        runs[id] = RunMachine(
            job: job, run: run, startLimit: deadline,
            retryLimit: [deadline, following].compactMap(\.self).min(), settings: settings)
        jobs[job.name]?.claims[id] = due
        jobs[job.name]?.runs.append(id)
        jobs[job.name]?.decisions.append(.claim(id))
    }

    /// The store knows of a live run of the job that this host does not have, of another host or by hand: the overlap
    /// policy says what becomes of the occurrence, in a row to record or in the backlog.
    mutating func overlapped(_ due: Due, by other: RunID, _ now: Instant) -> DecisionQueue.Decision? {
        let job = due.job
        let row: (Reason, String)?
        switch job.policy.overlap {
        case .skip, .allow: row = (.overlap, "run \(other) of this job had not ended")
        case .queue, .replace:
            guard let state = jobs[job.name] else { return nil }
            if catalog[job.name]?.isEnabled != true {
                row = (.disabled, "the job was taken out or disabled")
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
        jobs[job.name]?.backlog.insert(.run(waiting), at: 0)
        return nil
    }
}
