package import CivilTime
package import JobCatalog
package import RunModel
import Scheduling

/// Decides what runs when, for all jobs of one host.
///
/// It is a value: an event and the time go in, effects come out, and nothing else happens. Whoever owns it
/// performs the effects and brings back what came of them, as `Effect` says for each. It never starts a run
/// before its time, never lets the watermark of a job pass an occurrence without a row, and computes the next
/// occurrence from the last one, not from now.
package struct Scheduler: Sendable {
    /// The owner of its runs in the store.
    package let host: HostID
    let settings: EngineSettings
    /// In force since the last `loaded`; empty before the first.
    package internal(set) var catalog = Catalog(jobs: [], zoneData: nil)
    /// The jobs of the catalog, and those taken out of it that have something under way.
    package internal(set) var jobs: [JobName: JobState] = [:]
    /// The runs that are planned or that this host has, each until it is over.
    package internal(set) var runs: [RunID: RunMachine] = [:]
    /// Whether `stop` was handled: nothing new starts.
    package private(set) var isStopping = false
    /// Whether a catalog was loaded: before, nothing is due.
    package internal(set) var hasLoaded = false
    /// Before it nothing is made up for, since the API may not be up yet.
    var catchUpFrom: Instant?
    /// Runs whose lease was lost while an answer about them was on its way.
    var lost: Set<RunID> = []
    private var isHurried = false
    private var isDrained = false
    private var heartbeatAt: Instant?
    /// Of all hosts, by what the store said last; nil before it has.
    private var liveRuns: Int?
    /// What the wall clock showed last.
    private var seenAt: Instant?

    /// The scheduler of `host`, with no job yet.
    package init(host: HostID, settings: EngineSettings = EngineSettings()) {
        self.host = host
        self.settings = settings
    }

    /// Takes an event and answers what is to be done about it.
    package mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        handle([event], at: now)
    }

    /// Takes events in their order, and answers what is to be done about them; with many jobs, many events at once
    /// cost about as much as one.
    package mutating func handle(_ events: [Event], at now: Instant) -> [Effect] {
        var effects: [Effect] = []
        look(at: now)
        for event in events { handle(event, now, &effects) }
        advance(now, &effects)
        return effects
    }

    private mutating func handle(_ event: Event, _ now: Instant, _ effects: inout [Effect]) {
        switch event {
        case .loaded(let catalog, let watermarks, let countsFrom, let abandoned):
            if !isStopping { load(catalog, watermarks, countsFrom, now, &effects) }
            abandoned.forEach { resume($0, now, &effects) }
        case .woke: break
        case .run(let id, let event): handle(event, of: id, now, &effects)
        case .recorded(let job, let result): recorded(job, result, now)
        case .renewed(let lost): lost.filter(hasLost).forEach { lose($0.id, &effects) }
        case .tookOver(let abandoned): abandoned.forEach { resume($0, now, &effects) }
        case .counted(let count):
            liveRuns = count
            if count > 0 { beatWithin(settings.heartbeat, now) }
        case .stop: stop(now)
        case .hurry:
            isHurried = true
            for id in runs.keys { runs[id]?.hurry() }
            effects += runs.values.filter(\.isRequesting).map(\.run.id).sorted().map { .cancel($0) }
        }
    }

    /// When `woke` is wanted next; nil: only other events matter.
    package var wakeAt: Instant? {
        var earliest = isStopping && runs.isEmpty ? nil : heartbeatAt
        func consider(_ instant: Instant?) {
            if let instant, earliest.map({ instant < $0 }) ?? true { earliest = instant }
        }
        for state in jobs.values {
            consider(state.decisions.retryAt)
            guard !isStopping else { continue }
            consider(state.next?.dueAt)
            if case .run(let due)? = state.backlog.first,
                state.runs.isEmpty || due.job.policy.overlap == .allow
            {
                consider(due.notBefore)
            }
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

    /// The earliest instant at which a run was to start that the store has not let begin yet; nil when none waits. A
    /// run that its catch-up policy makes late counts from when the policy decided that.
    package var oldestWaiting: Instant? {
        runs.values.filter(\.isUnclaimed).map { machine in
            machine.run.trigger == .catchUp ? machine.run.createdAt : machine.run.dueAt
        }.min()
    }

    /// Since when jobs have been what they are, as far as that is known: before that they owe nothing.
    package var countsFrom: [JobName: Instant] { jobs.compactMapValues(\.countsFrom) }

    // MARK: Time

    /// What is to happen after a while happens after it, also when the wall clock was set back meanwhile.
    private mutating func look(at now: Instant) {
        if let seenAt, now < seenAt {
            let step = seenAt - now
            heartbeatAt = heartbeatAt.map { $0 - step }
            catchUpFrom = catchUpFrom.map { $0 - step }
            for name in jobs.keys { jobs[name]?.stepBack(by: step) }
            for id in runs.keys { runs[id]?.stepBack(by: step) }
        }
        seenAt = now
    }

    private mutating func advance(_ now: Instant, _ effects: inout [Effect]) {
        if !isStopping {
            for job in catalog.jobs { consider(job, now, &effects) }
        }
        beat(now, &effects)
        for id in runs.keys.sorted() {
            guard var machine = runs[id], let wakeAt = machine.wakeAt, wakeAt <= now else { continue }
            if isStopping, case .waiting = machine.state { continue }
            let more = machine.handle(.woke, at: now)
            runs[id] = machine
            effects += more.map { .run(id, machine.job, $0) }
        }
        for name in jobs.keys.sorted() { pump(name, now, &effects) }
        if isStopping, !isDrained, hasNothingUnderWay {
            isDrained = true
            effects.append(.drained)
        }
    }

    private mutating func beat(_ now: Instant, _ effects: inout [Effect]) {
        let owned = runs.values.compactMap(\.owned).sorted { $0.id < $1.id }
        if !owned.isEmpty { beatWithin(settings.heartbeat, now) }
        guard hasLoaded, heartbeatAt.map({ $0 <= now }) ?? true else { return }
        heartbeatAt = now + (owned.isEmpty && liveRuns == 0 ? settings.quietHeartbeat : settings.heartbeat)
        if !owned.isEmpty { effects.append(.renew(owned)) }
        if !isStopping { effects.append(.takeOver) }
    }

    /// Brings the next heartbeat forward.
    private mutating func beatWithin(_ limit: Duration, _ now: Instant) {
        heartbeatAt = heartbeatAt.map { min($0, now + limit) }
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

    // MARK: Stopping

    private mutating func stop(_ now: Instant) {
        guard !isStopping else { return }
        isStopping = true
        // What has not been claimed is not decided, nor is what comes after it: the next start finds it by the
        // watermark.
        for name in jobs.keys.sorted() {
            for id in jobs[name]?.decisions.withdraw() ?? [] { remove(id, of: name) }
            jobs[name]?.backlog = []
        }
        for id in runs.keys { runs[id]?.stop(at: now) }
    }

    /// Whether everything that was begun has been ended or recorded; in a hurry, what the store refused is left to the
    /// next start.
    private var hasNothingUnderWay: Bool {
        !runs.values.contains { $0.isUnderWay && !(isHurried && $0.wakeAt != nil) }
            && jobs.values.allSatisfy { isHurried ? !$0.decisions.isRecording : $0.decisions.isEmpty }
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
        case .claiming, .recordingAttempt, .requesting, .recordingRefusal, .awaitingAPI,
            .recordingRetry, .recordingFinish:
            true
        case .planned, .waiting, .finished, .dropped: false
        }
    }
}
