package import CivilTime
package import JobCatalog
package import RunModel
import Scheduling

/// Decides what runs when, for all jobs of one host.
///
/// It is a value: an event and the time go in, effects come out, and nothing else happens. Whoever owns it performs
/// the effects and brings back what came of them. It never starts a run before its time, never lets the watermark
/// of a job pass an occurrence without a row, and computes the next occurrence from the last one, not from now.
package struct Scheduler: Sendable {
    package let host: HostID
    package private(set) var catalog = Catalog(jobs: [], zoneData: nil)
    package private(set) var jobs: [JobName: JobState] = [:]
    package private(set) var runs: [RunID: RunMachine] = [:]
    package private(set) var isStopping = false
    private var isDrained = false
    private var heartbeatAt: Instant?

    /// The scheduler of `host`, with no job yet.
    package init(host: HostID) {
        self.host = host
    }

    /// Takes an event and answers what is to be done about it.
    package mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        var effects: [Effect] = []
        switch event {
        case .loaded(let catalog, let watermarks, let abandoned):
            load(catalog, watermarks, now)
            abandoned.forEach { resume($0, now, &effects) }
        case .woke: break
        case .run(let id, let event): handle(event, of: id, now, &effects)
        case .recorded(let job, let result): recorded(job, result, now)
        case .renewed(let lost): lost.forEach { lose($0, &effects) }
        case .tookOver(let abandoned): abandoned.forEach { resume($0, now, &effects) }
        case .stop: stop()
        case .hurry:
            effects += runs.values.filter(\.isRequesting).map(\.run.id).sorted().map { .cancel($0) }
        }
        advance(now, &effects)
        return effects
    }

    /// When `woke` is wanted next; nil: only other events matter.
    package var wakeAt: Instant? {
        var earliest = isStopping ? nil : heartbeatAt
        func consider(_ instant: Instant?) {
            if let instant, earliest.map({ instant < $0 }) ?? true { earliest = instant }
        }
        for state in jobs.values {
            consider(state.decisions.retryAt)
            guard !isStopping else { continue }
            consider(state.next?.dueAt)
            if !state.backlog.isEmpty, state.runs.isEmpty { consider(state.backlogNotBefore) }
        }
        for machine in runs.values {
            if isStopping, case .waiting = machine.state { continue }
            consider(machine.wakeAt)
        }
        return earliest
    }

    /// The earliest start that is planned; nil when nothing is.
    package var nextDue: (job: JobName, at: Instant)? {
        catalog.jobs.compactMap { job in jobs[job.name]?.next.map { (job.name, $0.dueAt) } }
            .min { ($0.1, $0.0) < ($1.1, $1.0) }
    }

    // MARK: Loading

    private mutating func load(_ newer: Catalog, _ watermarks: [JobName: Instant], _ now: Instant) {
        let older = catalog
        catalog = newer
        for job in newer.jobs {
            if jobs[job.name] == nil { jobs[job.name] = JobState(considered: watermarks[job.name] ?? now) }
            if let before = older[job.name],
                before.configHash != job.configHash || older.zoneData != newer.zoneData
            {
                settle(before, isGone: !job.isEnabled, now)
            }
            replan(job)
        }
        for job in older.jobs where newer[job.name] == nil {
            settle(job, isGone: true, now)
            jobs[job.name]?.next = nil
            forget(job.name)
        }
    }

    /// Ends the time of a definition: what it made due up to now is decided by it, what comes later by its successor.
    private mutating func settle(_ job: Job, isGone: Bool, _ now: Instant) {
        guard var state = jobs[job.name] else { return }
        while let next = state.next, next.occurrence.instant <= now {
            state.considered = next.occurrence.instant
            state.backlog.append((next.occurrence, .schedule))
            state.next = job.next(after: state.considered).map { ($0, dueAt(job, $0)) }
        }
        // A change is never retroactive: what the new definition would have been due before now is not.
        state.considered = max(state.considered, now)
        if isGone {
            state.decisions.append(
                .record(
                    state.backlog.map {
                        decided(
                            $0.occurrence, of: job, .skipped, .disabled, "the job was taken out or disabled",
                            now)
                    }))
            state.backlog = []
        }
        jobs[job.name] = state
    }

    /// Computes the next occurrence from the last one that was considered.
    private mutating func replan(_ job: Job) {
        guard let considered = jobs[job.name]?.considered else { return }
        let next = job.next(after: considered).map { occurrence in
            precondition(occurrence.instant > considered, "the next occurrence of \(job.name) must be later")
            return (occurrence, dueAt(job, occurrence))
        }
        jobs[job.name]?.next = next
    }

    private func dueAt(_ job: Job, _ occurrence: Occurrence) -> Instant {
        occurrence.instant + Spread.jitter(job.policy.jitter, job: job.name, scheduledFor: occurrence.instant)
    }

    // MARK: Time

    private mutating func advance(_ now: Instant, _ effects: inout [Effect]) {
        if !isStopping {
            for job in catalog.jobs {
                consider(job, now, &effects)
                startBacklog(job, now, &effects)
            }
            beat(now, &effects)
        }
        for id in runs.keys.sorted() {
            guard var machine = runs[id], let wakeAt = machine.wakeAt, wakeAt <= now else { continue }
            if isStopping, case .waiting = machine.state { continue }
            let more = machine.handle(.woke, at: now)
            runs[id] = machine
            effects += more.map { .run(id, machine.job, $0) }
        }
        for name in jobs.keys.sorted() { pump(name, now, &effects) }
        if isStopping, !isDrained, !runs.values.contains(where: \.isUnderWay),
            jobs.values.allSatisfy(\.decisions.isEmpty)
        {
            isDrained = true
            effects.append(.drained)
        }
    }

    private mutating func beat(_ now: Instant, _ effects: inout [Effect]) {
        guard !catalog.jobs.isEmpty, heartbeatAt.map({ $0 <= now }) ?? true else { return }
        heartbeatAt = now + EngineLimits.heartbeat
        effects.append(.takeOver)
        let owned = runs.values.compactMap(\.owned).sorted { $0.id < $1.id }
        if !owned.isEmpty { effects.append(.renew(owned)) }
    }

    /// Looks at each occurrence that is due: it is decided here, or joins the backlog of the job.
    private mutating func consider(_ job: Job, _ now: Instant, _ effects: inout [Effect]) {
        guard let next = jobs[job.name]?.next, next.dueAt <= now else { return }
        if next.dueAt < now - EngineLimits.onTimeTolerance { catchUp(job, from: next.occurrence, now) }
        while let next = jobs[job.name]?.next, next.dueAt <= now {
            jobs[job.name]?.considered = next.occurrence.instant
            take(next.occurrence, of: job, now)
            // One by one, so that an earlier occurrence goes to the store before a later one.
            startBacklog(job, now, &effects)
            replan(job)
        }
    }

    /// Everything that should have started before the tolerance was missed: the catch-up policy decides.
    private mutating func catchUp(_ job: Job, from first: Occurrence, _ now: Instant) {
        guard let schedule = job.schedule, let state = jobs[job.name] else { return }
        // Jitter counts: what may still start on time is left alone, but for the one that is known to be late.
        let through = max(now - EngineLimits.onTimeTolerance - job.policy.jitter, first.instant)
        let absence = CatchUp(
            job: job, schedule: schedule, after: state.considered, through: through, now: now,
            isDue: { dueAt(job, $0) <= now })
        jobs[job.name]?.considered = absence.last?.instant ?? state.considered
        let rows = absence.missed.map { missed($0, of: job, now) }
        jobs[job.name]?.decisions.append(.record(rows))
        jobs[job.name]?.backlog += absence.runs.map { ($0, .catchUp) }
        replan(job)
    }

    /// An occurrence is due now, on time: the overlap policy says what becomes of it.
    private mutating func take(_ occurrence: Occurrence, of job: Job, _ now: Instant) {
        guard let state = jobs[job.name] else { return }
        let isCatchingUp = !state.backlog.isEmpty && job.policy.catchUp == .all
        if job.policy.overlap == .allow || isCatchingUp || state.runs.isEmpty && state.backlog.isEmpty {
            jobs[job.name]?.backlog.append((occurrence, .schedule))
            return
        }
        switch job.policy.overlap {
        case .allow, .skip:
            let other = state.runs.first.map { "run \($0)" } ?? "an earlier run"
            let row = decided(
                occurrence, of: job, .skipped, .overlap, "\(other) of this job had not ended", now)
            jobs[job.name]?.decisions.append(.record([row]))
        case .queue: supersede(by: occurrence, of: job, .superseded, "a later occurrence took its place", now)
        case .replace: supersede(by: occurrence, of: job, .replaced, "a later occurrence replaced it", now)
        }
    }

    /// Puts an occurrence in the place of all that wait.
    private mutating func supersede(
        by occurrence: Occurrence, of job: Job, _ reason: Reason, _ detail: String, _ now: Instant
    ) {
        let rows = (jobs[job.name]?.backlog ?? []).map {
            decided($0.occurrence, of: job, .skipped, reason, detail, now)
        }
        jobs[job.name]?.decisions.append(.record(rows))
        jobs[job.name]?.backlog = [(occurrence, .schedule)]
    }

    /// Starts what waits, as far as the overlap policy lets it.
    private mutating func startBacklog(_ job: Job, _ now: Instant, _ effects: inout [Effect]) {
        while let state = jobs[job.name], let first = state.backlog.first {
            if let notBefore = state.backlogNotBefore, notBefore > now { return }
            if !state.runs.isEmpty, job.policy.overlap != .allow {
                if job.policy.overlap == .replace { giveUp(state.runs, now, &effects) }
                return
            }
            jobs[job.name]?.backlog.removeFirst()
            jobs[job.name]?.backlogNotBefore = nil
            start(first.occurrence, first.trigger, of: job, now)
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

    private mutating func start(_ occurrence: Occurrence, _ trigger: RunTrigger, of job: Job, _ now: Instant)
    {
        let due = dueAt(job, occurrence)
        let deadline = job.policy.deadline.map { due + $0 }
        if let deadline, now > deadline {
            let row = decided(
                occurrence, of: job, .skipped, .deadline, "its latest useful start had passed", now)
            jobs[job.name]?.decisions.append(.record([row]))
            return
        }
        let id = RunID(job: job.name, scheduledFor: occurrence.instant)
        let run = row(
            id, occurrence, of: job, trigger: trigger, state: .claimed, attemptsMax: job.policy.retries + 1,
            now)
        let following = job.next(after: occurrence.instant)?.instant
        // A run that starts late, after the next occurrence, has only its deadline to keep.
        let retryLimit = [deadline, following.flatMap { $0 > now ? $0 : nil }].compactMap(\.self).min()
        runs[id] = RunMachine(job: job, run: run, retryLimit: retryLimit)
        jobs[job.name]?.runs.append(id)
        jobs[job.name]?.decisions.append(.claim(id))
    }

    /// Sends the next decision of a job to the store, if it is its turn.
    private mutating func pump(_ name: JobName, _ now: Instant, _ effects: inout [Effect]) {
        guard let decision = jobs[name]?.decisions.start(at: now) else { return }
        switch decision {
        case .record(let rows): effects.append(.record(name, rows))
        case .claim(let id):
            guard var machine = runs[id] else { preconditionFailure("a claim of \(name) without its run") }
            effects += machine.handle(.begin, at: now).map { .run(id, machine.job, $0) }
            runs[id] = machine
        }
    }

    // MARK: Answers

    private mutating func recorded(_ name: JobName, _ result: Result<Void, StoreError>, _ now: Instant) {
        switch result {
        case .success: jobs[name]?.decisions.finishFirst()
        case .failure:
            jobs[name]?.decisions.failFirst(at: now, id: RunID(job: name, scheduledFor: now))
        }
        forget(name)
    }

    private mutating func handle(
        _ event: RunEvent, of id: RunID, _ now: Instant, _ effects: inout [Effect]
    ) {
        guard var machine = runs[id] else { return }
        let wasClaiming = machine.state == .claiming
        let more = machine.handle(event, at: now)
        runs[id] = machine
        effects += more.map { .run(id, machine.job, $0) }
        let name = machine.job.name
        if wasClaiming, machine.state != .claiming {
            let row = overlapRow(machine, now)
            jobs[name]?.decisions.finishFirst(instead: row)
        }
        switch machine.state {
        case .finished(let completion):
            effects.append(.ended(machine.run.ended(by: completion)))
            remove(id, of: name)
        case .dropped:
            remove(id, of: name)
        case .planned, .claiming, .recordingAttempt, .requesting, .recordingRetry, .waiting, .recordingFinish:
            break
        }
    }

    /// The store knows of a live run of the job that this host does not have, of another host or by hand: the overlap
    /// policy says what becomes of the occurrence, in a row to record or in the backlog.
    private mutating func overlapRow(_ machine: RunMachine, _ now: Instant) -> DecisionQueue.Decision? {
        guard case .dropped(.overlaps(let other)) = machine.state else { return nil }
        let job = machine.job
        guard let instant = machine.run.scheduledFor,
            let occurrence = job.schedule?.next(after: Instant(microseconds: instant.microseconds - 1)),
            occurrence.instant == instant
        else { preconditionFailure("run \(machine.run.id) stands for no occurrence of its job") }
        switch job.policy.overlap {
        case .skip, .allow:
            return .record([
                decided(
                    occurrence, of: job, .skipped, .overlap, "run \(other) of this job had not ended", now)
            ])
        case .queue, .replace:
            jobs[job.name]?.backlog.insert((occurrence, machine.run.trigger), at: 0)
            jobs[job.name]?.backlogNotBefore = now + EngineLimits.overlapRetry
            return nil
        }
    }

    private mutating func lose(_ id: RunID, _ effects: inout [Effect]) {
        guard let machine = runs[id] else { return }
        if machine.isRequesting { effects.append(.cancel(id)) }
        runs[id]?.loseLease()
        remove(id, of: machine.job.name)
    }

    private mutating func resume(_ abandoned: AbandonedRun, _ now: Instant, _ effects: inout [Effect]) {
        let id = abandoned.record.id
        guard runs[id] == nil else { return }
        let name = abandoned.record.job
        // A job that is gone still gets its outcome written: the request was not sent, so it is a failure of nobody's.
        guard let job = catalog[name] ?? orphan(abandoned) else { return }
        let deadline = job.policy.deadline.map { abandoned.record.dueAt + $0 }
        let (machine, first) = RunMachine.resuming(abandoned, job: job, retryLimit: deadline, now: now)
        runs[id] = machine
        if jobs[name] == nil { jobs[name] = JobState(considered: now) }
        jobs[name]?.runs.append(id)
        effects += first.map { .run(id, job, $0) }
    }

    /// A job that was taken out of the files while a run of it was under way.
    private func orphan(_ abandoned: AbandonedRun) -> Job? {
        guard abandoned.requestMayHaveBeenSent else { return nil }
        return Job(
            name: abandoned.record.job, schedule: nil,
            request: RequestTemplate(method: "POST", url: TemplateText([])), policy: Policy(),
            source: SourceLocation(file: "", line: 0))
    }

    private mutating func remove(_ id: RunID, of name: JobName) {
        runs[id] = nil
        jobs[name]?.runs.removeAll { $0 == id }
        forget(name)
    }

    /// Forgets a job that is not in the catalog any more and has nothing under way.
    private mutating func forget(_ name: JobName) {
        guard catalog[name] == nil, let state = jobs[name], state.runs.isEmpty, state.decisions.isEmpty else {
            return
        }
        jobs[name] = nil
    }

    private mutating func stop() {
        guard !isStopping else { return }
        isStopping = true
        // What has not been claimed is not decided: the next start finds it by the watermark.
        for name in jobs.keys.sorted() {
            for id in jobs[name]?.decisions.withdrawClaims() ?? [] { remove(id, of: name) }
            jobs[name]?.backlog = []
        }
    }

    // MARK: Rows

    private func missed(_ missed: CatchUp.Missed, of job: Job, _ now: Instant) -> RunRecord {
        var row = decided(missed.first, of: job, .missed, missed.reason, Self.sentence(for: missed), now)
        if missed.count > 1 {
            row.scheduledUntil = missed.last.instant
            row.occurrences = missed.count
        }
        return row
    }

    private static func sentence(for missed: CatchUp.Missed) -> String {
        switch missed.reason {
        case .superseded: "no daemon was running; a later occurrence is made up for instead (catch-up=latest)"
        case .window: "no daemon was running, and it is older than the catch-up window"
        case .cap: "no daemon was running, and more than \(Policy.catchUpMax) later ones are made up for"
        default:
            missed.count > 1
                ? "no daemon was running; \(missed.count) occurrences share this row"
                : "no daemon was running, and this job does not catch up (catch-up=none)"
        }
    }

    private func decided(
        _ occurrence: Occurrence, of job: Job, _ outcome: Outcome, _ reason: Reason, _ detail: String,
        _ now: Instant
    ) -> RunRecord {
        var row = row(
            RunID(job: job.name, scheduledFor: occurrence.instant), occurrence, of: job, trigger: .schedule,
            state: .finished, attemptsMax: job.policy.retries + 1, now)
        row.outcome = outcome
        row.reason = reason
        row.detail = detail
        row.finishedAt = now
        return row
    }

    private func row(
        _ id: RunID, _ occurrence: Occurrence, of job: Job, trigger: RunTrigger, state: RunState,
        attemptsMax: Int,
        _ now: Instant
    ) -> RunRecord {
        RunRecord(
            id: id, job: job.name, trigger: trigger, scheduledFor: occurrence.instant,
            nominalLocal: occurrence.nominal(in: job.schedule?.zone), dueAt: dueAt(job, occurrence),
            state: state,
            attemptsMax: attemptsMax, host: host, configHash: job.configHash, zoneData: catalog.zoneData,
            createdAt: now)
    }
}

extension RunMachine {
    /// Whether its request is under way.
    package var isRequesting: Bool {
        if case .requesting = state { true } else { false }
    }

    /// Whether stopping waits for it: something was begun that must be ended or recorded.
    var isUnderWay: Bool {
        switch state {
        case .claiming, .recordingAttempt, .requesting, .recordingRetry, .recordingFinish: true
        case .planned, .waiting, .finished, .dropped: false
        }
    }
}

extension RunRecord {
    /// The row as `completion` leaves it.
    package func ended(by completion: Completion) -> RunRecord {
        var row = self
        row.state = .finished
        row.outcome = completion.outcome
        row.reason = completion.reason
        row.detail = completion.detail
        row.finishedAt = completion.finishedAt
        row.httpStatus = completion.httpStatus
        row.responseBytes = completion.responseBytes
        row.responseExcerpt = completion.responseExcerpt
        return row
    }
}

extension Occurrence {
    /// The local time that it stands for, as it is recorded: `2026-03-29T00:10:00 Asia/Beirut (moved out of a gap)`.
    func nominal(in zone: Zone?) -> String {
        let text = "\(local) \(zone?.name ?? "UTC")"
        return switch adjustment {
        case .none: text
        case .movedOutOfGap: text + " (moved out of a gap)"
        case .firstOfTwo: text + " (first of two)"
        case .secondOfTwo: text + " (second of two)"
        }
    }
}
