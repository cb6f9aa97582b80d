package import CivilTime
import HeapModule
package import JobCatalog
import Records
package import RunModel
import Scheduling

/// Decides what runs when, for all jobs of one host.
///
/// It is a value: events and the time go in, effects come out, and nothing else happens. Whoever owns it performs the
/// effects and brings back what came of them, as `Effect` says for each. It never starts a run before its time, never
/// lets the watermark of a job pass an occurrence without a row, and computes the next occurrence from the last one, not
/// from now.
///
/// A turn costs O(k log n) for the k things that happened: nothing walks over all jobs but a catalog that comes into
/// force, and a wall clock that is set back.
package struct Scheduler: Sendable {
    /// The owner of its runs in the store.
    package let host: HostID
    let settings: EngineSettings
    /// In force since the last one was registered; empty before the first.
    package internal(set) var catalog = Catalog(jobs: [], zoneData: nil)
    /// How far each job of the catalog has come, in the catalog's order.
    var states: [JobState] = []
    /// How far jobs had come when they were taken out: what the store said of one that comes back may be older than the rows
    /// that were recorded then.
    var departed: [JobName: Instant] = [:]
    /// What is under way of a job, also of one that is in the catalog no more; none for a job of which nothing is.
    package internal(set) var work: [JobName: JobWork] = [:]
    /// The runs that this host has, each until it is over.
    package internal(set) var runs: [RunID: RunMachine] = [:]
    /// Whether `stop` was handled: nothing new starts.
    package private(set) var isStopping = false
    /// Whether a catalog was loaded: before, nothing is due.
    package internal(set) var hasLoaded = false
    /// How many requests are under way.
    package internal(set) var requesting = 0
    var registration = Registration()
    /// The number of the catalog in force.
    var catalogNumber = 0
    /// Whether the store as a whole failed, and has not answered since.
    var isStoreAway = false
    /// While the clock of this host is ahead of the store's: nothing is decided.
    var standstill: Standstill?
    /// The time in which the store is or was away last and nothing may begin: nothing is decided in it.
    var hold = Hold()
    /// Before it no catch-up run starts, since the API may not be up yet.
    var catchUpFrom: Instant?
    /// Runs whose lease was lost while an answer about them was on its way.
    var lost: Set<RunID> = []
    var line: Line
    /// The next occurrence of each job that has one. An entry that is not what the job's state says is stale.
    var plan = Heap<Planned>()
    /// When what is under way wants to be looked at.
    var timers = Timers<Timer>()
    /// The jobs whose work this turn has changed, in the order of the changes.
    private var touched: [JobName] = []
    /// What is to be done, in the order of its decision.
    var effects: [Effect] = []
    private var isHurried = false
    private var isDrained = false
    private var heartbeatAt: Instant?
    /// Of all hosts, by what the store said last; nil before it has.
    private var liveRuns: Int?
    /// What the wall clock showed last.
    private var seenAt: Instant?

    /// A start that lies ahead, of the job at a position of the catalog.
    struct Planned: Comparable, Sendable {
        var dueAt: Instant
        var job: Int32

        static func < (left: Planned, right: Planned) -> Bool {
            (left.dueAt, left.job) < (right.dueAt, right.job)
        }
    }

    /// What has a timer.
    enum Timer: Hashable, Comparable, Sendable {
        case work(JobName)
        case run(RunID)
    }

    /// The scheduler of `host`, with no job yet.
    package init(host: HostID, settings: EngineSettings = EngineSettings()) {
        self.host = host
        self.settings = settings
        line = Line(slots: settings.requestsMax)
    }

    /// Takes an event and answers what is to be done about it.
    package mutating func handle(_ event: Event, at now: Instant) -> [Effect] {
        handle([event], at: now)
    }

    /// Takes events in their order, and answers what is to be done about them.
    package mutating func handle(_ events: [Event], at now: Instant) -> [Effect] {
        look(at: now)
        for event in events { handle(event, now) }
        advance(now)
        defer { effects = [] }
        return effects
    }

    private mutating func handle(_ event: Event, _ now: Instant) {
        switch event {
        case .loaded(let registered): load(registered, 0, now)
        case .reload(let catalog, let number):
            if !isStopping { registration.want(.init(number: number, catalog: catalog, since: now)) }
        case .registered(let result, let number): registered(result, number, now)
        case .woke: break
        case .run(let id, let event): handle(event, of: id, now)
        case .recorded(let job, let result): recorded(job, result, now)
        case .renewed(let lost): lost.filter(hasLost).forEach { lose($0.id) }
        case .tookOver(let abandoned): abandoned.forEach { resume($0, now) }
        case .asked(let run, let owned): begin(asked: run, owned, now)
        case .cancel(let id, let caller): cancel(id, by: caller, now)
        case .clock(let isAhead): clock(isAhead: isAhead, now)
        case .held(true): beginHold(now)
        case .held(false): endHold(now)
        case .rewound(let marks): rewind(marks)
        case .counted(let count):
            liveRuns = count
            if count > 0 { beatWithin(settings.heartbeat, now) }
        case .stop: stop(now)
        case .hurry:
            isHurried = true
            for id in runs.keys.sorted() {
                runs[id]?.hurry()
                if runs[id]?.isRequesting == true { effects.append(.cancel(id)) }
            }
        }
    }

    // MARK: What others ask

    /// When `woke` is wanted next; nil: only other events matter.
    package var wakeAt: Instant? {
        var instants = [timers.first]
        if !isStopping || !runs.isEmpty { instants.append(heartbeatAt) }
        if !isStopping {
            instants += [standstill.map(\.askAt) ?? plannedAt, registration.wakeAt]
        }
        return instants.compactMap(\.self).min()
    }

    /// The earliest start that is planned; nil when nothing is.
    package var nextDue: (job: JobName, at: Instant)? {
        plan.min.map { (catalog.jobs[Int($0.job)].name, $0.dueAt) }
    }

    /// When the earliest start is looked at; nil also while nothing may begin.
    private var plannedAt: Instant? { hold.isOpen ? nil : plan.min?.dueAt }

    /// When the claim should have been made that waits longest, for a slot or for the store; nil when none waits.
    package var oldestWaiting: Instant? {
        let claiming = line.holders.compactMap { id in
            runs[id].flatMap { machine in
                // One that runs late by its policy waits since that was decided.
                machine.state != .claiming
                    ? nil : machine.run.trigger == .catchUp ? machine.run.createdAt : machine.run.dueAt
            }
        }
        return [claiming.min(), line.oldest].compactMap(\.self).min()
    }

    /// Since when a catalog waits to come into force; nil when none does.
    package var reloadPendingSince: Instant? { registration.pendingSince }

    /// The jobs of the catalog and how far each has come, in the catalog's order.
    package var jobs: some Sequence<(job: Job, state: JobState)> {
        zip(catalog.jobs, states).lazy.map { ($0, $1) }
    }

    // MARK: Time

    /// What is to happen after a while happens after it, also when the wall clock was set back meanwhile.
    private mutating func look(at now: Instant) {
        defer { seenAt = now }
        guard let seenAt, now < seenAt else { return }
        let step = seenAt - now
        heartbeatAt = heartbeatAt.map { $0 - step }
        catchUpFrom = catchUpFrom.map { $0 - step }
        registration.stepBack(by: step)
        // That may have put it right.
        standstill?.askAt = now
        for name in work.keys.sorted() {
            work[name]?.stepBack(by: step)
            touch(name)
        }
        for id in runs.keys {
            runs[id]?.stepBack(by: step)
            timers.set(.run(id), wakeAt(of: id))
        }
    }

    private mutating func advance(_ now: Instant) {
        hold.settle(at: now)
        if !isStopping {
            if standstill == nil { takeDue(now) } else { compareClocks(now) }
        }
        for timer in timers.takeDue(at: now) {
            switch timer {
            case .work(let name): touch(name)
            case .run(let id): wake(id, now)
            }
        }
        proceed(now)
        // Last, so that it names each run that this turn has begun.
        beat(now)
        if isStopping, !isDrained, hasNothingUnderWay {
            isDrained = true
            effects.append(.drained)
        }
    }

    private mutating func takeDue(_ now: Instant) {
        register(now)
        guard !hold.isOpen else { return }
        // What is left is due, so that the next turn follows at once.
        for _ in 0..<EngineLimits.startsPerTurn {
            dropStale()
            guard let planned = plan.min, planned.dueAt <= now else { break }
            plan.removeMin()
            consider(Int(planned.job), now)
        }
        dropStale()
    }

    /// Looks at the work of all jobs that changed, and gives slots to those whose turn it is, until nothing changes.
    private mutating func proceed(_ now: Instant) {
        repeat {
            // What is touched meanwhile comes last.
            var index = 0
            while index < touched.count {
                let name = touched[index]
                index += 1
                work[name]?.isTouched = false
                if !isStopping { startBacklog(name, now) }
                pump(name, now)
                forget(name)
                timers.set(.work(name), work[name]?.wakeAt(isStopping: isStopping))
            }
            touched = []
            grantSlots(now)
        } while !touched.isEmpty
    }

    /// Notes that the work of a job has changed, or may go on.
    mutating func touch(_ name: JobName) {
        guard work[name]?.isTouched == false else { return }
        work[name]?.isTouched = true
        touched.append(name)
    }

    /// The first start that is planned is what its job's state says.
    private mutating func dropStale() {
        while let planned = plan.min, states[Int(planned.job)].next?.dueAt != planned.dueAt {
            plan.removeMin()
        }
    }

    private mutating func beat(_ now: Instant) {
        if !runs.isEmpty { beatWithin(settings.heartbeat, now) }
        guard hasLoaded, heartbeatAt.map({ $0 <= now }) ?? true else { return }
        let owned = runs.values.compactMap(\.owned).sorted { $0.id < $1.id }
        heartbeatAt = now + (owned.isEmpty && liveRuns == 0 ? settings.quietHeartbeat : settings.heartbeat)
        if !owned.isEmpty { effects.append(.renew(owned)) }
        if !isStopping { effects.append(.takeOver(except: lost.union(runs.keys).sorted())) }
    }

    /// Brings the next heartbeat forward.
    private mutating func beatWithin(_ limit: Duration, _ now: Instant) {
        heartbeatAt = heartbeatAt.map { min($0, now + limit) }
    }

    // MARK: Stopping

    private mutating func stop(_ now: Instant) {
        guard !isStopping else { return }
        isStopping = true
        // What has not been claimed is not decided, nor is what comes after it: the next start finds it by the
        // watermark.
        for name in work.keys.sorted() {
            work[name]?.decisions.withdraw()
            work[name]?.backlog = []
            line.leave(.occurrence(name))
            touch(name)
        }
        for id in runs.keys.sorted() {
            line.leave(.attempt(id))
            runs[id]?.stop(at: now)
            timers.set(.run(id), wakeAt(of: id))
        }
    }

    /// Whether everything that was begun has been ended or recorded; in a hurry, what the store refused is left to the
    /// next start.
    private var hasNothingUnderWay: Bool {
        !runs.values.contains { $0.isUnderWay && !(isHurried && $0.wakeAt != nil) }
            && work.values.allSatisfy { isHurried ? !$0.decisions.isRecording : $0.decisions.isEmpty }
    }
}
