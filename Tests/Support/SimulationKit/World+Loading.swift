import CivilTime
import JobCatalog
import RandomInput
import Records
import RunEngine
import RunModel
import Scheduling

/// How daemons start, and read their files again.
extension World {
    /// The daemon of a host starts.
    mutating func start(_ host: Int) {
        guard hosts[host].scheduler == nil, !hosts[host].hasLeft else { return }
        guard !isStoreDown else { return schedule(.start(host: host), in: .seconds(2)) }
        let awakeAt = hosts[host].suspendedUntil
        guard awakeAt <= now else { return schedule(.start(host: host), in: awakeAt - now) }
        tally.starts += 1
        note("host \(host) starts")
        hosts[host].scheduler = Scheduler(host: hostID(host), settings: plan.settings)
        hosts[host].memory = Memory()
        lookForBoot(host)
        let (catalog, known) = register(host)
        let abandoned = store.takeOver(
            host: hostID(host), hostRestarted: true, except: [], lease: EngineLimits.lease, limit: 1000)
        let standing = Standing(catalog, known: known, now: wall(host))
        var watermarks = standing.watermarks
        if bug == .nextFromNow { watermarks = watermarks.mapValues { _ in wall(host) } }
        if bug == .changeRetroactive { watermarks = known.mapValues(\.watermark) }
        hosts[host].memory.load(catalog, at: wall(host)) { job in
            (known[job]?.inForceSince ?? .earliest) - .microseconds(1)
        }
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

    /// The store is asked for the catalog of a reload.
    mutating func register(
        _ catalog: Catalog, _ number: Int, _ host: Int, isLost: Bool, _ error: StoreError?
    ) -> Event? {
        if isLost || error != nil {
            rememberSuperseded(catalog, number, host)
            if isLost {
                return .registered(.failure(error ?? StoreError(.unreachable, "simulated")), number: number)
            }
        }
        let (given, known) = register(catalog, number, host)
        if let error { return .registered(.failure(error), number: number) }
        hosts[host].registered[number] = known
        return .registered(
            .success(RegisteredCatalog(given, watermarks: known.mapValues(\.watermark))), number: number)
    }

    /// What a host does that keeps asking for a catalog although a newer one has come.
    private mutating func rememberSuperseded(_ catalog: Catalog, _ number: Int, _ host: Int) {
        guard bug == .supersededRegistered else { return }
        schedule(.registerAgain(catalog, number, host: host, life: hosts[host].life), in: .seconds(60))
    }

    mutating func registerAgain(_ catalog: Catalog, _ number: Int, _ host: Int, life: Int) {
        guard hosts[host].life == life, !isStoreDown else { return }
        _ = register(catalog, number, host)
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

    /// Makes the jobs of some catalog known to the store, and answers it as the host is given it.
    private mutating func register(_ host: Int) -> (Catalog, [JobName: RegisteredJob]) {
        hosts[host].registeredThrough = 0
        return register(random.pick(plan.catalogs), 0, host)
    }

    /// Makes the jobs of a catalog known to the store, and answers it as the host is given it: with the events that it
    /// waits for, and with a bug not as it is written.
    private mutating func register(
        _ written: Catalog, _ number: Int, _ host: Int
    ) -> (Catalog, [JobName: RegisteredJob]) {
        if number < hosts[host].registeredThrough {
            violate(.forceKnown, "host \(host) registers a catalog that a newer one has superseded")
        }
        hosts[host].registeredThrough = max(number, hosts[host].registeredThrough)
        let known = store.register(written, by: hostID(host), now: wall(host))
        guard var memory = hosts[host].bootMemory else { preconditionFailure("a host that did not start") }
        var catalog = written.withEventTimes { memory.eventTimes(of: $0, known[$0]) }
        hosts[host].bootMemory = memory
        guard let bug else { return (catalog, known) }
        let kept = catalog.jobs.filter { bug != .overLeftOut || !$0.isOver(at: wall(host)) }
        let jobs = kept.map { job in
            var job = bug.altered(job, life: hosts[host].life, start: plan.start)
            if bug == .loadTakenForRegistration { job.schedule?.eventTimes.registration = wall(host) }
            return job
        }
        catalog = Catalog(jobs: jobs, zoneData: catalog.zoneData)
        return (catalog, known)
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
    private mutating func lookForBoot(_ host: Int) {
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
            store.watermarks[job.job.name].map { $0 - job.timing.eventDelay }
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
                (store.definitions[job.job.name]?.first?.since).map { [$0 + .microseconds(1)] } ?? []
            }
        return happened.map { $0 + job.timing.eventDelay }.filter { start < $0 && $0 <= end }
    }
}
