import CivilTime
import Journal
import RandomInput
import Records
import RunModel
import RunStoreConformance
import Synchronization

/// Runs, what goes wrong, and what must hold at the end.
extension OutageWorld {
    /// Does one step of a run that the host has.
    func work(_ daemon: Daemon) async throws(StoreError) {
        guard let store = daemon.store else { return }
        let chosen = try daemon.change { host -> Run? in
            let free = host.runs.values.filter { !$0.isBusy }.sorted { $0.owned.id < $1.owned.id }
            guard !free.isEmpty else { return nil }
            let run = turns.chance { $0.pick(free) }
            host.runs[run.owned.id]?.isBusy = true
            return run
        }
        guard var run = chosen else { return }
        let id = run.owned.id
        let isOwner: Bool
        do throws(StoreError) {
            switch run.step {
            case .start:
                isOwner = try await store.startAttempt(run.owned, number: run.number, at: now)
            case .retry(let attempt):
                isOwner = try await store.awaitRetry(run.owned, attempt: attempt, retryAt: now)
            case .end(let completion): isOwner = try await store.finish(run.owned, completion)
            }
        } catch {
            try daemon.change { host in
                host.runs[id]?.isBusy = false
                if host.runs[id]?.isLost == true { host.runs[id] = nil }
            }
            throw error
        }
        if isOwner { note(run, daemon) }
        let isOver = if case .end = run.step { true } else { false }
        advance(&run)
        let next = run
        try daemon.change { host in
            let isLost = host.runs[id]?.isLost ?? true
            host.runs[id] = !isOwner || isOver || isLost ? nil : next
        }
    }

    /// What follows a step: after a start its request, which is answered at once.
    func advance(_ run: inout Run) {
        switch run.step {
        case .start:
            let attempt = AttemptRecord(
                number: run.number, startedAt: now, finishedAt: now, httpStatus: 503, reason: .status)
            let isRetried = run.number < 3 && turns.chance { $0.oneIn(3) }
            run.step = isRetried ? .retry(attempt) : .end(OutageBench.end(run.number, at: now))
        case .retry:
            run.number += 1
            run.step = .start
        case .end: break
        }
    }

    /// The host was told that a step is recorded, upon which it sends a request, or forgets the run.
    func note(_ run: Run, _ daemon: Daemon) {
        state.withLock { state in
            var fact = Fact(host: daemon.host, run: run.owned.id)
            switch run.step {
            case .start:
                fact.attempt = run.number
                state.sent["\(run.owned.id), attempt \(run.number), host \(daemon.host)", default: 0] += 1
            case .retry(let attempt): fact.attempt = attempt.number
            case .end(let completion):
                fact.finishedAt = completion.finishedAt
                fact.isCalledLost = completion.outcome == .unknown
            }
            state.facts.append(fact)
        }
    }

    // MARK: Trouble

    /// Lets things go wrong for a while, puts all right, and waits until all is over.
    func disturb(as task: Int) async {
        await turns.begin(task)
        for _ in 0..<turns.chance({ $0.number(5...25) }) {
            for _ in 0..<turns.chance({ $0.number(1...40) }) { await turns.next() }
            let host = turns.chance { $0.below(journals.count) }
            switch turns.chance({ $0.below(6) }) {
            case 0, 1: state.withLock { $0.isStoreAway.toggle() }
            case 2: state.withLock { $0.hosts[host].isCutOff.toggle() }
            case 3: await die(host, state.withLock { $0.hosts[host].life })
            case 4: turns.pass(.seconds(13))
            default: turns.pass(StoreBench.lease + .seconds(1))
            }
        }
        state.withLock { state in
            state.isCalm = true
            state.isStoreAway = false
            for host in state.hosts.indices { state.hosts[host].isCutOff = false }
        }
        while await !isSettled {
            guard turns.taken < Self.turnsMax else {
                violate("it does not come to rest")
                break
            }
            for _ in 0..<20 { await turns.next() }
            turns.pass(.seconds(5))
        }
        state.withLock { $0.isOver = true }
        turns.end()
    }

    private var isSettled: Bool {
        get async {
            let live = await records.summaries(until: .latest).reduce(0) { $0 + $1.liveRuns }
            return live == 0
                && state.withLock { state in
                    state.hosts.allSatisfy { host in
                        host.runs.isEmpty && host.next.values.allSatisfy { $0 > Self.occurrences }
                            && host.store.map { $0.status.outageSince == nil && $0.status.backlog.count == 0 }
                                ?? false
                    }
                }
        }
    }

    /// The daemon ends at once, whatever it was about to do.
    func die(_ host: Int, _ life: Int) async {
        let isAlive = state.withLock { state in
            guard state.hosts[host].life == life else { return false }
            let isCutOff = state.hosts[host].isCutOff
            state.hosts[host] = Host(life: life + 1, isCutOff: isCutOff)
            return true
        }
        if isAlive, bug == .notOnDisk { await journals[host].forgetLast() }
    }

    // MARK: The end

    func check() async {
        let rows = await records.history(HistoryQuery(limit: 1000))
        for job in [purge, refresh] {
            for number in 1...Self.occurrences {
                let at = OutageBench.midnight + .seconds(3600 * number)
                let deciding = rows.filter { $0.job == job && Self.decides($0, at) }
                if deciding.count != 1 {
                    violate("occurrence \(number) of \(job) has \(deciding.count) rows")
                }
                let run = RunID(job: job, scheduledFor: at)
                checkSetAside(run, decidedBy: deciding.first?.host)
                checkSent(run)
            }
        }
        for row in rows where row.state != .finished { violate("run \(row.id) has no end") }
        let (facts, setAside) = state.withLock { ($0.facts, $0.setAside) }
        for fact in facts {
            let kept = await records.run(fact.run)
            let isKept =
                fact.attempt.map { number in kept?.attempts.contains { $0.number == number } ?? false }
                ?? (kept?.record.finishedAt == fact.finishedAt || fact.isCalledLost)
            let isTold = setAside.contains { $0.host == fact.host && $0.what.contains("\(fact.run)") }
            if !isKept, !isTold { violate("host \(fact.host) was told of run \(fact.run) what is not kept") }
        }
    }

    private static func decides(_ row: RunRecord, _ at: Instant) -> Bool {
        row.scheduledFor.map { $0 <= at && at <= row.scheduledUntil ?? $0 } ?? false
    }

    /// Only a run that the store gave to several hosts is sent again.
    private func checkSent(_ id: RunID) {
        let (owners, sent) = state.withLock { ($0.owners[id] ?? [], $0.sent) }
        for (request, count) in sent where request.hasPrefix("\(id)") && count > 1 && owners.count == 1 {
            violate("\(request) is sent \(count) times")
        }
    }

    /// Only what another host had a part in keeps an operation from the store.
    private func checkSetAside(_ id: RunID, decidedBy decider: HostID?) {
        let (owners, setAside) = state.withLock { ($0.owners[id] ?? [], $0.setAside) }
        for (host, what) in setAside where what.contains("\(id)") {
            let hasPart = owners.contains { $0 != host } || decider != Self.name(host)
            if !hasPart { violate("host \(host) set \(what) aside, and no other host had a part in it") }
        }
    }
}
