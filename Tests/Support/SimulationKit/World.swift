import CivilTime
import JobCatalog
import RandomInput
import Records
import RunEngine
import RunModel
import RunStoreConformance

/// Hosts, a store and an API in one thread and one virtual time. What happens, and when, follows from the seed.
package struct World {
    indirect enum Action {
        case wake(host: Int, life: Int, serial: Int)
        case deliver(Word, to: Asker)
        /// A question of a daemon reaches the store; the answer comes later, or an error in its place.
        case ask(Int, StoreQuestion, by: Asker)
        /// A write of a daemon reaches its journal.
        case append(Int, StoreWrite, by: Asker)
        /// The store or the disk does a step of a recovery.
        case step(OutageEffect, by: Asker)
        /// A write of a run by hand reaches the store.
        case commit(StoreWrite, by: RunID)
        case exchanged(Exchange, request: Int)
        case start(host: Int)
        /// A host asks again for a catalog that it was to forget.
        case registerAgain(Catalog, Int, host: Int, life: Int)
        /// The time has come that a command waited for.
        case remind(command: RunID)
        case renew(command: RunID)
        case trouble
        case storeLeaves(for: Duration)
        case dies(host: Int)
        case storeReturns
        case failOver
        case promoted
        case storeSlows
        case storeQuickens
        case spaceReturns(host: Int)
        /// Until now a host had trouble of its own.
        case troubled(host: Int)
        case apiReturns
        case resume(PauseScope)
        case mendClock(host: Int)
        case awake(host: Int)
    }

    /// What reaches somebody.
    enum Word {
        case event(Event)
        /// What became of a call that asked this; `isNew`: over a connection that was made anew.
        case call(Int, StoreQuestion, OutageEvent, isNew: Bool)
        /// A call that was held back may be made.
        case again(Int)
        /// The answer to a step of the recovery.
        case recovery(OutageEvent)
        /// It is time to ask the store again.
        case recover
    }

    /// The way of a host to the store.
    struct Line {
        /// The server that its connection leads to; nil when there is none.
        var connection: Int?
        /// The server that it writes to, once it has met one.
        var met: Int?
        /// Until then its network is broken.
        var cutUntil = Instant.earliest
        /// When it had trouble last that was not that of all.
        var troubledAt = Instant.earliest
    }

    struct Host {
        /// What its daemon says to the store; nil while none runs.
        var machine: OutageMachine?
        /// nil until the daemon has loaded its first catalog.
        var scheduler: Scheduler?
        var disk = Disk()
        var line = Line()
        /// What it asked and has no answer to.
        var calls: [Int: Call] = [:]
        /// The calls that wait until other hosts have had their say.
        var heldBack: [Int] = []
        var isRecovering = false
        /// The step of its recovery that was begun last.
        var step: OutageEffect?
        /// Whether what an earlier daemon left has been delivered.
        var hasLaunched = false
        /// The catalog that it asked the store to register last.
        var wanted: Catalog?
        /// When it said last that it is there.
        var beatAt = Instant.earliest
        /// When it learned last who shares the store.
        var lookedAt = Instant.earliest
        /// Counts the starts, so that what was meant for an earlier life is dropped.
        var life = 0
        var clock = SimulatedClock()
        /// The number of its last wake-up; others are stale.
        var wakeSerial = 0
        /// Whether it sleeps past its heartbeats, since they would find nothing.
        var isDozing = false
        /// Asleep until then.
        var suspendedUntil = Instant.earliest
        /// What reached it while it was asleep.
        var missed: [Word] = []
        /// Gone for good.
        var hasLeft = false
        /// When the machine booted, in true time.
        var bootedAt = Instant.earliest
        /// Whether it has booted since a daemon last ran on it.
        var hasBooted = false
        /// What its daemon remembers of boots, in a file.
        var bootMemory: BootMemory?
        /// What the store knew of the jobs of reloads that are not in force yet, by their numbers.
        var registered: [Int: [JobName: RegisteredJob]] = [:]
        /// The number of the newest catalog that it has registered in this life.
        var registeredThrough = 0
        var memory = Memory()
    }

    struct Request {
        var run: RunID
        var attempt: Int
        var job: JobName
        var owned: OwnedRun?
        var by: Asker
    }

    package let plan: SimulationPlan
    /// What a scheduler or the store does wrong, if anything.
    let bug: PlantedBug?
    /// What was seen that must not be.
    package internal(set) var violations: [Violation] = []
    /// What happened.
    package internal(set) var tally = Tally()

    /// What happened, a line each; kept only when it was asked for, for a world has many.
    package private(set) var trace: [String] = []
    /// The promise of which it is enough to know that it is broken.
    var sought: Promise?
    private let isTraced: Bool

    var random: SeededRandom
    /// The true time.
    var now: Instant
    var hosts: [Host]
    var store: SimulatedStore
    /// Runs by hand that have not ended.
    var commands: [RunID: Command] = [:]
    /// What the store's clock is ahead.
    var storeAhead: Duration = .zero
    var isStoreDown = false
    /// Whether a store that is down neither answers nor fails for a while.
    var isStoreSilent = false
    var storeReturnsAt = Instant.earliest
    /// How long its answers take; zero: as long as usual.
    var storeSlowness: Duration = .zero
    /// Which server it is: connections to earlier ones are gone.
    var incarnation = 0
    /// What a server has that will take over.
    var backup: SimulatedStore?
    var isAPIDown = false
    var isCalm = false
    /// Requests under way, by their number.
    var requests: [Int: Request] = [:]
    /// What was seen of each occurrence.
    var sightings = Sightings()
    var agenda = Agenda<Action>()
    private var serial = 0

    package init(plan: SimulationPlan, bug: PlantedBug? = nil, isTraced: Bool = false) {
        self.plan = plan
        self.isTraced = isTraced
        self.bug = bug
        random = SeededRandom(seed: plan.seed &* 7919)
        now = plan.start
        hosts = Array(repeating: Host(), count: plan.hosts)
        store = SimulatedStore(now: plan.start, bug: bug)
        tally.worlds = 1
        tally.hosts = plan.hosts
    }

    /// Lets the world go its way, and looks at what is left.
    package mutating func run() {
        // However late a daemon comes so far, its jobs count from the beginning on.
        _ = write(
            .register(
                Self.registrations(Catalog(jobs: plan.stable.map(\.job), zoneData: "2026a")), by: hostID(0),
                now: plan.start), by: daemon(0))
        for host in hosts.indices {
            hosts[host].bootedAt = now - .seconds(30)
            start(host)
        }
        if !plan.faults.isEmpty { schedule(.trouble, in: .seconds(random.number(1...30))) }
        if let outage = plan.outage {
            schedule(.storeLeaves(for: outage.lasting), in: outage.after)
            if plan.isSlowAfter {
                schedule(.dies(host: 1), in: outage.after - .seconds(1))
                schedule(.storeSlows, in: outage.after + outage.lasting + .seconds(4))
            }
        }
        live(until: plan.end)
        calmDown()
        live(until: now + plan.calm)
        // Many occurrences may be made up for, one after the other.
        while violations.isEmpty, !isSettled, now < plan.end + plan.calmMax { live(until: now + plan.calm) }
        tally.time = now - plan.start
        if violations.isEmpty { checkEnd() }
    }

    private mutating func live(until end: Instant) {
        while let (at, action) = agenda.next(until: end) {
            now = at
            store.now = at + storeAhead
            perform(action)
            guard violations.count < 5, !violations.contains(where: { $0.promise == sought }) else { return }
            guard tally.events < plan.bounds.events else {
                return violate(.rests, "hosts have taken \(tally.events) events")
            }
        }
        now = end
        store.now = end + storeAhead
    }

    mutating func schedule(_ action: Action, in delay: Duration) {
        agenda.add(action, at: now + delay)
    }

    /// Adds a line to the trace.
    mutating func note(_ text: @autoclosure () -> String) {
        if isTraced { trace.append("\(now)  \(text())") }
    }

    /// What must not be.
    mutating func violate(_ promise: Promise, _ text: String) {
        violations.append(Violation(promise: promise, text: text))
        note("VIOLATION (\(promise.rawValue)): \(text)")
    }

    mutating func nextSerial() -> Int {
        serial += 1
        return serial
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .wake(let host, let life, let serial):
            if hosts[host].life == life, hosts[host].wakeSerial == serial { take(.woke, host) }
        case .deliver(let word, let asker): deliver(word, to: asker)
        case .ask(let call, let question, let asker): ask(call, question, by: asker)
        case .append(let call, let write, let asker): append(call, write, by: asker)
        case .step(let effect, let asker): step(effect, by: asker)
        case .commit(let write, let id): commit(write, by: id)
        case .exchanged(let exchange, let number):
            // Not there any more: it was cancelled, or its host is gone.
            guard let request = requests.removeValue(forKey: number) else { return }
            if case .notSent = exchange.result { sightings.notSent(request) }
            deliver(.event(.run(request.run, .exchanged(exchange))), to: request.by)
        case .start(let host): start(host)
        case .registerAgain(let catalog, let number, let host, let life):
            registerAgain(catalog, number, host, life: life)
        case .remind(let id): remind(id)
        case .renew(let id): renew(id)
        case .trouble: if !isCalm { makeTrouble() }
        case .dies(let host):
            crash(host)
            schedule(.start(host: host), in: .seconds(2))
        case .storeLeaves(let length): beginOutage(for: length)
        case .storeReturns: if now >= storeReturnsAt { endOutage() }
        case .failOver: failOver()
        case .promoted: promote()
        case .storeSlows:
            storeSlowness = .seconds(random.number(5...9))
            schedule(.storeQuickens, in: .seconds(400))
        case .storeQuickens: storeSlowness = .zero
        case .spaceReturns(let host): hosts[host].disk.isFull = false
        case .troubled(let host):
            hosts[host].line.troubledAt = max(hosts[host].line.troubledAt, now)
            if plan.faults.contains(.slow), random.oneIn(2) { slowDown() }
        case .apiReturns:
            isAPIDown = false
            note("the API is back")
        case .resume(let scope): _ = store.records.resume(scope)
        case .awake(let host): awake(host)
        case .mendClock(let host): setClock(of: host, ahead: .zero)
        }
    }

    mutating func deliver(_ word: Word, to asker: Asker) {
        switch asker {
        case .daemon(let host, let life): if hosts[host].life == life { hear(word, host) }
        case .command(let id): if case .event(.run(_, let event)) = word { take(event, of: id) }
        }
    }

    /// Something reaches a host, once it is awake.
    mutating func hear(_ word: Word, _ host: Int) {
        guard hosts[host].machine != nil else { return }
        guard hosts[host].suspendedUntil <= now else { return hosts[host].missed.append(word) }
        switch word {
        case .event(let event): take(event, host)
        case .call(let call, let question, let event, let isNew):
            hear(call, question, event, isNew: isNew, host)
        case .again(let call): callAgain(call, host)
        case .recovery(let event): recover(event, host)
        case .recover: recover(.woke, host)
        }
    }

    mutating func latency(until longest: Duration) -> Duration {
        .microseconds(Int64(random.number(1...Int(longest.wholeMicroseconds))))
    }
}
