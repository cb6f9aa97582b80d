package import CivilTime
package import Records
package import RunEngine
package import RunModel
import Synchronization

/// The store of all hosts, and a journal on this host that stands in while it is away.
///
/// What happens is decided by an `OutageMachine`; here its effects are performed: those of a call by its caller, those of
/// the recovery by `run`.
package actor JournaledStore: DaemonStore {
    let primary: any PrimaryStore
    let journal: any OperationJournal
    let kept: KeptWrites?
    private let report: @Sendable (JournalNews) -> Void
    let rest: @Sendable (RunRecord, Instant, [StoredDefinition]) -> RunRecord?
    private let jobs: @Sendable () -> [JobRegistration]
    private let waiting: (@Sendable () async -> Bool)?
    let clock: @Sendable () -> Instant
    private let uptime: @Sendable () -> Duration

    private(set) var machine: OutageMachine
    private var calls = 0
    private let shown: Mutex<JournalStatus>
    /// Tells `run` that there is something to recover from.
    let beginnings: AsyncStream<Void>
    private let beginning: AsyncStream<Void>.Continuation
    /// What this host said of itself last.
    private(set) var lastHeartbeat: Heartbeat?
    /// Who waits for the end of caution.
    private var heldBack: [CheckedContinuation<Void, Never>] = []
    private var hasEnded = false
    /// Whether `run` has been told, and has not come to an end.
    var isRecovering = false

    /// A store that writes to `primary`, and to `journal` while that is away. What `primary` has taken is kept in
    /// `delivered` for a while, and delivered again when it turns out to be lost; nil: nothing is.
    ///
    /// Live runs are leased for `lease` again when the store is back. `clock` is the wall clock, `uptime` one that only goes
    /// forward. `report` gets what an operator should know. `jobs` answers the jobs that this host has registered, for a
    /// store that has forgotten them. `rest` answers what is left of a row of several occurrences
    /// after those up to an instant, by the definitions of its job; nil when that cannot be told. `waiting` is called by a call
    /// that is held back for other hosts, until it is not, and answers whether the daemon is there; nil: it waits for `run`.
    package init(
        primary: any PrimaryStore, host: HostID, journal: any OperationJournal,
        delivered: (any OperationJournal)? = nil, policy: StoreOutagePolicy,
        lease: Duration,
        clock: @escaping @Sendable () -> Instant, uptime: @escaping @Sendable () -> Duration,
        report: @escaping @Sendable (JournalNews) -> Void,
        jobs: @escaping @Sendable () -> [JobRegistration],
        rest: @escaping @Sendable (RunRecord, Instant, [StoredDefinition]) -> RunRecord?,
        waiting: (@Sendable () async -> Bool)? = nil
    ) {
        self.primary = primary
        self.journal = journal
        kept = delivered.map { KeptWrites(in: $0, clock: clock) }
        self.clock = clock
        self.uptime = uptime
        self.report = report
        self.jobs = jobs
        self.rest = rest
        self.waiting = waiting
        machine = OutageMachine(host: host, policy: policy, lease: lease)
        shown = Mutex(JournalStatus(policy: policy))
        (beginnings, beginning) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// How it is, for health; answered at once, whatever the store does.
    package nonisolated var status: JournalStatus {
        shown.withLock { $0 }
    }

    // MARK: Calls

    package func perform(_ write: StoreWrite) async throws(StoreError) -> StoreAnswer {
        let reply = try await call(.write(write)) { question throws(StoreError) in
            guard case .write(let write) = question else {
                preconditionFailure("\(question) instead of a write")
            }
            return .write(try await tell(write))
        }
        guard case .write(let answer)? = reply else { preconditionFailure("no answer to a write") }
        return answer
    }

    package func renew(_ owned: [OwnedRun], lease: Duration) async throws(StoreError) -> [RunID] {
        let reply = try await call(.renew(owned)) { question throws(StoreError) in
            guard case .renew(let owned) = question else {
                preconditionFailure("\(question) instead of a renewal")
            }
            return .renewed(lost: try await primary.renew(owned, lease: lease))
        }
        guard case .renewed(let lost)? = reply else { preconditionFailure("no answer to a renewal") }
        return lost
    }

    package func takeOver(
        host: HostID, hostRestarted: Bool, except held: [RunID], lease: Duration, limit: Int
    ) async throws(StoreError) -> [AbandonedRun] {
        let reply = try await call(.takeOver(hostRestarted: hostRestarted)) { _ throws(StoreError) in
            // Another server may have lost the ends of this host's own runs, and is told of them first.
            let connections = primary.connectionsMade
            if !hostRestarted { _ = try await primary.holdings(of: []) }
            guard primary.connectionsMade == connections else { return .tookOver([]) }
            let abandoned = try await primary.takeOver(
                host: host, hostRestarted: hostRestarted, except: held, lease: lease, limit: limit)
            for run in abandoned {
                await keeping { kept throws(StoreError) in
                    try await kept.keep(KeptWrite(takenOver: run, lease: lease))
                }
            }
            return .tookOver(abandoned)
        }
        guard case .tookOver(let abandoned)? = reply else { preconditionFailure("no answer to a takeover") }
        return abandoned
    }

    package func summaries(until now: Instant) async throws(StoreError) -> [JobSummary] {
        let reply = try await call(.read) { _ throws(StoreError) in
            .summaries(try await primary.summaries(until: now))
        }
        if case .summaries(let summaries)? = reply { return summaries }
        try checkBridging()
        return machine.knowledge.currentSummaries
    }

    /// While the store is away nothing is known of others.
    package func changes(
        since: Instant, byOthersThan host: HostID, until now: Instant
    ) async throws(StoreError) -> StoreChanges {
        let reply = try await call(.read) { _ throws(StoreError) in
            .changes(try await primary.changes(since: since, byOthersThan: host, until: now))
        }
        if case .changes(let changes)? = reply { return changes }
        try checkBridging()
        return StoreChanges(
            summaries: [], liveRuns: machine.knowledge.liveRuns,
            pauses: machine.knowledge.pauses(at: clock()))
    }

    /// The pauses that were known last, while the store is away.
    package func pauses() async throws(StoreError) -> [Pause] {
        let reply = try await call(.read) { _ throws(StoreError) in .pauses(try await primary.pauses()) }
        if case .pauses(let pauses)? = reply { return pauses }
        return machine.knowledge.pauses(at: clock())
    }

    package func heartbeat(_ heartbeat: Heartbeat) async throws(StoreError) -> [HostSighting] {
        lastHeartbeat = heartbeat
        await lookAtJournal()
        let reply = try await call(.read) { _ throws(StoreError) in
            .hosts(try await primary.heartbeat(heartbeat))
        }
        if case .hosts(let hosts)? = reply { return hosts }
        throw awayError
    }

    package func prune(_ retention: Retention, limit: Int) async throws(StoreError) -> Pruning {
        var pruning: Pruning?
        _ = try await call(.read) { _ throws(StoreError) in
            pruning = try await primary.prune(retention, limit: limit)
            return .other
        }
        guard let pruning else { throw awayError }
        return pruning
    }

    private func checkBridging() throws(StoreError) {
        if !machine.status.isBridging, machine.outage != nil { throw machine.journalError ?? awayError }
    }

    private var awayError: StoreError {
        machine.outage?.error ?? StoreError(.unreachable, "the store was away a moment ago")
    }

    /// Makes a call; nil: what was known last is the answer.
    private func call(
        _ question: StoreQuestion, _ ask: (StoreQuestion) async throws(StoreError) -> StoreReply
    ) async throws(StoreError) -> StoreReply? {
        calls += 1
        let call = calls
        var effect = handle(.asked(call, question))
        while true {
            switch effect {
            case .ask(let question):
                let connections = primary.connectionsMade
                do throws(StoreError) {
                    let reply = try await reminding { () throws(StoreError) in try await ask(question) }
                    if primary.connectionsMade != connections { machine.reconnected(during: call) }
                    effect = handle(.answered(call, reply))
                } catch {
                    effect = handle(.failed(call, error))
                }
            case .append(let write):
                let result = await result { () throws(StoreError) in
                    try await journal.append(write.journalled(at: clock()))
                }
                effect = handle(.journalled(call, result))
            case .answer(let reply): return reply
            case .refuse(let error): throw error
            case .recall: return nil
            case .wait:
                if let waiting { hasEnded = await !waiting() } else { await untilCautionEnds() }
                if hasEnded { throw StoreError(.busy, "the daemon ends while other hosts are waited for") }
                effect = handle(.asked(call, question))
            case .mark, .watch, .renew, .probe, .compare, .read, .deliver, .look, .divide, .remove, .rest,
                .fail:
                preconditionFailure("\(effect) is for no call")
            }
        }
    }

    /// Asks the store for a write, and keeps what it has taken before anybody acts on it.
    func tell(_ write: StoreWrite) async throws(StoreError) -> StoreAnswer {
        var question: Int64?
        await keeping { kept throws(StoreError) in question = try await kept.ask(write) }
        let answer = try await primary.perform(write)
        await keeping { [question] kept throws(StoreError) in
            try await kept.keep(write, answer, to: question)
        }
        return answer
    }

    func takeGivenUp() -> [RunID] { machine.takeGivenUp() }

    func keeping(_ body: (KeptWrites) async throws(StoreError) -> Void) async {
        guard let kept else { return }
        do throws(StoreError) {
            try await body(kept)
        } catch {
            // The store has it: only a server that loses it as well would make this one missed.
            looked(atJournal: error)
        }
    }

    // MARK: The machine

    /// Gives the machine an event, and shows what came of it.
    func handle(_ event: OutageEvent) -> OutageEffect {
        let effect = machine.handle(event, at: clock(), uptime: uptime())
        publish()
        return effect
    }

    private func publish() {
        machine.takeNews().forEach(report)
        let status = machine.status
        shown.withLock { $0 = status }
        goOn()
        if machine.wantsRecovery, !isRecovering {
            isRecovering = true
            beginning.yield()
        }
    }

    /// Waits while nothing may be decided.
    private func untilCautionEnds() async {
        await withCheckedContinuation { heldBack.append($0) }
    }

    /// Lets those go on who wait for the end of caution; with `isEnd` for the last time.
    func goOn(isEnd: Bool = false) {
        if isEnd { hasEnded = true }
        guard hasEnded || !machine.isCautious || machine.outage != nil else { return }
        let heldBack = heldBack
        self.heldBack = []
        heldBack.forEach { $0.resume() }
    }

    /// What the store answers, once it was told again of the jobs when it has forgotten them: its schema was dropped, and
    /// made anew, under a running daemon.
    func reminding<Answer: Sendable>(
        _ ask: () async throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        do throws(StoreError) {
            return try await ask()
        } catch {
            guard error.reason == .unregistered, machine.hasRegistered else { throw error }
            let jobs = jobs().map { machine.knowledge.withBeginning($0) }
            let known = try await primary.register(jobs, by: machine.host, now: clock())
            machine.remind(jobs, known)
            publish()
            return try await ask()
        }
    }

    /// What `ask` answers or throws, as a value.
    func result<Answer: Sendable>(
        _ ask: () async throws(StoreError) -> Answer
    ) async -> Result<Answer, StoreError> {
        do throws(StoreError) {
            return .success(try await ask())
        } catch {
            return .failure(error)
        }
    }

    /// Finds out that the journal cannot be used before it is needed.
    private func lookAtJournal() async {
        guard machine.outage == nil, !machine.wantsRecovery else { return }
        let result = await result { () throws(StoreError) in
            // Nothing is that old; but a journal that cannot be written says so.
            try await journal.remove(through: 0, settingAside: [:])
        }
        if case .failure(let error) = result { looked(atJournal: error) } else { looked(atJournal: nil) }
    }

    /// Takes whatever store is there for the one to ask.
    func meetAgain() async {
        if await primary.meet() { machine.metAnother() }
    }

    /// The journal was looked at, and could be used or not.
    func looked(atJournal error: StoreError?) {
        machine.looked(atJournal: error)
        publish()
    }
}
