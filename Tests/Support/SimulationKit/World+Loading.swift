import CivilTime
import JobCatalog
import RandomInput
import Records
import RunEngine
import RunModel
import RunStoreConformance
import Scheduling

/// How daemons start, and read their files again.
extension World {
    /// The daemon of a host starts: first it delivers what an earlier one left.
    mutating func start(_ host: Int) {
        guard hosts[host].machine == nil, !hosts[host].hasLeft else { return }
        guard !isStoreDown else { return schedule(.start(host: host), in: .seconds(2)) }
        let awakeAt = hosts[host].suspendedUntil
        guard awakeAt <= now else { return schedule(.start(host: host), in: awakeAt - now) }
        tally.starts += 1
        note("host \(host) starts")
        hosts[host].machine = OutageMachine(
            host: hostID(host), policy: plan.outagePolicy, lease: EngineLimits.lease)
        hosts[host].memory = Memory()
        hosts[host].isRecovering = true
        hosts[host].hasLaunched = false
        hosts[host].wanted = nil
        hosts[host].line.connection = incarnation
        hosts[host].line.met = nil
        hosts[host].beatAt = .earliest
        recover(.began(hosts[host].disk.backlog), host)
    }

    /// A daemon that owes the store nothing makes its jobs known.
    mutating func launch(_ host: Int) {
        hosts[host].hasLaunched = true
        hosts[host].registeredThrough = 0
        let catalog = random.pick(plan.catalogs)
        noteRegistering(catalog, 0, host)
        call(
            .write(.register(Self.registrations(catalog), by: hostID(host), now: wall(host))),
            for: .launch(catalog), host)
    }

    /// A daemon begins with a catalog that the store knows, and with what an earlier one left behind.
    mutating func load(
        _ written: Catalog, _ known: [JobName: RegisteredJob], _ abandoned: [AbandonedRun], _ host: Int
    ) {
        let catalog = given(written, known, host)
        hosts[host].scheduler = Scheduler(host: hostID(host), settings: plan.settings)
        hosts[host].line.troubledAt = now
        let standing = Standing(catalog, known: known, now: wall(host))
        var watermarks = standing.watermarks
        if bug == .nextFromNow { watermarks = watermarks.mapValues { _ in wall(host) } }
        if bug == .changeRetroactive { watermarks = known.mapValues(\.watermark) }
        hosts[host].memory.load(catalog, at: wall(host)) { job in
            (known[job]?.inForceSince ?? .earliest) - .microseconds(1)
        }
        say(host, isStopping: false)
        take(
            .loaded(
                RegisteredCatalog(
                    catalog, watermarks: watermarks, countsFrom: standing.countsFrom,
                    abandoned: given(abandoned))), host)
    }

    /// A daemon reads its files again: another catalog is to come into force.
    mutating func reload(_ host: Int) {
        guard hosts[host].scheduler != nil, hosts[host].suspendedUntil <= now else { return }
        take(.reload(random.pick(plan.catalogs), number: nextSerial()), host)
    }

    /// A daemon makes the catalog of a reload known.
    mutating func register(_ catalog: Catalog, _ number: Int, _ effect: Effect, _ host: Int) {
        noteRegistering(catalog, number, host)
        call(
            .write(.register(Self.registrations(catalog), by: hostID(host), now: wall(host))),
            for: .effect(effect), host)
    }

    /// What the scheduler hears of the catalog of a reload.
    mutating func registered(
        _ catalog: Catalog, _ number: Int, _ result: Result<StoreReply?, StoreError>, _ host: Int
    ) -> Event {
        switch result {
        case .success(.write(.registered(let known))?):
            hosts[host].registered[number] = known
            return .registered(
                .success(
                    RegisteredCatalog(
                        given(catalog, known, host), watermarks: known.mapValues(\.watermark))),
                number: number)
        case .success: preconditionFailure("no answer to a registration")
        case .failure(let error):
            rememberSuperseded(catalog, number, host)
            return .registered(.failure(error), number: number)
        }
    }

    /// What a host does that keeps asking for a catalog although a newer one has come.
    private mutating func rememberSuperseded(_ catalog: Catalog, _ number: Int, _ host: Int) {
        guard bug == .supersededRegistered else { return }
        schedule(.registerAgain(catalog, number, host: host, life: hosts[host].life), in: .seconds(60))
    }

    mutating func registerAgain(_ catalog: Catalog, _ number: Int, _ host: Int, life: Int) {
        guard hosts[host].life == life, !isStoreDown else { return }
        noteRegistering(catalog, number, host)
        _ = write(
            .register(Self.registrations(catalog), by: hostID(host), now: wall(host)), by: daemon(host))
    }

    /// Notes that the catalog of a reload is in force on a host from now on.
    mutating func inForce(_ catalog: Catalog, _ number: Int, _ host: Int) {
        let known = hosts[host].registered.removeValue(forKey: number) ?? [:]
        let wall = wall(host)
        hosts[host].memory.load(catalog, at: wall) { job in
            // Just before what a trigger waits for that fires when its definition comes in force. After a clock was set back
            // the store counts it from after the definition before it, and the host from its own time.
            catalog[job]?.schedule?.events.isEmpty == false
                ? min(known[job]?.inForceSince ?? wall, wall) - .microseconds(1) : wall
        }
    }

    private mutating func noteRegistering(_ catalog: Catalog, _ number: Int, _ host: Int) {
        if number < hosts[host].registeredThrough {
            violate(.forceKnown, "host \(host) registers a catalog that a newer one has superseded")
        }
        hosts[host].registeredThrough = max(number, hosts[host].registeredThrough)
        hosts[host].wanted = catalog
    }

    /// The catalog as a host is given it: with the events that it waits for, and with a bug not as it is written.
    private mutating func given(
        _ written: Catalog, _ known: [JobName: RegisteredJob], _ host: Int
    ) -> Catalog {
        guard var memory = hosts[host].bootMemory else { preconditionFailure("a host that did not start") }
        let catalog = written.withEventTimes { memory.eventTimes(of: $0, known[$0]) }
        hosts[host].bootMemory = memory
        guard let bug else { return catalog }
        let kept = catalog.jobs.filter { bug != .overLeftOut || !$0.isOver(at: wall(host)) }
        let jobs = kept.map { job in
            var job = bug.altered(job, life: hosts[host].life, start: plan.start)
            if bug == .loadTakenForRegistration { job.schedule?.eventTimes.registration = wall(host) }
            return job
        }
        return Catalog(jobs: jobs, zoneData: catalog.zoneData)
    }

    /// The jobs of a catalog as the store knows them.
    static func registrations(_ catalog: Catalog) -> [JobRegistration] {
        catalog.jobs.map {
            JobRegistration(
                job: $0.name, configHash: catalog.configHash(of: $0), zoneData: catalog.zoneData)
        }
    }

    // MARK: Boots

    /// The machine of a host boots, which ends what runs on it. No machine boots twice within a minute.
    mutating func bootMachine(_ host: Int) {
        guard now > hosts[host].bootedAt + EngineLimits.bootTolerance else { return }
        crash(host)
        hosts[host].bootedAt = now
        hosts[host].hasBooted = true
        hosts[host].suspendedUntil = now
    }

    /// A daemon that starts finds out whether the machine has booted; the world knows it.
    mutating func lookForBoot(_ host: Int) {
        let wall = wall(host)
        let uptime = now - hosts[host].bootedAt
        if hosts[host].hasBooted, hosts[host].bootMemory != nil {
            forgetUndecidedBoot()
            sightings.boots.append(uptime <= EngineLimits.bootGrace ? wall : wall - uptime)
        }
        hosts[host].hasBooted = false
        hosts[host].bootMemory = BootMemory(after: hosts[host].bootMemory, now: wall, uptime: uptime)
        if bug == .startTakenForBoot { hosts[host].bootMemory?.toldAt = wall }
    }

    /// A boot takes the place of one that nobody had decided, unless that is on its way to the store.
    private mutating func forgetUndecidedBoot() {
        let decided = plan.stable.first { $0.timing.event == .boot }.flatMap { job in
            store.watermark(of: job.job.name).map { $0 - job.timing.eventDelay }
        }
        guard let decided, let last = sightings.boots.last, last > decided else { return }
        sightings.boots.removeLast()
        sightings.replacedBoots.append(last)
    }

    /// A daemon whose clock was set notes when its machine booted by the clock as it is now.
    mutating func noteClock(_ host: Int) {
        guard hosts[host].scheduler != nil else { return }
        let uptime = now - hosts[host].bootedAt
        let bootedAt = wall(host) - uptime
        hosts[host].bootMemory?.bootedAt = bootedAt
        hosts[host].bootMemory?.uptime = uptime
    }

    /// Whether a row is for a boot that another took the place of.
    func isOfReplacedBoot(_ row: RunRecord, _ job: SimulatedJob) -> Bool {
        guard job.timing.event == .boot, let due = row.scheduledFor else { return false }
        return sightings.replacedBoots.contains(due - job.timing.eventDelay)
    }

    /// When a job was due after `start` up to and including `end`.
    func due(_ job: SimulatedJob, after start: Instant, through end: Instant) -> [Instant] {
        guard let event = job.timing.event else { return job.instants(after: start, through: end) }
        let happened =
            switch event {
            case .boot: sightings.boots
            case .registration:
                (store.records.jobs[job.job.name]?.definitions.first?.since).map { [$0 + .microseconds(1)] }
                    ?? []
            }
        return happened.map { $0 + job.timing.eventDelay }.filter { start < $0 && $0 <= end }
    }
}
