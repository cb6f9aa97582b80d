import RandomInput
import Records
import RunEngine
import RunModel

/// What daemons and commands ask the store for, and what they are told.
extension World {
    /// Does what somebody asked for, unless the store is away; then there is an answer or an error.
    mutating func commit(_ effect: Effect, by asker: Asker) {
        // What somebody wanted just before the end may have left the process or not.
        guard isAlive(asker) || random.oneIn(2) else { return }
        let isFaulty = !isCalm && plan.storeErrorOneIn.map { random.oneIn($0) } ?? false
        let isLostBefore = isStoreDown || isFaulty && random.oneIn(2)
        let error = isLostBefore || isFaulty ? StoreError(.unreachable, "simulated") : nil
        if error != nil { tally.storeErrors += 1 }
        let ended = endedRow(of: effect)
        let event = event(of: effect, asker, isLost: isLostBefore, error)
        if let ended, endedRow(of: effect) != ended {
            violate(.endIsFinal, "run \(ended.id) changes after it has ended")
        }
        let what = isLostBefore ? "is away" : error == nil ? "does" : "does, and the answer is lost,"
        note("the store \(what) for \(asker): \(effect)")
        wakeDozing()
        if let event { schedule(.deliver(event, to: asker), in: latency(until: .milliseconds(20))) }
        guard case .takeOver = effect, error == nil else { return }
        let count = Event.counted(liveRuns: store.open.count)
        schedule(.deliver(count, to: asker), in: latency(until: .milliseconds(20)))
    }

    private func isAlive(_ asker: Asker) -> Bool {
        switch asker {
        case .daemon(let host, let life): hosts[host].life == life
        case .command(let id): commands[id] != nil
        }
    }

    /// The row that a wish is about, when it has its outcome.
    private func endedRow(of effect: Effect) -> RunRecord? {
        guard case .run(let id, _, _) = effect, let row = store.rows[id]?.record, row.state == .finished
        else {
            return nil
        }
        return row
    }

    private mutating func event(
        of effect: Effect, _ asker: Asker, isLost: Bool, _ error: StoreError?
    ) -> Event? {
        func result<Value>(_ value: Value?) -> Result<Value, StoreError> {
            if error == nil, let value { return .success(value) }
            return .failure(error ?? StoreError(.unreachable, "simulated"))
        }
        switch effect {
        case .run(let id, _, .write(let write)):
            let answer = result(answer(to: write, asker, isLost: isLost))
            if bug == .failureTakenForDecided, case (.claim, .failure) = (write, answer) {
                return .run(id, .written(.success(.claim(.alreadyDecided))))
            }
            if bug == .sentBeforeRecorded, case .startAttempt = write { return nil }
            return .run(id, .written(heeded(answer)))
        case .record(let job, let rows):
            if isLost { rows.forEach { store.failBadly($0) } }
            let answer = result(isLost ? nil : store.record(rows))
            return .recorded(job, bug == .failureTakenForSuccess ? .success([:]) : answer)
        case .renew(let owned):
            let lost = isLost ? [] : store.renew(owned, lease: EngineLimits.lease)
            let proofs = owned.filter { lost.contains($0.id) }
            return error == nil && !lost.isEmpty && bug != .lateAnswersObeyed ? .renewed(lost: proofs) : nil
        case .takeOver(let held):
            guard !isLost, case .daemon(let host, _) = asker else { return nil }
            // Also when the host is gone meanwhile.
            let abandoned = store.takeOver(
                host: hostID(host), hostRestarted: false, except: held, lease: EngineLimits.lease,
                limit: EngineLimits.takeOverMax)
            for run in abandoned where held.contains(run.owned.id) {
                violate(.heldKept, "host \(host) takes over run \(run.owned.id), which it holds")
            }
            return error == nil && !abandoned.isEmpty ? .tookOver(given(abandoned)) : nil
        case .register(let catalog, let number, _):
            guard case .daemon(let host, let life) = asker, hosts[host].life == life else { return nil }
            return register(catalog, number, host, isLost: isLost, error)
        case .run(_, _, .send), .cancel, .inForce, .compareClocks, .lost, .ended, .drained: return nil
        }
    }

    /// What the store answers to a write of a run; nil when it does not get there.
    private mutating func answer(to write: StoreWrite, _ asker: Asker, isLost: Bool) -> StoreAnswer? {
        switch write {
        case .claim(let claim):
            if isLost { store.failBadly(claim.run) }
            let isPaused = store.pause(holding: claim.run.job) != nil && store.rows[claim.run.id] == nil
            let given = isLost ? nil : store.claim(claim)
            if case .claimed? = given { grant(1, of: claim.run.id, to: asker) }
            check(claim, given, isPaused: isPaused)
            return given.map { .claim($0) }
        case .startAttempt(let owned, let number, let at):
            guard !isLost else { return nil }
            let isOwner = store.startAttempt(owned, number: number, at: at)
            if isOwner { grant(number, of: owned.id, to: asker) }
            return .owner(isOwner)
        case .awaitRetry(let owned, let attempt, let retryAt):
            return isLost ? nil : .owner(store.awaitRetry(owned, attempt, retryAt: retryAt))
        case .finish(let owned, let completion): return isLost ? nil : .owner(store.finish(owned, completion))
        case .register, .record, .note: preconditionFailure("\(write.summary) is about no run")
        }
    }

    private mutating func grant(_ attempt: Int, of run: RunID, to asker: Asker) {
        sightings.granted.insert(Grant(attempt: AttemptKey(run: run, number: attempt), asker: asker))
    }

    /// Whether the run is still the host's, as the host takes it.
    private func heeded(_ answer: Result<StoreAnswer, StoreError>) -> Result<StoreAnswer, StoreError> {
        guard bug == .lateAnswersObeyed, case .success(.owner) = answer else { return answer }
        return .success(.owner(true))
    }
}
