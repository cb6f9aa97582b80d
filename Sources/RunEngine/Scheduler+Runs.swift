import CivilTime
import JobCatalog
package import Records
import RunModel

/// What happens to runs.
extension Scheduler {
    mutating func recorded(_ name: JobName, _ result: Result<[RunID: Instant], StoreError>, _ now: Instant) {
        look(at: result.map { _ in }, now)
        switch result {
        case .success(let leftOut):
            let rows = work[name]?.decisions.recording ?? []
            let rest = rows.compactMap { row in leftOut[row.id].flatMap { self.rest(of: row, after: $0) } }
            work[name]?.decisions.finishFirst(instead: rest.isEmpty ? nil : .record(rest))
        case .failure(let error) where error.reason == .ahead:
            work[name]?.decisions.finishFirst()
            standStill(withdrawing: name, now)
        case .failure:
            work[name]?.decisions.failFirst(at: now, id: RunID(job: name, scheduledFor: now))
        }
        touch(name)
    }

    /// Looks at what a store answered: one that is back after it failed as a whole is asked at once for all that waits. A single
    /// refusal, as for a lock, keeps its own wait.
    private mutating func look(at result: Result<Void, StoreError>, _ now: Instant) {
        switch result {
        case .failure(let error): if error.isOfStore { isStoreAway = true }
        case .success:
            guard isStoreAway else { return }
            isStoreAway = false
            for id in runs.keys.sorted() {
                runs[id]?.storeIsBack(at: now)
                timers.set(.run(id), wakeAt(of: id))
            }
            for name in work.keys.sorted() {
                work[name]?.decisions.storeIsBack(at: now)
                touch(name)
            }
        }
    }

    /// What another host has not decided of a row that it had decided the first occurrences of.
    private func rest(of row: RunRecord, after mark: Instant) -> RunRecord? {
        let current = catalog[row.job].flatMap { job in
            (catalog.configHash(of: job), catalog.zoneData) == (row.configHash, row.zoneData) ? job : nil
        }
        guard let job = current ?? work[row.job]?.formerDefinition(of: row) else {
            preconditionFailure("a row of \(row.job) without the definition that made it due")
        }
        return row.rest(after: mark, of: job)
    }

    mutating func handle(_ event: RunEvent, of id: RunID, _ now: Instant) {
        // Of a run whose lease was lost meanwhile: its request has ended, or does not begin.
        if lost.remove(id) != nil { return line.release(id) }
        if case .written(let result) = event { look(at: result.map { _ in }, now) }
        guard let before = runs[id]?.state else { return }
        let more = runs[id]?.handle(event, at: now) ?? []
        if before == .claiming { claimAnswered(id, now) }
        if let machine = runs[id], machine.state == .dropped(.ahead) {
            standStill(withdrawing: machine.job.name, now)
        }
        performed(more, of: id, now, from: before)
    }

    /// What follows from what a run has done: its effects, its slot, its timer, its end.
    mutating func performed(
        _ more: [RunEffect], of id: RunID, _ now: Instant, from before: RunMachine.State? = nil
    ) {
        guard let machine = runs[id] else { return }
        effects += more.map { .run(id, machine.job, $0) }
        if case .requesting? = before, !machine.isRequesting { requesting -= 1 }
        if machine.isRequesting, more.contains(where: \.isSend) { requesting += 1 }
        if !machine.needsSlot { line.release(id) }
        switch machine.state {
        case .finished(let completion):
            effects.append(.ended(machine.run.ended(by: completion)))
            remove(id, of: machine.job.name)
        case .dropped(let why):
            if why == .lost { effects.append(.lost(id, machine.job.name)) }
            remove(id, of: machine.job.name)
        case .planned, .claiming, .recordingAttempt, .requesting, .recordingRefusal, .awaitingAPI,
            .recordingRetry, .waiting, .recordingFinish:
            timers.set(.run(id), wakeAt(of: id))
        }
    }

    /// The answer to the claim of a run, when it has come: the next decision of its job may follow.
    private mutating func claimAnswered(_ id: RunID, _ now: Instant) {
        guard let machine = runs[id], machine.state != .claiming else { return }
        let name = machine.job.name
        var instead: DecisionQueue.Decision?
        if case .dropped(.overlaps(let other)) = machine.state, let due = work[name]?.decisions.claiming {
            instead = overlapped(due, by: other, now)
        }
        work[name]?.decisions.finishFirst(instead: instead)
        touch(name)
    }

    /// Whether what the store said of this proof of ownership is news: a newer proof may have come meanwhile, and an
    /// answer that is on its way, perhaps to the run's own end, says it better.
    package func hasLost(_ owned: OwnedRun) -> Bool {
        runs[owned.id].map { $0.owned == owned && !$0.awaitsStore } ?? false
    }

    mutating func lose(_ id: RunID) {
        guard let machine = runs[id] else { return }
        effects.append(.lost(id, machine.job.name))
        if machine.isRequesting {
            effects.append(.cancel(id))
            requesting -= 1
        }
        if machine.isRequesting || machine.awaitsStore { lost.insert(id) }
        remove(id, of: machine.job.name)
    }

    mutating func resume(_ abandoned: AbandonedRun, _ now: Instant) {
        // When stopping, the next start or another host finds it again; so they do while an answer about it is still
        // on its way here.
        let id = abandoned.record.id
        guard !isStopping, !lost.contains(id) else { return }
        if let machine = runs[id] {
            // This host got the run after it had asked, and was suspended for longer than its lease before the store was:
            // its proof is worth nothing now. The run is found again when its new lease has run out.
            if !machine.isUnclaimed { lose(id) }
            return
        }
        let name = abandoned.record.job
        let (machine, first) = RunMachine.resuming(
            abandoned, job: catalog[name], settings: settings, now: now)
        runs[id] = machine
        work[name, default: JobWork()].runs.append(id)
        touch(name)
        performed(first, of: id, now)
    }

    /// A run by hand gets in line like all others. One that comes while the host stops is left to who takes it over.
    mutating func begin(asked run: RunRecord, _ owned: OwnedRun, _ now: Instant) {
        guard !isStopping, runs[run.id] == nil, !lost.contains(run.id), let job = catalog[run.job] else {
            return
        }
        runs[run.id] = RunMachine.asked(run, owned, job: job, settings: settings, now: now)
        work[run.job, default: JobWork()].runs.append(run.id)
        touch(run.job)
        performed([], of: run.id, now)
    }

    /// Gives a run up: its request is ended, or does not begin.
    mutating func cancel(_ id: RunID, by caller: String, _ now: Instant) {
        guard let before = runs[id]?.state else { return }
        if runs[id]?.isRequesting == true { effects.append(.cancel(id)) }
        let more = runs[id]?.giveUp(for: .cancelled, by: caller, at: now) ?? []
        performed(more, of: id, now, from: before)
    }

    mutating func remove(_ id: RunID, of name: JobName) {
        runs[id] = nil
        hold.awaited.remove(id)
        timers.set(.run(id), nil)
        line.leave(.attempt(id))
        // The request of a lost run is under way until its end is answered.
        if !lost.contains(id) { line.release(id) }
        work[name]?.runs.removeAll { $0 == id }
        touch(name)
    }
}

extension RunEffect {
    fileprivate var isSend: Bool {
        if case .send = self { true } else { false }
    }
}
