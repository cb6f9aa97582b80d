import CivilTime
import JobCatalog
import RunModel
import Scheduling

/// Changes of the catalog.
extension Scheduler {
    mutating func load(
        _ newer: Catalog, _ watermarks: [JobName: Instant], _ countsFrom: [JobName: Instant], _ now: Instant,
        _ effects: inout [Effect]
    ) {
        let older = catalog
        if !hasLoaded { catchUpFrom = now + settings.startDelay }
        for job in older.jobs {
            let successor = newer[job.name]
            if successor?.configHash != job.configHash || older.zoneData != newer.zoneData {
                let isSame = successor?.configHash == job.configHash
                let from = isSame ? now : successor.map { start(of: $0, now) } ?? now
                settle(job, isGone: successor?.isEnabled != true, from: from, now, &effects)
            }
        }
        catalog = newer
        for job in newer.jobs {
            var state = jobs[job.name] ?? JobState(considered: watermarks[job.name] ?? now)
            // While it was not in the catalog nothing of it was due; at the start it was the daemon that was not there.
            if hasLoaded, older[job.name] == nil {
                state.considered = max(state.considered, start(of: job, now))
                state.countsFrom = now
            } else if !hasLoaded {
                state.countsFrom = countsFrom[job.name]
            }
            jobs[job.name] = state
            replan(job)
        }
        for job in older.jobs where newer[job.name] == nil {
            jobs[job.name]?.next = nil
            forget(job.name)
        }
        hasLoaded = true
    }

    /// Ends the time of a definition: what it made due up to now is decided by it, what comes later by its successor.
    private mutating func settle(
        _ job: Job, isGone: Bool, from: Instant, _ now: Instant, _ effects: inout [Effect]
    ) {
        consider(job, now, &effects)
        guard var state = jobs[job.name] else { return }
        // Due, and only its random delay has not passed.
        while let next = state.next, next.occurrence.instant <= now {
            state.considered = next.occurrence.instant
            state.backlog.append(
                .run(Due(occurrence: next.occurrence, trigger: .schedule, job: job, dueAt: next.dueAt)))
            state.next = job.next(after: state.considered).map { ($0, dueAt(job, $0)) }
        }
        // A change is never retroactive: what the new definition would have been due before now is not.
        state.considered = max(state.considered, from)
        state.countsFrom = now
        if isGone {
            let rows = rows(
                for: state.backlog, .skipped, .disabled, "the job was taken out or disabled", now)
            state.backlog = []
            state.decide(rows)
        }
        state.retire(job, zoneData: catalog.zoneData)
        jobs[job.name] = state
    }

    /// From when on a definition that is new or changed counts: from now, but for a trigger that waits for just that,
    /// from when the store put it in force.
    private func start(of job: Job, _ now: Instant) -> Instant {
        guard let since = job.schedule?.eventTimes.registration, since <= now,
            now - since <= EngineLimits.onTimeTolerance
        else { return now }
        return since - .microseconds(1)
    }

    /// Computes the next occurrence from the last one that was considered.
    mutating func replan(_ job: Job) {
        guard let considered = jobs[job.name]?.considered else { return }
        let next = job.next(after: considered).map { occurrence in
            precondition(occurrence.instant > considered, "the next occurrence of \(job.name) must be later")
            return (occurrence, dueAt(job, occurrence))
        }
        jobs[job.name]?.next = next
    }

    /// When the run of an occurrence is to start.
    func dueAt(_ job: Job, _ occurrence: Occurrence) -> Instant { job.dueAt(occurrence) }

    /// Forgets what is not needed any more: earlier definitions, and a job that is not in the catalog any more and has
    /// nothing under way.
    mutating func forget(_ name: JobName) {
        jobs[name]?.forgetFormer()
        guard catalog[name] == nil, let state = jobs[name], state.runs.isEmpty, state.decisions.isEmpty,
            state.backlog.isEmpty
        else { return }
        jobs[name] = nil
    }
}
