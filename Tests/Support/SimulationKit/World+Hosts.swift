import CivilTime
import JobCatalog
import RandomInput
import Records
import RunEngine
import RunModel
import RunStoreConformance

/// What hosts do: start, die, take events and have their wishes performed.
extension World {
    func hostID(_ host: Int) -> HostID { HostID("host-\(host)/daemon") }

    /// What a host's clock shows.
    func wall(_ host: Int) -> Instant { hosts[host].clock.shows(at: now) }

    /// Ends a host at once: its requests are cut off, and what it had asked the store for may still happen.
    mutating func crash(_ host: Int) {
        guard hosts[host].machine != nil else { return }
        note("host \(host) dies")
        say(host, isStopping: false)
        hosts[host].machine = nil
        hosts[host].scheduler = nil
        hosts[host].life += 1
        hosts[host].isDozing = false
        hosts[host].missed = []
        hosts[host].calls = [:]
        hosts[host].heldBack = []
        if bug == .notOnDisk { hosts[host].disk.loseLast() }
        requests = requests.filter { request in
            if case .daemon(host, _) = request.value.by { false } else { true }
        }
        wakeDozing()
    }

    /// A host that is awake takes an event.
    mutating func take(_ event: Event, _ host: Int) {
        guard hosts[host].scheduler != nil else { return }
        guard hosts[host].suspendedUntil <= now else { return hosts[host].missed.append(.event(event)) }
        tally.events += 1
        let wall = wall(host)
        note("host \(host) at \(wall) takes \(event)")
        hosts[host].memory.take(event, at: wall)
        if case .registered(.success(let registered), let number) = event {
            inForce(registered.catalog, number, host)
        }
        let shown = bug == .startsEarly ? wall + .seconds(2) : wall
        guard let effects = hosts[host].scheduler?.handle(event, at: shown) else { return }
        check(effects, host)
        let life = hosts[host].life
        for effect in effects {
            perform(effect, host)
            if hosts[host].life == life, dies(host) {
                crash(host)
                schedule(.start(host: host), in: latency(until: plan.faultsWithin))
            }
            guard hosts[host].life == life else { return }
        }
        arm(host)
    }

    mutating func dies(_ host: Int) -> Bool {
        guard !isCalm else { return false }
        tally.effects += 1
        if let crashAfter = plan.crashAfter { return tally.effects == crashAfter }
        guard let crashOneIn = plan.crashOneIn, random.oneIn(crashOneIn) else { return false }
        tally.faults["crash in the middle", default: 0] += 1
        return true
    }

    // MARK: Sleep

    /// A host takes what reached it while it was asleep.
    mutating func awake(_ host: Int) {
        guard hosts[host].suspendedUntil <= now else { return }
        hosts[host].line.troubledAt = max(hosts[host].line.troubledAt, now)
        let (missed, life) = (hosts[host].missed, hosts[host].life)
        hosts[host].missed = []
        for word in missed + [.event(.woke)] where hosts[host].life == life { hear(word, host) }
    }

    /// Sets the timer of a host.
    mutating func arm(_ host: Int) {
        guard let scheduler = hosts[host].scheduler else { return }
        let serial = nextSerial()
        hosts[host].wakeSerial = serial
        // Heartbeats that find nothing change nothing; worlds of days and years leave them out.
        hosts[host].isDozing =
            store.open.isEmpty && scheduler.runs.isEmpty && scheduler.work.isEmpty
            && scheduler.reloadPendingSince == nil && !isStoreDown && hosts[host].line.cutUntil <= now
            && hosts[host].machine?.state == .direct
        let wakeAt = hosts[host].isDozing ? scheduler.nextDue?.at : scheduler.wakeAt
        guard let wakeAt else { return }
        // A loop that asks for the past is woken at once, which the bound on events finds.
        let wait = max(hosts[host].clock.wait(for: wakeAt, at: now), .microseconds(1))
        schedule(.wake(host: host, life: hosts[host].life, serial: serial), in: wait)
    }

    /// Lets hosts that left out heartbeats have them again, since there is something to find.
    mutating func wakeDozing() {
        guard !store.open.isEmpty else { return }
        for host in hosts.indices where hosts[host].isDozing { arm(host) }
    }

    // MARK: Effects

    private mutating func perform(_ effect: Effect, _ host: Int) {
        note("host \(host) wants \(effect)")
        let asker = Asker.daemon(host: host, life: hosts[host].life)
        switch effect {
        case .run(let id, let job, .send(let attempt)):
            checkRequest(id, job, attempt, host)
            send(id, job.name, attempt, hosts[host].scheduler?.runs[id]?.owned, by: asker)
        case .cancel(let id): cancel(id, by: asker)
        case .run(let id, _, .write(let write)):
            call(.write(write), for: .effect(effect), host)
            if bug == .sentBeforeRecorded, case .startAttempt = write {
                take(.run(id, .written(.success(.owner(true)))), host)
            }
        case .record(_, let rows): call(.write(.record(rows)), for: .effect(effect), host)
        case .renew(let owned): call(.renew(owned), for: .effect(effect), host)
        case .takeOver: takeOver(effect, host)
        case .register(let catalog, let number, _): register(catalog, number, effect, host)
        case .ended, .inForce, .lost, .compareClocks: break
        case .drained:
            say(host, isStopping: true)
            crash(host)
            schedule(.start(host: host), in: latency(until: plan.faultsWithin))
        }
    }

    /// A host looks for abandoned runs, one question at a time.
    private mutating func takeOver(_ effect: Effect, _ host: Int) {
        let isAsking = hosts[host].calls.values.contains { call in
            if case .effect(.takeOver) = call.purpose { true } else { false }
        }
        if !isAsking { call(.takeOver(hostRestarted: false), for: .effect(effect), host) }
    }

    // MARK: Requests

    mutating func send(
        _ id: RunID, _ job: JobName, _ attempt: Int, _ owned: OwnedRun?, by asker: Asker
    ) {
        tally.requests += 1
        if let due = store.rows[id]?.record.scheduledFor, now < due - .seconds(60) { tally.sentAhead += 1 }
        let longest = random.oneIn(8) ? 40_000 : 500
        begin(
            Request(run: id, attempt: attempt, job: job, owned: owned, by: asker), randomExchange(),
            endsIn: latency(until: .milliseconds(longest)))
    }

    private mutating func cancel(_ id: RunID, by asker: Asker) {
        // Requests of one run are few, and of one host at most one is under way.
        guard let found = requests.first(where: { $0.value.run == id && $0.value.by == asker }) else {
            return
        }
        requests[found.key] = nil
        // An answer may have been on its way already.
        let exchange =
            random.oneIn(4)
            ? randomExchange()
            : Exchange(result: .cancelled(requestMayHaveBeenSent: random.oneIn(2)), elapsed: .zero)
        begin(found.value, exchange, endsIn: latency(until: .milliseconds(50)))
    }

    private mutating func begin(_ request: Request, _ exchange: Exchange, endsIn delay: Duration) {
        let serial = nextSerial()
        requests[serial] = request
        schedule(.exchanged(exchange, request: serial), in: delay)
    }

    private mutating func randomExchange() -> Exchange {
        let result: Exchange.Result =
            switch isAPIDown ? random.number(0...2) : random.number(0...9) {
            case 0: .answered(HTTPAnswer(status: random.pick([500, 503, 401, 302])))
            case 1: .answered(HTTPAnswer(status: 429, retryAfter: "\(random.number(0...60))"))
            case 2: .notSent(.connect, "refused")
            case 3: random.oneIn(2) ? .broken(.connection, "reset") : .timedOut("no answer")
            default: .answered(HTTPAnswer(status: 200))
            }
        return Exchange(result: result, elapsed: .zero)
    }
}
