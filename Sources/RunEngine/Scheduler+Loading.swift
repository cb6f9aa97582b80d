import CivilTime
import HeapModule
import JobCatalog
import Records
import RunModel
import Scheduling

/// Changes of the catalog.
extension Scheduler {
    /// Asks the store for the catalog that is wanted, if its turn has come and the clock can be right.
    mutating func register(_ now: Instant) {
        guard now >= settings.clockFloor, let wish = registration.start(at: now) else { return }
        effects.append(.register(wish.catalog, number: wish.number, isFirst: !hasLoaded))
    }

    mutating func registered(
        _ result: Result<RegisteredCatalog, StoreError>, _ number: Int, _ now: Instant
    ) {
        switch result {
        case .success(let registered):
            registration.answered(isRegistered: true, at: now)
            load(registered, number, now)
        case .failure: registration.answered(isRegistered: false, at: now)
        }
    }

    mutating func load(_ registered: RegisteredCatalog, _ number: Int, _ now: Instant) {
        guard !isStopping else { return }
        effects.append(.inForce(number: number))
        catalogNumber = number
        endStandstill(registered.watermarks)
        replace(with: registered, now)
        registered.abandoned.forEach { resume($0, now) }
    }

    private mutating func replace(with registered: RegisteredCatalog, _ now: Instant) {
        let (older, newer) = (catalog, registered.catalog)
        if !hasLoaded { catchUpFrom = now + settings.startDelay }
        for (index, job) in older.jobs.enumerated() {
            let newIndex = newer.index(of: job.name)
            let successor = newIndex.map { newer.jobs[$0] }
            let isSame = newIndex.map { newer.isSame($0, as: index, of: older) } ?? false
            if isSame, older.zoneData == newer.zoneData { continue }
            let from = isSame ? now : successor.map { start(of: $0, now) } ?? now
            retire(index, isGone: successor?.isEnabled != true, from: from, now)
            if successor == nil { departed[job.name] = states[index].considered }
        }
        let before = states
        catalog = newer
        states = newer.jobs.map { job in
            if let index = older.index(of: job.name) { return before[index] }
            let watermark = registered.watermarks[job.name] ?? now
            guard hasLoaded else {
                return JobState(considered: watermark, countsFrom: registered.countsFrom[job.name])
            }
            // While it was not in the catalog nothing of it was due; at the start it was the daemon that was not there.
            let departure = departed.removeValue(forKey: job.name) ?? .earliest
            return JobState(considered: max(watermark, start(of: job, now), departure), countsFrom: now)
        }
        plan = Heap(
            newer.jobs.indices.compactMap { index in
                states[index].next = planned(newer.jobs[index], after: states[index].considered)
                return states[index].next.map { Planned(dueAt: $0.dueAt, job: Int32(index)) }
            })
        hasLoaded = true
    }

    /// Ends the time of a definition: what it made due up to now is decided by it, what comes later by its successor.
    private mutating func retire(_ index: Int, isGone: Bool, from: Instant, _ now: Instant) {
        let job = catalog.jobs[index]
        consider(index, now)
        // Due, and only its random delay has not passed.
        while let next = states[index].next, next.instant <= now, let occurrence = occurrence(next, of: job) {
            states[index].considered = next.instant
            work[job.name, default: JobWork()].backlog.append(
                .run(Due(occurrence: occurrence, trigger: .schedule, job: job, dueAt: next.dueAt)))
            states[index].next = planned(job, after: next.instant)
        }
        // A change is never retroactive: what the new definition would have been due before now is not.
        states[index].considered = max(states[index].considered, from)
        states[index].countsFrom = now
        guard var work = work.removeValue(forKey: job.name) else { return }
        if isGone {
            let rows = rows(for: work.backlog, .skipped, .disabled, "the job was removed or disabled", now)
            work.backlog = []
            work.decide(rows)
        }
        work.retire(job, zoneData: catalog.zoneData)
        self.work[job.name] = work
        touch(job.name)
    }

    /// From when on a definition that is new or changed counts: from now, but for a trigger that waits for just that,
    /// from when the store put it in force.
    private func start(of job: Job, _ now: Instant) -> Instant {
        guard let since = job.schedule?.eventTimes.registration, since <= now,
            now - since <= EngineLimits.onTimeTolerance
        else { return now }
        return since - .microseconds(1)
    }

    /// Computes the next occurrence of a job from the last one that was considered.
    mutating func replan(_ index: Int) {
        let next = planned(catalog.jobs[index], after: states[index].considered)
        states[index].next = next
        if let next { plan.insert(Planned(dueAt: next.dueAt, job: Int32(index))) }
    }

    private func planned(_ job: Job, after considered: Instant) -> JobState.Planned? {
        job.next(after: considered).map { occurrence in
            precondition(occurrence.instant > considered, "the next occurrence of \(job.name) must be later")
            return JobState.Planned(instant: occurrence.instant, dueAt: job.dueAt(occurrence))
        }
    }

    /// The occurrence that lies ahead, whole.
    func occurrence(_ planned: JobState.Planned, of job: Job) -> Occurrence? {
        job.next(after: planned.instant - .microseconds(1))
    }

    /// Forgets what is not needed any more: earlier definitions, and the work of a job of which nothing is under way.
    mutating func forget(_ name: JobName) {
        work[name]?.forgetFormer()
        if work[name]?.isEmpty == true, work[name]?.isTouched == false { work[name] = nil }
    }
}
