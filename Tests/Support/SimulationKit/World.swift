import CivilTime
import JobCatalog
import RandomInput
import RunEngine
import RunModel

/// Hosts, a store and an API in one thread and one virtual time. What happens, and when, follows from the seed.
package struct World {
    enum Action {
        case wake(host: Int, life: Int, serial: Int)
        case deliver(Event, host: Int, life: Int)
        /// The store does what a host asked for; the answer comes later, or an error in its place.
        case commit(Effect, host: Int, life: Int)
        case exchanged(Exchange, request: Int)
        case boot(host: Int)
        case trouble
        case storeReturns
    }

    struct Host {
        var scheduler: Scheduler?
        /// Counts the starts, so that what was meant for an earlier life is dropped.
        var life = 0
        /// What its wall clock is ahead.
        var ahead: Duration = .zero
        var wakeSerial = 0
        /// The latest that its wall clock has shown in this life.
        var latestSeen = Instant.earliest
        var stopAskedAt: Instant?
    }

    struct Request {
        var run: RunID
        var job: JobName
        var owned: OwnedRun?
        var host: Int
    }

    package let plan: SimulationPlan
    /// What was seen that must not be, in words.
    package internal(set) var violations: [String] = []
    /// Requests that were sent.
    package internal(set) var requestCount = 0
    /// Events that the hosts took.
    package private(set) var eventCount = 0

    var random: SeededRandom
    var now = SimulationPlan.start
    var hosts: [Host]
    var store = SimulatedStore(now: SimulationPlan.start)
    var isStoreDown = false
    var isCalm = false
    /// Requests under way, by their number.
    var requests: [Int: Request] = [:]
    var sent: Set<String> = []
    private var agenda = Agenda()
    private var serial = 0

    /// The most events of a world: more means that a host spins.
    private static let eventsMax = 200_000
    /// How long stopping may take: the hurry comes after 30 s, and a request ends within seconds of it.
    private static let stopMax: Duration = .seconds(60)

    package init(plan: SimulationPlan) {
        self.plan = plan
        random = SeededRandom(seed: plan.seed &* 7919)
        hosts = Array(repeating: Host(), count: plan.hosts)
    }

    /// Lets the world go its way, and looks at what is left.
    package mutating func run() {
        for host in hosts.indices { boot(host) }
        schedule(.trouble, in: .seconds(random.number(1...30)))
        live(until: SimulationPlan.start + plan.trouble)
        calmDown()
        live(until: now + SimulationPlan.calm)
        checkEnd()
    }

    private mutating func live(until end: Instant) {
        while let (at, action) = agenda.next(until: end) {
            now = at
            store.now = at
            perform(action)
            guard violations.count < 5 else { return }
            guard eventCount < Self.eventsMax else { return violations.append("a host spins") }
        }
        now = end
        store.now = end
    }

    func wall(_ host: Int) -> Instant { now + hosts[host].ahead }

    mutating func schedule(_ action: Action, in delay: Duration) {
        agenda.add(action, at: now + delay)
    }

    private mutating func perform(_ action: Action) {
        switch action {
        case .wake(let host, let life, let serial):
            if hosts[host].life == life, hosts[host].wakeSerial == serial { take(.woke, host) }
        case .deliver(let event, let host, let life):
            if hosts[host].life == life { take(event, host) }
        case .commit(let effect, let host, let life):
            commit(effect, host, life)
        case .exchanged(let exchange, let number):
            // Not there any more: it was cancelled, or its host is gone.
            guard let request = requests.removeValue(forKey: number) else { return }
            take(.run(request.run, .exchanged(exchange)), request.host)
        case .boot(let host): boot(host)
        case .trouble: if !isCalm { makeTrouble() }
        case .storeReturns: isStoreDown = false
        }
    }

    // MARK: Hosts

    private func hostID(_ host: Int) -> HostID { HostID("host-\(host)/daemon") }

    mutating func boot(_ host: Int) {
        guard hosts[host].scheduler == nil else { return }
        guard !isStoreDown else { return schedule(.boot(host: host), in: .seconds(2)) }
        let catalog = random.pick(plan.catalogs)
        hosts[host].scheduler = Scheduler(host: hostID(host))
        hosts[host].latestSeen = .earliest
        hosts[host].stopAskedAt = nil
        let watermarks = store.register(catalog.jobs.map(\.name), now: wall(host))
        let abandoned = store.takeOver(
            host: hostID(host), hostRestarted: true, lease: EngineLimits.lease, limit: 1000)
        take(.loaded(catalog, watermarks: watermarks, abandoned: abandoned), host)
    }

    /// Ends a host at once: its requests are cut off, and what it had asked the store for may still happen.
    mutating func crash(_ host: Int) {
        guard hosts[host].scheduler != nil else { return }
        hosts[host].scheduler = nil
        hosts[host].life += 1
        requests = requests.filter { $0.value.host != host }
    }

    mutating func take(_ event: Event, _ host: Int) {
        guard var scheduler = hosts[host].scheduler else { return }
        eventCount += 1
        hosts[host].latestSeen = max(hosts[host].latestSeen, wall(host))
        let effects = scheduler.handle(event, at: wall(host))
        hosts[host].scheduler = scheduler
        check(scheduler, effects, host)
        for effect in effects { perform(effect, host) }
        guard hosts[host].scheduler != nil else { return }
        if let asked = hosts[host].stopAskedAt, now - asked > Self.stopMax, !isStoreDown {
            violations.append("host \(host) has not stopped within \(Self.stopMax)")
        }
        let wakeAt = scheduler.wakeAt ?? wall(host) + .seconds(60)
        serial += 1
        hosts[host].wakeSerial = serial
        // A loop that asks for the past is woken at once, which the bound on events finds.
        schedule(
            .wake(host: host, life: hosts[host].life, serial: serial),
            in: min(max(wakeAt - wall(host), .microseconds(1)), .seconds(60)))
    }

    private mutating func perform(_ effect: Effect, _ host: Int) {
        let life = hosts[host].life
        switch effect {
        case .run(let id, let job, .send(let attempt)): send(id, job, attempt, host)
        case .cancel(let id):
            guard let found = requests.first(where: { $0.value.run == id && $0.value.host == host }) else {
                return
            }
            requests[found.key] = nil
            let exchange = Exchange(
                result: .cancelled(requestMayHaveBeenSent: random.oneIn(2)), elapsed: .zero)
            begin(found.value, exchange, endsIn: latency(until: .milliseconds(50)))
        case .run, .record, .renew, .takeOver:
            schedule(.commit(effect, host: host, life: life), in: latency(until: .milliseconds(20)))
        case .ended: break
        case .drained:
            crash(host)
            schedule(.boot(host: host), in: .seconds(random.number(1...100)))
        }
    }

    private mutating func send(_ id: RunID, _ job: Job, _ attempt: Int, _ host: Int) {
        checkRequest(id, job, attempt, host)
        requestCount += 1
        let owned = hosts[host].scheduler?.runs[id]?.owned
        let longest = random.oneIn(8) ? 40_000 : 500
        begin(
            Request(run: id, job: job.name, owned: owned, host: host), randomExchange(),
            endsIn: latency(until: .milliseconds(longest)))
    }

    private mutating func begin(_ request: Request, _ exchange: Exchange, endsIn delay: Duration) {
        serial += 1
        requests[serial] = request
        schedule(.exchanged(exchange, request: serial), in: delay)
    }

    private mutating func randomExchange() -> Exchange {
        let result: Exchange.Result =
            switch random.number(0...9) {
            case 0: .answered(HTTPAnswer(status: random.pick([500, 503, 401, 302])))
            case 1: .answered(HTTPAnswer(status: 429, retryAfter: "\(random.number(0...60))"))
            case 2: .notSent(.connect, "refused")
            case 3: random.oneIn(2) ? .broken(.connection, "reset") : .timedOut("no answer")
            default: .answered(HTTPAnswer(status: 200))
            }
        return Exchange(result: result, elapsed: .zero)
    }

    mutating func latency(until longest: Duration) -> Duration {
        .microseconds(Int64(random.number(1...Int(longest.wholeMicroseconds))))
    }
}

/// What will happen, in the order of time; of things at the same time, first what was planned first.
struct Agenda {
    private var heap: [(at: Instant, serial: Int, action: World.Action)] = []
    private var serial = 0

    mutating func add(_ action: World.Action, at: Instant) {
        serial += 1
        heap.append((at, serial, action))
        var child = heap.count - 1
        while child > 0, isBefore(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func next(until end: Instant) -> (Instant, World.Action)? {
        guard let first = heap.first, first.at <= end, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return (first.at, first.action) }
        heap[0] = last
        var parent = 0
        while true {
            let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < heap.count }
            guard let least = children.min(by: { isBefore($0, $1) }), isBefore(least, parent) else { break }
            heap.swapAt(parent, least)
            parent = least
        }
        return (first.at, first.action)
    }

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (heap[left].at, heap[left].serial) < (heap[right].at, heap[right].serial)
    }
}
