import CivilTime
package import Records
import RunEngine
import RunModel

/// How what was journalled gets to the store.
extension JournaledStore {
    /// Delivers what an earlier daemon left in the journal; nothing else may be asked before.
    package func start() async throws(StoreError) {
        let backlog: JournalBacklog
        do throws(StoreError) {
            backlog = try await journal.backlog()
        } catch {
            looked(atJournal: error)
            throw error
        }
        try await recover(from: .began(backlog))
    }

    /// Asks the store again after each outage began, until it is back, for as long as the task is not cancelled.
    package func run() async {
        for await _ in beginnings {
            while !Task.isCancelled, await !recover() {
                // A cancelled sleep ends the loop by its condition.
                try? await Task.sleep(for: OutageLimits.probeInterval * Double.random(in: 0.5...1))
            }
        }
        goOn(isEnd: true)
    }

    /// Asks the store once, and delivers the journal when it answers; whether that is over and done with.
    package func recover() async -> Bool {
        isRecovering = true
        do throws(StoreError) {
            try await recover(from: .woke)
        } catch {
            preconditionFailure("an outage fails nothing, and yet: \(error)")
        }
        isRecovering = machine.wantsRecovery
        return !isRecovering
    }

    private func recover(from event: OutageEvent) async throws(StoreError) {
        switch machine.state {
        case .starting, .probing, .delivering: break
        case .direct: if case .began = event { await primary.meet() }
        case .bridging: await meetAgain()
        }
        var effect = handle(event)
        while true {
            let next: OutageEvent
            switch effect {
            case .mark(let lease):
                next = .marked(await error { () throws(StoreError) in try await mark(for: lease) })
            case .watch: next = .watched(await result { () throws(StoreError) in try await watch() })
            case .renew(let owned):
                next = .renewed(
                    await result { () throws(StoreError) in
                        try await primary.renew(owned, lease: machine.lease)
                    })
            case .probe(let job):
                next = .probed(await error { () throws(StoreError) in try await probe(job) })
            case .compare: next = .compared(await result { () throws(StoreError) in try await compare() })
            case .read(let number):
                next = .read(await result { () throws(StoreError) in try await entries(after: number) })
            case .deliver(let write):
                next = .delivered(
                    await result { () throws(StoreError) in
                        try await reminding { () throws(StoreError) in try await tell(write) }
                    })
            case .look(let id):
                next = .looked(
                    await result { () throws(StoreError) in try await primary.holdings(of: [id]).first })
            case .divide(let row, let mark):
                next = .divided(
                    await result { () throws(StoreError) in
                        rest(row, mark, try await primary.definitions(of: row.job))
                    })
            case .remove(let number, let problems):
                next = .removed(
                    await error { () throws(StoreError) in
                        try await journal.remove(through: number, settingAside: problems)
                    })
            case .rest: return
            case .fail(let error): throw error
            case .ask, .append, .answer, .refuse, .wait, .recall:
                preconditionFailure("\(effect) is for a call")
            }
            effect = handle(next)
            for id in takeGivenUp() {
                await keeping { kept throws(StoreError) in try await kept.giveUp(id) }
            }
        }
    }

    private func mark(for lease: Duration) async throws(StoreError) {
        // Who is not in the table of hosts cannot be marked there.
        if lease > .zero { _ = try await show() }
        try await primary.mark(machine.host, deliveringFor: lease)
    }

    private func watch() async throws(StoreError) -> [HostSighting] {
        do throws(StoreError) {
            if machine.mayHaveLost, let hosts = try await show() { return hosts }
        } catch  where error.reason == .refused {
            // A right that is missing: the others then wait for this host in vain.
        }
        return try await primary.hosts()
    }

    /// Says to other hosts that this one is there, as it said last, and answers who is; nil when it has said nothing yet, or
    /// goodbye.
    private func show() async throws(StoreError) -> [HostSighting]? {
        guard var heartbeat = lastHeartbeat, !heartbeat.isStopping else { return nil }
        heartbeat.at = clock()
        (heartbeat.nextDue, heartbeat.followingDue) = ([:], [:])
        return try await primary.heartbeat(heartbeat)
    }

    /// What the store has lost of what it had taken of this host.
    private func compare() async throws(StoreError) -> Rewind {
        var (writes, unanswered): ([KeptWrite], [RunRecord]) = ([], [])
        do throws(StoreError) {
            if let kept { (writes, unanswered) = try await kept.all() }
        } catch {
            // What was kept is lost, and only matters if the store has lost it too.
            looked(atJournal: error)
        }
        let runs = Set(writes.flatMap(\.runs) + unanswered.map(\.id)).sorted()
        var holdings: [RunID: RunHolding] = [:]
        for first in stride(from: 0, to: runs.count, by: 1000) {
            for holding in try await primary.holdings(of: Array(runs[first...].prefix(1000))) {
                holdings[holding.id] = holding
            }
        }
        var lost = Rewind(writes, holdings, host: machine.host)
        if !lost.jobs.isEmpty {
            lost = Rewind(writes, holdings, host: machine.host, since: try await beginnings(of: lost.jobs))
        }
        lost.unanswered = unanswered.filter { holdings[$0.id] == nil }
        return lost
    }

    /// Since when the store knows these jobs; not those that it does not know.
    private func beginnings(of jobs: Set<JobName>) async throws(StoreError) -> [JobName: Instant] {
        var beginnings: [JobName: Instant] = [:]
        for job in jobs {
            beginnings[job] = try await primary.definitions(of: job).map(\.since).min()
        }
        return beginnings
    }

    private func entries(after number: Int64) async throws(StoreError) -> [JournalledWrite] {
        try await journal.entries(after: number, limit: OutageLimits.batch).map { entry in
            let write: Result<StoreWrite, StoreError>
            do throws(StoreError) {
                write = .success(try StoreWrite(reading: entry.operation))
            } catch {
                write = .failure(error)
            }
            return JournalledWrite(
                number: entry.number, recordedAt: entry.operation.recordedAt, write: write)
        }
    }

    /// Throws unless the store takes a run of a job. A store may answer, and take an update of nothing, while it has no
    /// space for a row or has lost the right to write one; so a whole run is written, and rolled back.
    private func probe(_ job: JobRegistration) async throws(StoreError) {
        let now = clock()
        let run = RunRecord(
            id: RunID(random: .random(in: .min ... .max)), job: job.job, trigger: .manual, dueAt: now,
            state: .running, attempts: 1, host: machine.host, configHash: job.configHash, createdAt: now,
            startedAt: now)
        let claim = Claim(run: run, isExclusive: false, ignoresPause: true, lease: machine.lease)
        _ = try await reminding { () throws(StoreError) in try await primary.rehearse(claim) }
    }

    private func error(_ ask: () async throws(StoreError) -> Void) async -> StoreError? {
        do throws(StoreError) {
            try await ask()
            return nil
        } catch {
            return error
        }
    }
}
