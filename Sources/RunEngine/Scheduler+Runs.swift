import CivilTime
import JobCatalog
package import RunModel

/// What happens to runs.
extension Scheduler {
    mutating func recorded(_ name: JobName, _ result: Result<[RunID: Instant], StoreError>, _ now: Instant) {
        switch result {
        case .success(let leftOut):
            let rows = jobs[name]?.decisions.recording ?? []
            let rest = rows.compactMap { row in leftOut[row.id].flatMap { self.rest(of: row, after: $0) } }
            jobs[name]?.decisions.finishFirst(instead: rest.isEmpty ? nil : .record(rest))
        case .failure:
            jobs[name]?.decisions.failFirst(at: now, id: RunID(job: name, scheduledFor: now))
        }
        forget(name)
    }

    /// What another host has not decided of a row that it had decided the first occurrences of.
    private func rest(of row: RunRecord, after mark: Instant) -> RunRecord? {
        let current = catalog[row.job].flatMap { job in
            (catalog.configHash(of: job), catalog.zoneData) == (row.configHash, row.zoneData) ? job : nil
        }
        guard let job = current ?? jobs[row.job]?.formerDefinition(of: row) else {
            preconditionFailure("a row of \(row.job) without the definition that made it due")
        }
        return row.rest(after: mark, of: job)
    }

    mutating func handle(_ event: RunEvent, of id: RunID, _ now: Instant, _ effects: inout [Effect]) {
        // Of a run whose lease was lost meanwhile.
        if lost.remove(id) != nil { return }
        guard var machine = runs[id] else { return }
        let wasClaiming = machine.state == .claiming
        let more = machine.handle(event, at: now)
        runs[id] = machine
        effects += more.map { .run(id, machine.job, $0) }
        let name = machine.job.name
        if wasClaiming, machine.state != .claiming { claimAnswered(machine, now) }
        switch machine.state {
        case .finished(let completion):
            effects.append(.ended(machine.run.ended(by: completion)))
            remove(id, of: name)
        case .dropped:
            remove(id, of: name)
        case .planned, .claiming, .recordingAttempt, .requesting, .recordingRefusal, .awaitingAPI,
            .recordingRetry, .waiting,
            .recordingFinish:
            break
        }
    }

    private mutating func claimAnswered(_ machine: RunMachine, _ now: Instant) {
        let name = machine.job.name
        let due = jobs[name]?.claims.removeValue(forKey: machine.run.id)
        var instead: DecisionQueue.Decision?
        if case .dropped(.overlaps(let other)) = machine.state, let due {
            instead = overlapped(due, by: other, now)
        }
        jobs[name]?.decisions.finishFirst(instead: instead)
    }

    /// Whether what the store said of this proof of ownership is news: a newer proof may have come meanwhile, and an
    /// answer that is on its way, perhaps to the run's own end, says it better.
    package func hasLost(_ owned: OwnedRun) -> Bool {
        runs[owned.id].map { $0.owned == owned && !$0.awaitsStore } ?? false
    }

    mutating func lose(_ id: RunID, _ effects: inout [Effect]) {
        guard let machine = runs[id] else { return }
        if machine.isRequesting { effects.append(.cancel(id)) }
        if machine.isRequesting || machine.awaitsStore { lost.insert(id) }
        runs[id]?.loseLease()
        remove(id, of: machine.job.name)
    }

    mutating func resume(_ abandoned: AbandonedRun, _ now: Instant, _ effects: inout [Effect]) {
        // When stopping, the next start or another host finds it again; so they do while an answer about it is still
        // on its way here.
        let id = abandoned.record.id
        guard !isStopping, !lost.contains(id) else { return }
        if let machine = runs[id] {
            if machine.knowsAll(of: abandoned) {
                runs[id]?.adopt(abandoned.owned)
                return
            }
            // The answer to its claim is on its way, after which the store takes nothing more under the older proof.
            guard !machine.isUnclaimed else { return }
            lose(id, &effects)
            // What the store answers to this host's last wish is still on its way: the run is found again when its lease
            // has run out.
            guard !lost.contains(id) else { return }
        }
        let name = abandoned.record.job
        let (machine, first) = RunMachine.resuming(
            abandoned, job: catalog[name], settings: settings, now: now)
        runs[id] = machine
        if jobs[name] == nil { jobs[name] = JobState(considered: now) }
        jobs[name]?.runs.append(id)
        effects += first.map { .run(id, machine.job, $0) }
    }

    mutating func remove(_ id: RunID, of name: JobName) {
        runs[id] = nil
        jobs[name]?.claims[id] = nil
        jobs[name]?.runs.removeAll { $0 == id }
        forget(name)
    }
}
