import CivilTime
import JobCatalog
import RandomInput
import Records
import RunEngine
import RunModel
import RunStoreConformance

/// What goes wrong, and how it is put right at the end.
extension World {
    /// One fault, and the next one later.
    mutating func makeTrouble() {
        // Every other time where it hurts.
        let busy = hosts.indices.filter { hosts[$0].scheduler?.runs.isEmpty == false }
        let host = random.pick(busy.isEmpty || random.oneIn(2) ? Array(hosts.indices) : busy)
        // A host that sleeps over its lease is what ownership is for.
        let isCaught = plan.faults.contains(.suspend) && busy.contains(host) && random.oneIn(2)
        let fault = isCaught ? .suspend : random.pick(plan.faults)
        tally.faults[fault.rawValue, default: 0] += 1
        note("fault: \(fault.rawValue), host \(host)")
        switch fault {
        case .crash:
            crash(host)
            schedule(.start(host: host), in: lasting())
        case .boot:
            bootMachine(host)
            schedule(.start(host: host), in: lasting())
        case .leave:
            // One stays, so that there is somebody to take over.
            guard hosts.count(where: { !$0.hasLeft }) > 1 else { break }
            crash(host)
            hosts[host].hasLeft = true
        case .stop: stop(host)
        case .suspend:
            // Every other time for little longer than a lease, so that a run has not come too late when it ends.
            let length =
                random.oneIn(2) ? lasting() : EngineLimits.lease + .seconds(random.number(1...30))
            seeAll()
            hosts[host].suspendedUntil = now + length
            schedule(.awake(host: host), in: hosts[host].suspendedUntil - now)
        case .reload: reload(host)
        case .pause: pause()
        case .runByHand: runByHand()
        case .prune: prune()
        case .outage: beginOutage(for: lasting())
        case .cut: cut(host, for: lasting())
        case .slow: slowDown()
        case .disk:
            hosts[host].disk.isFull = true
            schedule(.spaceReturns(host: host), in: lasting())
        case .rewind: beginRewind()
        case .clock:
            setClock(of: host, ahead: random.pick(plan.clockErrors))
            if plan.mendsClocks || random.oneIn(3) { schedule(.mendClock(host: host), in: lasting()) }
        case .drift:
            hosts[host].clock.drift(random.pick(plan.drifts), at: now)
            take(.woke, host)
        case .storeClock:
            // Every other time so far that leases run out.
            let before = storeAhead
            storeAhead = .seconds(random.oneIn(2) ? random.number(-30...30) : random.number(60...120))
            if storeAhead > before { sightings.leasesCut.formUnion(store.open) }
        case .api:
            isAPIDown = true
            schedule(.apiReturns, in: lasting())
        }
        schedule(.trouble, in: untilNextFault())
    }

    private mutating func lasting() -> Duration {
        .seconds(random.number(1...Int(plan.faultsWithin.components.seconds)))
    }

    /// A random while; in a world of days every other time until shortly before or after something is due.
    private mutating func untilNextFault() -> Duration {
        let wait = Duration.seconds(random.number(1...Int(plan.faultsApart.components.seconds)))
        let next = hosts.indices.compactMap { hosts[$0].scheduler?.nextDue?.at }.min()
        guard let due = next, random.oneIn(2) else { return wait }
        return max(.milliseconds(1), due - now + .milliseconds(random.number(-2000...2000)))
    }

    mutating func stop(_ host: Int) {
        // A host that is asleep hears nothing.
        guard hosts[host].scheduler != nil, hosts[host].memory.stopAskedAt == nil,
            hosts[host].suspendedUntil <= now
        else { return }
        hosts[host].memory.stopAskedAt = now
        let daemon = Asker.daemon(host: host, life: hosts[host].life)
        schedule(.deliver(.event(.hurry), to: daemon), in: .seconds(30))
        guard bug != .startsAfterStop else {
            return schedule(.deliver(.event(.stop), to: daemon), in: .seconds(20))
        }
        take(.stop, host)
    }

    /// Somebody holds back a job or all, until it ends by itself or somebody ends it.
    private mutating func pause() {
        let job = random.pick(plan.stable).job
        let scope = random.oneIn(2) ? PauseScope.all : .job(job.name)
        let length = lasting()
        let until = random.oneIn(2) ? store.now + length : nil
        store.records.pause(Pause(scope: scope, at: store.now, until: until, by: "somebody"))
        if until == nil { schedule(.resume(scope), in: length) }
        if random.oneIn(2) { runByHand(job) }
    }

    /// What ended some time ago is deleted.
    private mutating func prune() {
        // Rows stay for a day at least, which is longer than anybody has something to say of one; here all is short.
        var unsaid = Set(hosts.flatMap { $0.disk.journal.flatMap(Disk.runs) })
        for host in hosts { unsaid.formUnion(host.scheduler?.runs.keys.map(\.self) ?? []) }
        let old = store.prune(olderThan: random.oneIn(2) ? .zero : lasting(), except: unsaid)
        for row in old where row.state != .finished {
            violate(.livePruned, "run \(row.id) of \(row.job) is pruned while it is \(row.state.rawValue)")
        }
        for host in hosts.indices { hosts[host].disk.forget(Set(old.map(\.id))) }
    }

    mutating func setClock(of host: Int, ahead: Duration) {
        let before = wall(host)
        hosts[host].clock.set(ahead: ahead, at: now)
        noteClock(host)
        if bug == .backwardStepRepeats, wall(host) < before, let scheduler = hosts[host].scheduler {
            planAnew(host, scheduler)
        }
        take(.woke, host)
    }

    /// What a host does that forgets what it did, when its clock is set back.
    private mutating func planAnew(_ host: Int, _ scheduler: Scheduler) {
        let (memory, machine) = (hosts[host].memory, hosts[host].machine)
        crash(host)
        hosts[host].memory = memory
        hosts[host].machine = machine
        hosts[host].isRecovering = false
        hosts[host].scheduler = Scheduler(host: scheduler.host, settings: plan.settings)
        let marks = scheduler.catalog.jobs.map { ($0.name, wall(host)) }
        take(
            .loaded(
                RegisteredCatalog(scheduler.catalog, watermarks: Dictionary(uniqueKeysWithValues: marks))),
            host)
    }

    /// The end of all faults: the clocks are right, the store and the API answer, and every host runs that has not left.
    mutating func calmDown() {
        note("all is put right")
        isCalm = true
        isStoreDown = false
        storeSlowness = .zero
        backup = nil
        isAPIDown = false
        storeAhead = .zero
        store.records.kept = [:]
        store.now = now
        for host in hosts.indices {
            hosts[host].suspendedUntil = now
            hosts[host].line.cutUntil = now
            hosts[host].line.troubledAt = max(hosts[host].line.troubledAt, now)
            hosts[host].disk.isFull = false
            hosts[host].clock = SimulatedClock()
            awake(host)
            if hosts[host].memory.stopAskedAt == nil { start(host) }
        }
    }
}
