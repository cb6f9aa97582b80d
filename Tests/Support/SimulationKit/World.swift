import CivilTime
import JobCatalog
import RandomInput
import Records
import RunEngine
import RunModel

/// Hosts, a store and an API in one thread and one virtual time. What happens, and when, follows from the seed.
package struct World {
    indirect enum Action {
        case wake(host: Int, life: Int, serial: Int)
        case deliver(Event, to: Asker)
        /// The store does what somebody asked for; the answer comes later, or an error in its place.
        case commit(Effect, by: Asker)
        case exchanged(Exchange, request: Int)
        case start(host: Int)
        /// A host asks again for a catalog that it was to forget.
        case registerAgain(Catalog, Int, host: Int, life: Int)
        /// The time has come that a command waited for.
        case remind(command: RunID)
        case renew(command: RunID)
        case trouble
        case storeReturns
        case apiReturns
        case resume(PauseScope)
        case mendClock(host: Int)
        case awake(host: Int)
    }

    struct Host {
        var scheduler: Scheduler?
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
        var missed: [Event] = []
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
        for host in hosts.indices {
            hosts[host].bootedAt = now - .seconds(30)
            start(host)
        }
        if !plan.faults.isEmpty { schedule(.trouble, in: .seconds(random.number(1...30))) }
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
            guard violations.count < 5 else { return }
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
        case .deliver(let event, let asker): deliver(event, to: asker)
        case .commit(let effect, let asker): commit(effect, by: asker)
        case .exchanged(let exchange, let number):
            // Not there any more: it was cancelled, or its host is gone.
            guard let request = requests.removeValue(forKey: number) else { return }
            if case .notSent = exchange.result { sightings.notSent(request) }
            deliver(.run(request.run, .exchanged(exchange)), to: request.by)
        case .start(let host): start(host)
        case .registerAgain(let catalog, let number, let host, let life):
            registerAgain(catalog, number, host, life: life)
        case .remind(let id): remind(id)
        case .renew(let id): renew(id)
        case .trouble: if !isCalm { makeTrouble() }
        case .storeReturns:
            isStoreDown = false
            note("the store is back")
        case .apiReturns:
            isAPIDown = false
            note("the API is back")
        case .resume(let scope): store.pauses[scope] = nil
        case .awake(let host): awake(host)
        case .mendClock(let host): setClock(of: host, ahead: .zero)
        }
    }

    mutating func deliver(_ event: Event, to asker: Asker) {
        switch asker {
        case .daemon(let host, let life): if hosts[host].life == life { take(event, host) }
        case .command(let id): if case .run(_, let event) = event { take(event, of: id) }
        }
    }

    mutating func latency(until longest: Duration) -> Duration {
        .microseconds(Int64(random.number(1...Int(longest.wholeMicroseconds))))
    }
}
