import CivilTime
import JobCatalog
import RandomInput
import Records
import RunEngine
import RunModel
import RunStoreConformance

/// Runs by hand: each is a process of its own that drives one run to its end, and may be killed at any time.
extension World {
    /// A run by hand that has not ended.
    struct Command {
        var machine: RunMachine
        /// Whether it is to run during a pause as well.
        let isForced: Bool
        /// How often the store failed in a row.
        var failures = 0
    }

    /// After this many failures of the store in a row a command gives up.
    private static let failuresMax = 5
    /// One in this many things that a command does is its last.
    private static let killedOneIn = 6

    /// Somebody wants a job to run now.
    mutating func runByHand() {
        let job = random.pick(plan.stable).job
        if random.oneIn(2) { ask(for: job) } else { runByHand(job) }
    }

    /// Somebody asks a host for a run, which that claims at once and makes as any other; and perhaps gives it up.
    private mutating func ask(for job: Job) {
        let host = random.below(hosts.count)
        let id = randomRun()
        let wait = latency(until: .seconds(40))
        let isGivenUp = random.oneIn(3)
        guard hosts[host].scheduler?.hasLoaded == true, hosts[host].suspendedUntil <= now,
            hosts[host].memory.stopAskedAt == nil
        else { return }
        let run = RunRecord(
            id: id, job: job.name, trigger: .manual, dueAt: wall(host), state: .claimed, attemptsMax: 1,
            host: hostID(host), requestedBy: "somebody", configHash: job.configHash, createdAt: wall(host))
        let claim = Claim(
            run: run, isExclusive: job.policy.overlap != .allow, ignoresPause: bug == .pauseIgnoredByHand,
            lease: EngineLimits.lease)
        sightings.asked[id] = daemon(host)
        note("run \(id) of \(job.name) is asked of host \(host)")
        call(.write(.claim(claim)), for: .asked(run, givenUpIn: isGivenUp ? wait : nil), host)
    }

    mutating func randomRun() -> RunID {
        RunID(random: UInt128(random.next()) << 64 | UInt128(random.next()))
    }

    mutating func runByHand(_ job: Job) {
        let id = randomRun()
        let run = RunRecord(
            id: id, job: job.name, trigger: .manual, dueAt: now, state: .claimed,
            attemptsMax: bug == .handRetried ? 3 : 1, host: HostID("person/\(id)"),
            requestedBy: "somebody", configHash: job.configHash, createdAt: now)
        var machine = RunMachine(job: job, run: run, retryLimit: nil)
        let effects = machine.handle(.begin, at: now)
        commands[id] = Command(machine: machine, isForced: random.oneIn(2))
        perform(effects, id)
    }

    /// A command takes an event.
    mutating func take(_ event: RunEvent, of id: RunID) {
        guard let effects = commands[id]?.machine.handle(event, at: now) else { return }
        note("run \(id) by hand takes \(event)")
        guard commands[id]?.machine.isOver == false else { return commands[id] = nil }
        perform(effects, id)
    }

    mutating func remind(_ id: RunID) {
        guard let wakeAt = commands[id]?.machine.wakeAt, wakeAt <= now else { return }
        take(.woke, of: id)
    }

    /// Renews the lease of a command whose request is under way.
    mutating func renew(_ id: RunID) {
        guard let machine = commands[id]?.machine, machine.isRequesting, let owned = machine.owned else {
            return
        }
        if !isStoreDown { _ = store.renew([owned]) }
        schedule(.renew(command: id), in: machine.settings.heartbeat)
    }

    private mutating func perform(_ effects: [RunEffect], _ id: RunID) {
        guard let command = commands[id] else { return }
        for effect in effects {
            note("run \(id) by hand wants \(effect)")
            if case .send(let attempt) = effect {
                checkCommand(id, command, attempt)
                send(id, command.machine.job.name, attempt, command.machine.owned, by: .command(id))
                schedule(.renew(command: id), in: command.machine.settings.heartbeat)
            }
            if case .write(let write) = effect {
                let write = allowed(write, command)
                schedule(.commit(write, by: id), in: latency(until: .milliseconds(20)))
            }
        }
        commands[id]?.failures = command.machine.storeError == nil ? 0 : command.failures + 1
        if command.failures > Self.failuresMax || !isCalm && random.oneIn(Self.killedOneIn) { kill(id) }
        guard let wakeAt = command.machine.wakeAt else { return }
        schedule(.remind(command: id), in: max(wakeAt - now, .zero))
    }

    private mutating func kill(_ id: RunID) {
        note("run \(id) by hand is killed")
        commands[id] = nil
        requests = requests.filter { $0.value.by != .command(id) }
        wakeDozing()
    }

    /// The write, with what whoever asked for the run allows.
    private func allowed(_ write: StoreWrite, _ command: Command) -> StoreWrite {
        guard case .claim(var claim) = write else { return write }
        claim.ignoresPause = command.isForced || bug == .pauseIgnoredByHand
        return .claim(claim)
    }

    /// What a host takes over: with a bug, runs by hand as if they were of the schedule and had sent nothing.
    func given(_ abandoned: [AbandonedRun]) -> [AbandonedRun] {
        guard bug == .handTakenUp else { return abandoned }
        return abandoned.map { run in
            var run = run
            run.record.trigger = .schedule
            run.record.attempts = 0
            run.requestMayHaveBeenSent = false
            return run
        }
    }

    // MARK: Checks

    /// What the store answered to a claim, `nil` when it was not asked.
    mutating func check(_ claim: Claim, _ answer: ClaimAnswer?, isPaused: Bool) {
        let (id, job) = (claim.run.id, claim.run.job)
        let isForced = commands[id]?.isForced ?? claim.ignoresPause
        if isPaused, !isForced, store.open.contains(id) {
            violate(.pauseHolds, "run \(id) of \(job) is granted while the job is paused")
        }
        guard claim.run.trigger == .manual else { return }
        switch answer {
        case .paused?, .overlaps?:
            if store.rows[id] != nil {
                violate(.refusalLeavesNothing, "run \(id) of \(job) by hand is refused, and has a row")
            }
            if case .paused? = answer, isForced {
                violate(.forceHeeded, "run \(id) of \(job) by hand is forced, and a pause holds it back")
            }
        case .claimed?, .alreadyDecided?, nil: break
        }
    }

    private mutating func checkCommand(_ id: RunID, _ command: Command, _ attempt: Int) {
        checkSent(id, attempt, by: .command(id), attemptsMax: 1)
        checkOverlap(id, command.machine.job.name, command.machine.owned)
    }
}
