import CivilTime
import RandomInput
import Records
import RunEngine
import RunModel
import RunStoreConformance

/// What reaches the store, and what it does.
extension World {
    /// The way to the store, at a moment.
    enum Passage {
        /// It answers; `isNew`: over a connection that was made anew.
        case through(isNew: Bool)
        /// It does what it is asked for, and the answer is lost.
        case answerLost(StoreError)
        /// Nothing reaches it.
        case lost(StoreError)
        /// Nothing reaches it, and who asked finds out after a while.
        case silent(StoreError, Duration)
    }

    static let away = StoreError(.unreachable, "simulated: the database does not answer")
    static let busy = StoreError(.busy, "simulated: a lock was waited for too long")

    func daemon(_ host: Int) -> Asker { .daemon(host: host, life: hosts[host].life) }

    func isAlive(_ asker: Asker) -> Bool {
        switch asker {
        case .daemon(let host, let life): hosts[host].life == life && hosts[host].machine != nil
        case .command(let id): commands[id] != nil
        }
    }

    /// How long a question is on its way: seldom so long that much happens meanwhile.
    mutating func storeLatency() -> Duration {
        if !isCalm, storeSlowness > .zero { return latency(until: storeSlowness) }
        let isSlow = !isCalm && !plan.faults.isEmpty && random.oneIn(200)
        return latency(until: isSlow ? .seconds(15) : .milliseconds(20))
    }

    mutating func passage(of host: Int) -> Passage {
        if isStoreDown || hosts[host].line.cutUntil > now {
            hosts[host].line.connection = nil
            guard isStoreSilent else { return .lost(Self.away) }
            let length = Duration.seconds(random.number(5...40))
            hosts[host].line.troubledAt = max(hosts[host].line.troubledAt, now + length)
            return .silent(Self.away, length)
        }
        if let oneIn = plan.storeErrorOneIn, !isCalm, random.oneIn(oneIn) {
            tally.storeErrors += 1
            hosts[host].line.troubledAt = max(hosts[host].line.troubledAt, now)
            let kind = random.below(3)
            guard kind > 0 else { return .lost(Self.busy) }
            hosts[host].line.connection = nil
            return kind == 1 ? .lost(Self.away) : .answerLost(Self.away)
        }
        guard hosts[host].line.connection != incarnation else { return .through(isNew: false) }
        // One to a server that is gone may look well until it is used.
        if hosts[host].line.connection != nil, random.oneIn(2) {
            hosts[host].line.connection = nil
            return .lost(Self.away)
        }
        hosts[host].line.connection = incarnation
        return .through(isNew: true)
    }

    /// Whether the server is another one than the host has met, to which it writes nothing.
    mutating func isReplaced(_ host: Int) -> Bool {
        guard let met = hosts[host].line.met else {
            hosts[host].line.met = incarnation
            return false
        }
        return met != incarnation
    }

    /// A host takes whatever server is there for the one to compare and to write to.
    mutating func meet(_ host: Int) {
        guard !isStoreDown, hosts[host].line.cutUntil <= now else { return }
        if let met = hosts[host].line.met, met != incarnation { hosts[host].machine?.metAnother() }
        hosts[host].line.met = incarnation
    }

    /// A question of a daemon reaches the store, or does not.
    mutating func ask(_ call: Int, _ question: StoreQuestion, by asker: Asker) {
        // What somebody wanted just before the end may have left the process or not.
        guard case .daemon(let host, _) = asker, isAlive(asker) || random.oneIn(2) else { return }
        let passage = passage(of: host)
        note("\(question) of \(asker) for the store: \(passage)")
        var (event, isNew, wait) = (
            OutageEvent.failed(call, Self.away), false, latency(until: .milliseconds(20))
        )
        switch passage {
        case .silent(let error, let length):
            event = .failed(call, error)
            wait = length
        case .lost(let error):
            if case .write(let write) = question { store.failBadly(write) }
            event = .failed(call, error)
        case .answerLost(let error):
            _ = reply(to: question, call, asker, host)
            event = .failed(call, error)
        case .through(let isMadeAnew):
            isNew = isMadeAnew
            // Whoever looks for abandoned runs looks first whether the server is the one that it knows.
            if isNew, case .takeOver(hostRestarted: false) = question {
                event = .answered(call, .tookOver([]))
                break
            }
            if question != .read, isReplaced(host) {
                event = .failed(call, .replaced)
                break
            }
            switch reply(to: question, call, asker, host) {
            case .success(let reply): event = .answered(call, reply)
            case .failure(let error): event = .failed(call, error)
            }
        }
        wakeDozing()
        schedule(.deliver(.call(call, question, event, isNew: isNew), to: asker), in: wait)
    }

    private mutating func reply(
        to question: StoreQuestion, _ call: Int, _ asker: Asker, _ host: Int
    ) -> Result<StoreReply, StoreError> {
        switch question {
        case .write(let write): return self.write(write, by: asker).map { .write($0) }
        case .renew(let owned): return .success(.renewed(lost: store.renew(owned)))
        case .takeOver(let hostRestarted):
            var held: [RunID] = []
            if isAlive(asker), case .effect(.takeOver(let ids))? = hosts[host].calls[call]?.purpose {
                held = ids
            }
            return .success(.tookOver(takeOver(hostRestarted: hostRestarted, except: held, by: host)))
        case .read:
            guard isAlive(asker), case .heartbeat? = hosts[host].calls[call]?.purpose else {
                return .success(
                    .changes(
                        StoreChanges(
                            summaries: [], liveRuns: store.open.count, pauses: store.records.pauses())))
            }
            return .success(.hosts(sightings(for: host)))
        }
    }

    mutating func takeOver(
        hostRestarted: Bool, except held: [RunID], by host: Int
    ) -> [AbandonedRun] {
        var owners: [RunID: HostID] = [:]
        for id in store.open { owners[id] = store.rows[id]?.record.host }
        let abandoned = store.takeOver(
            host: hostID(host), hostRestarted: hostRestarted, except: held,
            limit: hostRestarted ? .max : EngineLimits.takeOverMax)
        for run in abandoned {
            if held.contains(run.owned.id) {
                violate(.heldKept, "host \(host) takes over run \(run.owned.id), which it holds")
            }
            checkTakeover(of: run.owned.id, from: owners[run.owned.id], by: host)
            sightings.owners[run.owned.id, default: []].insert(host)
        }
        return abandoned
    }

    /// Has the store perform a write of somebody, and looks at what it does.
    mutating func write(_ write: StoreWrite, by asker: Asker) -> Result<StoreAnswer, StoreError> {
        let ended = endedRow(of: write)
        var isPaused = false
        if case .claim(let claim) = write {
            isPaused =
                store.records.pause(holding: claim.run.job) != nil && store.rows[claim.run.id] == nil
        }
        let answer: StoreAnswer
        do throws(StoreError) {
            answer = try reminding(asker) { (store) throws(StoreError) in try store.perform(write) }
        } catch {
            return .failure(error)
        }
        // What is known may come late for a run that was called lost.
        if let ended, endedRow(of: write) != ended, ended.reason != .lost {
            violate(.endIsFinal, "run \(ended.id) changes after it has ended")
        }
        switch (write, answer) {
        case (.claim(let claim), .claim(let given)):
            if case .claimed = given {
                grant(1, of: claim.run.id, to: asker)
                if case .daemon(let host, _) = asker {
                    sightings.owners[claim.run.id, default: []].insert(host)
                }
            }
            check(claim, given, isPaused: isPaused)
        case (.startAttempt(let owned, let number, _), .owner(true)): grant(number, of: owned.id, to: asker)
        default: break
        }
        return .success(answer)
    }

    /// What the store does, once it was told again of the jobs of a daemon when it has forgotten them.
    mutating func reminding<Answer>(
        _ asker: Asker, _ ask: (inout SimulatedStore) throws(StoreError) -> Answer
    ) throws(StoreError) -> Answer {
        do throws(StoreError) {
            return try ask(&store)
        } catch {
            guard error.reason == .unregistered, case .daemon(let host, _) = asker, isAlive(asker),
                let machine = hosts[host].machine, machine.hasRegistered, let catalog = hosts[host].wanted
            else { throw error }
            let jobs = Self.registrations(catalog).map { machine.knowledge.withBeginning($0) }
            guard
                case .registered(let known) = try store.perform(
                    .register(jobs, by: hostID(host), now: wall(host)))
            else { preconditionFailure("no answer to a registration") }
            note("the store is told again of the jobs of host \(host)")
            hosts[host].machine?.remind(jobs, known)
            return try ask(&store)
        }
    }

    /// The row that a write is about, when it has its outcome.
    private func endedRow(of write: StoreWrite) -> RunRecord? {
        guard let id = write.owned?.id, let row = store.rows[id]?.record, row.state == .finished else {
            return nil
        }
        return row
    }

    mutating func grant(_ attempt: Int, of run: RunID, to asker: Asker) {
        sightings.granted.insert(Grant(attempt: AttemptKey(run: run, number: attempt), asker: asker))
    }

    // MARK: The journal

    /// A write reaches the disk of a host, unless the daemon died just before.
    mutating func append(_ call: Int, _ write: StoreWrite, by asker: Asker) {
        guard case .daemon(let host, _) = asker, isAlive(asker) || random.oneIn(2) else { return }
        let result: Result<Int64, StoreError>
        do throws(StoreError) {
            result = .success(try hosts[host].disk.append(write, at: wall(host)))
            tally.journalled += 1
            noteBridged(write, asker)
        } catch {
            result = .failure(error)
        }
        note("\(write.summary) of \(asker) for the journal: \(result)")
        schedule(
            .deliver(.call(call, .write(write), .journalled(call, result), isNew: false), to: asker),
            in: latency(until: .milliseconds(2)))
    }

    /// What begins without the store.
    private mutating func noteBridged(_ write: StoreWrite, _ asker: Asker) {
        switch write {
        case .claim(let claim):
            sightings.bridged.insert(claim.run.id)
            sightings.claimedAlone[claim.run.id] = claim.run
            grant(1, of: claim.run.id, to: asker)
        case .startAttempt(let owned, let number, _):
            sightings.bridged.insert(owned.id)
            grant(number, of: owned.id, to: asker)
        case .register, .awaitRetry, .finish, .record, .note: break
        }
    }

    // MARK: Commands

    /// Does what a run by hand asked for, unless the store is away; then there is an answer or an error.
    mutating func commit(_ write: StoreWrite, by id: RunID) {
        let asker = Asker.command(id)
        guard isAlive(asker) || random.oneIn(2) else { return }
        let isFaulty = !isCalm && plan.storeErrorOneIn.map { random.oneIn($0) } ?? false
        let isLost = isStoreDown || isFaulty && random.oneIn(2)
        if isFaulty { tally.storeErrors += 1 }
        var result = Result<StoreAnswer, StoreError>.failure(Self.away)
        if isLost {
            store.failBadly(write)
        } else {
            let answer = self.write(write, by: asker)
            if !isFaulty { result = answer }
        }
        note("\(write.summary) by hand: \(result)")
        wakeDozing()
        schedule(
            .deliver(.event(.run(id, .written(result))), to: asker), in: latency(until: .milliseconds(20)))
    }
}
