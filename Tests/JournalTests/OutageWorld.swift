import CivilTime
import Journal
import RandomInput
import Records
import RunEngine
import RunModel
import RunStoreConformance
import Synchronization

/// Hosts that decide the same occurrences and make their runs, each with a journal, over a store that they share. In which
/// order all steps of all calls happen, which calls fail, and when hosts die, follows from a seed.
final class OutageWorld: Sendable {
    /// A mistake around a journal.
    enum Bug: CaseIterable {
        /// What was journalled last is gone after a crash.
        case notOnDisk
        /// Operations come out in the wrong order.
        case wrongOrder
        /// Nobody tells what other hosts left of a row.
        case restNotTold
    }

    /// A run that a host has, and what it does next.
    struct Run {
        enum Step {
            case start
            case retry(AttemptRecord)
            case end(Completion)
        }
        var owned: OwnedRun
        var number: Int
        var step = Step.start
        var isBusy = false
        var isLost = false
    }

    enum Decision {
        case claim(Claim)
        case rows([RunRecord])
    }

    struct Host {
        /// Counts the daemons; what an earlier one still does comes to nothing.
        var life = 0
        /// nil until the daemon has started.
        var store: JournaledStore?
        var isCutOff = false
        var runs: [RunID: Run] = [:]
        /// The next occurrence to decide, by its number.
        var next: [JobName: Int64] = [:]
        var deciding: [JobName: Decision] = [:]

        /// The runs that it has, or has asked for.
        var held: [RunID] {
            runs.keys.sorted()
                + deciding.values.compactMap { if case .claim(let claim) = $0 { claim.run.id } else { nil } }
                .sorted()
        }
    }

    /// What a host was told is recorded.
    struct Fact {
        var host: Int
        var run: RunID
        var attempt: Int?
        var finishedAt: Instant?
        /// What is known comes later, and wins.
        var isCalledLost = false
    }

    struct State {
        var hosts: [Host]
        var isOver = false
        var isCalm = false
        var isStoreAway = false
        var storeErrorOneIn: Int?
        /// Whom the store gave a run to.
        var owners: [RunID: Set<Int>] = [:]
        var facts: [Fact] = []
        /// How often a host sent the request of an attempt.
        var sent: [String: Int] = [:]
        var setAside: [(host: Int, what: String)] = []
        var violations: [String] = []
    }

    /// The occurrences of each job, from the first on.
    static let occurrences: Int64 = 12
    private static let tasksPerHost = 6
    static let turnsMax = 100_000

    let turns: Turns
    let records: InMemoryRunStore
    let journals: [MemoryJournal]
    let bug: Bug?
    let state: Mutex<State>
    let policy: StoreOutagePolicy

    init(seed: Int, bug: Bug? = nil) {
        let count = seed % 3 == 0 ? 1 : 2
        let turns = Turns(seed: seed, tasks: count * Self.tasksPerHost + 1)
        self.turns = turns
        self.bug = bug
        journals = (0..<count).map { _ in MemoryJournal() }
        records = InMemoryRunStore(clock: { OutageBench.midnight + turns.elapsed })
        policy = turns.chance { $0.oneIn(4) } ? .hold : .run
        var state = State(hosts: Array(repeating: Host(), count: count))
        state.storeErrorOneIn = turns.chance { $0.pick([nil, 40, 8]) }
        self.state = Mutex(state)
    }

    var now: Instant { OutageBench.midnight + turns.elapsed }

    static func name(_ host: Int) -> HostID { HostID("host-\(host)/daemon") }

    /// Lets the world go its way until all is delivered and every run has ended, and answers what is wrong then.
    func run() async -> [String] {
        // Nothing that is due comes before the jobs were known, however late a host starts.
        _ = try? await records.register(OutageBench.jobs, by: nil, now: OutageBench.midnight)
        await withTaskGroup(of: Void.self) { group in
            let count = journals.count
            for host in 0..<count {
                let first = host * Self.tasksPerHost
                group.addTask { await self.live(first, host, self.keep) }
                for (number, job) in [purge, refresh].enumerated() {
                    group.addTask {
                        await self.live(first + 1 + number, host) { (daemon) throws(StoreError) in
                            try await self.decide(job, daemon)
                        }
                    }
                }
                for number in 3...4 { group.addTask { await self.live(first + number, host, self.work) } }
                group.addTask { await self.live(first + 5, host) { _ = await $0.store?.recover() } }
            }
            group.addTask { await self.disturb(as: count * Self.tasksPerHost) }
        }
        await check()
        return state.withLock { state in
            for host in state.hosts.indices { state.hosts[host].store = nil }
            return state.violations
        }
    }

    func violate(_ text: String) {
        state.withLock { $0.violations.append(text) }
    }

    // MARK: Tasks

    /// A daemon of a host, as one of its tasks sees it.
    struct Daemon {
        let world: OutageWorld
        let host: Int
        let life: Int
        let store: JournaledStore?

        /// Changes what the daemon knows, unless it is gone.
        func change<Answer: Sendable>(_ body: (inout Host) -> Answer) throws(StoreError) -> Answer {
            let answer = world.state.withLock { state in
                state.hosts[host].life == life ? body(&state.hosts[host]) : nil
            }
            guard let answer else { throw StoreError(.unreachable, "the daemon is gone") }
            return answer
        }
    }

    private func live(
        _ task: Int, _ host: Int, _ body: (Daemon) async throws(StoreError) -> Void
    ) async {
        await turns.begin(task)
        while !state.withLock(\.isOver) {
            let (life, store) = state.withLock { ($0.hosts[host].life, $0.hosts[host].store) }
            do throws(StoreError) {
                try await body(Daemon(world: self, host: host, life: life, store: store))
            } catch {
                // It is tried again after a while.
                turns.pass(.seconds(1))
            }
            await turns.next()
        }
        turns.end()
    }

    /// Starts the daemon; then asks for the leases of its runs, and for runs whose host is gone.
    private func keep(_ daemon: Daemon) async throws(StoreError) {
        guard let store = daemon.store else { return try await start(daemon) }
        let owned = try daemon.change { $0.runs.values.map(\.owned).sorted { $0.id < $1.id } }
        let lost = try await store.renew(owned, lease: StoreBench.lease)
        try daemon.change { host in
            for asked in owned where lost.contains(asked.id) {
                if let run = host.runs[asked.id], run.owned == asked, !run.isBusy {
                    host.runs[asked.id] = nil
                }
            }
        }
        let held = try daemon.change { $0.held }
        let abandoned = try await store.takeOver(
            host: Self.name(daemon.host), hostRestarted: false, except: held,
            lease: StoreBench.lease, limit: 9)
        for run in abandoned where held.contains(run.owned.id) {
            violate("host \(daemon.host) takes over run \(run.owned.id), which it holds")
        }
        try adopt(abandoned, daemon)
    }

    private func start(_ daemon: Daemon) async throws(StoreError) {
        let host = daemon.host
        let store = open(daemon)
        do throws(StoreError) {
            try await store.start()
            let known = try await store.register(OutageBench.jobs, by: Self.name(host), now: now)
            let abandoned = try await store.takeOver(
                host: Self.name(host), hostRestarted: true, except: [], lease: StoreBench.lease, limit: 99)
            try adopt(abandoned, daemon)
            try daemon.change { host in
                for (job, registered) in known {
                    host.next[job] = Self.number(of: registered.watermark) + 1
                }
                host.store = store
            }
        } catch {
            // The process ends, and another is started.
            await die(daemon.host, daemon.life)
            throw error
        }
    }

    private func open(_ daemon: Daemon) -> JournaledStore {
        let line = Line(daemon: daemon, isStore: true)
        return JournaledStore(
            primary: FailingStore(store: records, faults: line), host: Self.name(daemon.host),
            journal: FailingJournal(
                journal: journals[daemon.host], line: Line(daemon: daemon, isStore: false)),
            policy: policy, lease: StoreBench.lease, clock: { self.now }, uptime: { self.turns.elapsed },
            report: { news in
                guard case .setAside(let what, _) = news else { return }
                self.state.withLock { $0.setAside.append((daemon.host, what)) }
            },
            jobs: { OutageBench.jobs },
            rest: { self.bug == .restNotTold ? nil : OutageBench.rest(of: $0, after: $1, by: $2) },
            waiting: {
                await self.turns.next()
                return self.state.withLock { !$0.isOver && $0.hosts[daemon.host].life == daemon.life }
            })
    }

    /// Runs whose host is gone, or this one's own, under a new proof of ownership.
    private func adopt(_ abandoned: [AbandonedRun], _ daemon: Daemon) throws(StoreError) {
        let now = now
        try daemon.change { host in
            for run in abandoned {
                // The answer to its claim is on its way, and will give the run.
                if case .claim(let claim)? = host.deciding[run.record.job], claim.run.id == run.owned.id {
                    continue
                }
                if let known = host.runs[run.owned.id] {
                    // It got the run after it had asked, and what it holds is worth nothing now.
                    if known.isBusy {
                        host.runs[run.owned.id]?.isLost = true
                    } else {
                        host.runs[run.owned.id] = nil
                    }
                    continue
                }
                var resumed = Run(owned: run.owned, number: run.record.attempts + 1)
                if run.requestMayHaveBeenSent || run.record.attempts == run.record.attemptsMax {
                    let outcome: Outcome = run.requestMayHaveBeenSent ? .unknown : .failed
                    resumed.step = .end(Completion(outcome: outcome, reason: .lost, finishedAt: now))
                }
                host.runs[run.owned.id] = resumed
            }
        }
    }

    /// Decides the next occurrence of a job, or a few that share a row.
    private func decide(_ job: JobName, _ daemon: Daemon) async throws(StoreError) {
        guard let store = daemon.store else { return }
        let decision = try daemon.change { host -> Decision? in
            guard let next = host.next[job], next <= Self.occurrences else { return nil }
            let decision = host.deciding[job] ?? self.decision(next, of: job, on: Self.name(daemon.host))
            host.deciding[job] = decision
            return decision
        }
        switch decision {
        case .claim(let claim)?:
            let answer = try await store.claim(claim)
            let claimed = claimed(claim, answer, daemon)
            try daemon.change { host in
                host.deciding[job] = nil
                switch answer {
                case .overlaps:
                    var row = claim.run
                    row.attempts = 0
                    row.startedAt = nil
                    host.deciding[job] = .rows([Self.row(row, .skipped, .overlap)])
                case .claimed(let owned):
                    host.runs[owned.id] = claimed
                    host.next[job, default: 0] += 1
                case .alreadyDecided, .paused: host.next[job, default: 0] += 1
                }
            }
        case .rows(let rows)?:
            let marks = try await store.record(rows)
            let definitions = await records.definitions(of: job)
            let rests = rows.compactMap { row in
                marks[row.id].flatMap { OutageBench.rest(of: row, after: $0, by: definitions) }
            }
            try daemon.change { host in
                host.deciding[job] = rests.isEmpty ? nil : .rows(rests)
                guard rests.isEmpty, let last = rows.last else { return }
                host.next[job] = Self.number(of: last.scheduledUntil ?? last.dueAt) + 1
            }
        case nil: break
        }
    }

    /// The run that a claim gave, with the request of its first attempt sent if the claim has started that.
    private func claimed(_ claim: Claim, _ answer: ClaimAnswer, _ daemon: Daemon) -> Run? {
        guard case .claimed(let owned) = answer else { return nil }
        var run = Run(owned: owned, number: 1)
        guard claim.attempt != nil else { return run }
        note(run, daemon)
        advance(&run)
        return run
    }

    private func decision(_ number: Int64, of job: JobName, on host: HostID) -> Decision {
        let left = Int(Self.occurrences - number + 1)
        let (isClaim, isExclusive, count) = turns.chance {
            (!$0.oneIn(3), $0.oneIn(2), min($0.number(1...4), left))
        }
        var claim = OutageBench.claim(number, of: job, on: host)
        claim.isExclusive = isExclusive
        if isClaim, turns.chance({ $0.oneIn(2) }) {
            claim.run.state = .running
            claim.run.attempts = 1
            claim.run.startedAt = claim.run.dueAt
        }
        if isClaim { return .claim(claim) }
        var row = Self.row(claim.run, .missed, .down)
        row.occurrences = count
        if count > 1 { row.scheduledUntil = row.dueAt + .seconds(3600) * (count - 1) }
        return .rows([row])
    }

    /// The number of the last occurrence up to an instant.
    private static func number(of at: Instant) -> Int64 {
        (at - OutageBench.midnight).components.seconds / 3600
    }

    private static func row(_ run: RunRecord, _ outcome: Outcome, _ reason: Reason) -> RunRecord {
        var row = run
        row.state = .finished
        row.outcome = outcome
        row.reason = reason
        row.finishedAt = row.dueAt
        return row
    }
}
