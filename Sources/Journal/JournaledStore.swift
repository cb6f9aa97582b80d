package import CivilTime
package import RunModel
import Synchronization

/// The store of all hosts, and a journal on this host that stands in while it is away.
///
/// While the store answers, every call goes to it. When it is away, calls are answered from what this host knows, and what
/// they would have written is journalled; `run` asks the store again, and delivers the journal in its order. Until that is
/// done later calls go behind it. Each operation is harmless to repeat, so that a crash at any step repeats at most one.
package actor JournaledStore: Store {
    /// A question to the store.
    private struct Question: Equatable {
        var at: Instant
        var uptime: Duration
    }

    /// The store of all hosts being away.
    struct Outage {
        var error: StoreError
        /// By the wall clock, for people.
        var since: Instant
        /// By the clock that only goes forward.
        var began: Duration
    }

    let primary: any Store
    let journal: any OperationJournal
    let host: HostID
    let report: @Sendable (JournalNews) -> Void
    let rest: @Sendable (RunRecord, Instant, [StoredDefinition]) -> RunRecord?
    let jobs: @Sendable () -> [JobRegistration]
    private let policy: StoreOutagePolicy
    let lease: Duration
    let clock: @Sendable () -> Instant
    let uptime: @Sendable () -> Duration

    var knowledge = HostKnowledge()
    /// nil while every call goes to the store, and nothing waits in the journal.
    var outage: Outage?
    var backlog = JournalBacklog(count: 0, oldestAt: nil)
    /// Operations on their way into the journal, counted in the backlog already.
    private(set) var appending = 0
    /// The number of the last operation that was journalled.
    private(set) var appendedThrough: Int64 = 0
    var journalError: StoreError?
    var setAsideCount = 0
    var deliveredCount = 0
    /// The number of the last operation of the journal that was delivered or set aside.
    var deliveredThrough: Int64 = 0
    /// Whether everything up to there is out of the journal.
    var isTrimmed = true
    /// The fences that the store gave to claims of the journal, until nothing more of the journal needs them.
    var deliveredFences: [RunID: Int64] = [:]
    /// The runs that operations of the journal are about, those on their way into it included.
    var journalled: Set<RunID> = []
    /// How many takeovers the store has not answered: each may give a proof that the journal needs.
    var openTakeovers = 0
    var isRecovering = false
    private var isFamiliar = false
    /// A job that the store itself has registered for this host; nil when there is none.
    private(set) var known: JobRegistration?
    /// When the questions were asked that the store has not answered yet.
    private var openQuestions: [Question] = []
    private let shown: Mutex<JournalStatus>
    /// Tells `run` that an outage began.
    let beginnings: AsyncStream<Void>
    private let beginning: AsyncStream<Void>.Continuation

    /// A store that writes to `primary`, and to `journal` while that is away.
    ///
    /// Live runs are leased for `lease` again when the store is back. `clock` is the wall clock, `uptime` one that only goes
    /// forward. `report` gets what an operator should know. `jobs` answers the jobs that this host has registered, for a
    /// store that has forgotten them. `rest` answers what is left of a row of several occurrences
    /// after those up to an instant, by the definitions of its job; nil when that cannot be told.
    package init(
        primary: any Store, host: HostID, journal: any OperationJournal, policy: StoreOutagePolicy,
        lease: Duration,
        clock: @escaping @Sendable () -> Instant, uptime: @escaping @Sendable () -> Duration,
        report: @escaping @Sendable (JournalNews) -> Void,
        jobs: @escaping @Sendable () -> [JobRegistration],
        rest: @escaping @Sendable (RunRecord, Instant, [StoredDefinition]) -> RunRecord?
    ) {
        self.primary = primary
        self.host = host
        self.journal = journal
        self.policy = policy
        self.lease = lease
        self.clock = clock
        self.uptime = uptime
        self.report = report
        self.jobs = jobs
        self.rest = rest
        shown = Mutex(JournalStatus(policy: policy))
        (beginnings, beginning) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// How it is, for health; answered at once, whatever the store does.
    package nonisolated var status: JournalStatus {
        shown.withLock { $0 }
    }

    // MARK: RunStore

    package func register(
        _ jobs: [JobRegistration], by host: HostID?, now: Instant
    ) async throws(StoreError) -> [JobName: RegisteredJob] {
        let answer = try await direct { (store) throws(StoreError) in
            try await store.register(jobs, by: host, now: now)
        }
        if let answer {
            isFamiliar = true
            known = jobs.first
            knowledge.learn(jobs, answer)
            return answer
        }
        // What was decided before this daemon started is known to the store alone.
        if !isFamiliar, let outage { throw outage.error }
        try await append(.register(jobs, by: host, now: now))
        return knowledge.register(jobs, now: now)
    }

    package func claim(_ claim: Claim, rehearse: Bool) async throws(StoreError) -> ClaimAnswer {
        if rehearse { return try await primary.claim(claim, rehearse: true) }
        let answer = try await direct { (store) throws(StoreError) in
            try await reminding { () throws(StoreError) in try await store.claim(claim, rehearse: false) }
        }
        guard let answer else { return try await claimWithoutStore(claim) }
        switch answer {
        case .claimed(let owned): knowledge.own(claim.run, fence: owned.fence)
        case .paused(let pause): knowledge.pause(pause)
        case .alreadyDecided, .overlaps: break
        }
        return answer
    }

    package func startAttempt(
        _ owned: OwnedRun, number: Int, at: Instant
    ) async throws(StoreError) -> Bool {
        let isOwner = try await write(.startAttempt(owned, number: number, at: at))
        if isOwner { knowledge.start(owned.id, number: number, at: at) }
        return isOwner
    }

    package func awaitRetry(
        _ owned: OwnedRun, attempt: AttemptRecord, retryAt: Instant
    ) async throws(StoreError) -> Bool {
        try await write(.awaitRetry(owned, attempt, retryAt: retryAt))
    }

    package func finish(_ owned: OwnedRun, _ completion: Completion) async throws(StoreError) -> Bool {
        let isOwner = try await write(.finish(owned, completion))
        if isOwner { knowledge.end(owned.id, completion) }
        return isOwner
    }

    package func record(_ decisions: [RunRecord]) async throws(StoreError) -> [RunID: Instant] {
        let leftOut = try await direct { (store) throws(StoreError) in
            try await reminding { () throws(StoreError) in try await store.record(decisions) }
        }
        if leftOut == nil {
            try await append(.record(decisions))
            knowledge.decide(decisions)
        }
        knowledge.record(decisions)
        return leftOut ?? [:]
    }

    package func history(_ query: HistoryQuery) async throws(StoreError) -> [RunRecord] {
        try await primary.history(query)
    }

    package func run(
        _ id: RunID
    ) async throws(StoreError) -> (record: RunRecord, attempts: [AttemptRecord])? {
        try await primary.run(id)
    }

    package func summaries(until now: Instant) async throws(StoreError) -> [JobSummary] {
        let summaries = try await direct { (store) throws(StoreError) in try await store.summaries(until: now)
        }
        if let summaries {
            knowledge.learn(summaries: summaries)
            return summaries
        }
        if let outage, !status.isBridging { throw journalError ?? outage.error }
        return knowledge.currentSummaries
    }

    /// While the store is away nothing is known of others.
    package func changes(
        since: Instant, byOthersThan host: HostID, until now: Instant
    ) async throws(StoreError) -> StoreChanges {
        let changes = try await direct { (store) throws(StoreError) in
            try await store.changes(since: since, byOthersThan: host, until: now)
        }
        if let changes {
            knowledge.learn(changes: changes.summaries)
            knowledge.learn(pauses: changes.pauses)
            return changes
        }
        if let outage, !status.isBridging { throw journalError ?? outage.error }
        return StoreChanges(
            summaries: [], liveRuns: knowledge.liveRuns, pauses: knowledge.pauses(at: clock()))
    }

    // MARK: The store

    /// What the store answers; nil while it is away.
    func direct<Answer: Sendable>(
        _ ask: (any Store) async throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer? {
        // The second time over a new connection: the old one may have been closed by a restart that is long over.
        for isLast in [false, true] {
            guard outage == nil else { return nil }
            let question = Question(at: clock(), uptime: uptime())
            if let oldest = openQuestions.first, question.uptime - oldest.uptime >= OutageLimits.silenceMax {
                begin(.silence, since: oldest)
                return nil
            }
            openQuestions.append(question)
            defer { openQuestions.firstIndex(of: question).map { _ = openQuestions.remove(at: $0) } }
            do throws(StoreError) {
                return try await ask(primary)
            } catch {
                guard error.isOutage else { throw error }
                if isLast, outage == nil { begin(error, since: question) }
            }
        }
        return nil
    }

    private func begin(_ error: StoreError, since: Question) {
        outage = Outage(error: error, since: since.at, began: since.uptime)
        publish()
        report(.outageBegan(error, policy))
        beginning.yield()
    }

    /// Performs an operation on a run, or journals it; false: the run is not this owner's any more.
    private func write(_ operation: StoreOperation) async throws(StoreError) -> Bool {
        guard let owned = operation.owned.flatMap(knowledge.current) else { return false }
        let isOwner = try await direct { (store) throws(StoreError) in
            try await operation.perform(on: store, as: owned)
        }
        if let isOwner {
            if !isOwner { knowledge.lose(owned) }
            return isOwner
        }
        if !operation.isEnd { try checkMayBegin() }
        guard let owned = operation.owned.flatMap(knowledge.current) else { return false }
        try await append(operation.owned(as: owned))
        return true
    }

    // MARK: Without the store

    private func claimWithoutStore(_ claim: Claim) async throws(StoreError) -> ClaimAnswer {
        try checkMayBegin()
        if let answer = knowledge.answer(claim) { return answer }
        if let pause = knowledge.pause(holding: claim, at: clock()) {
            // A run by hand is no occurrence: there is nothing to record.
            if claim.run.scheduledFor != nil { _ = try await record([claim.run.skipped(for: pause)]) }
            return .paused(pause)
        }
        knowledge.reserve(claim.run)
        let number: Int64
        do throws(StoreError) {
            number = try await append(.claim(claim))
        } catch {
            knowledge.withdraw(claim.run.id)
            throw error
        }
        let owned = OwnedRun(id: claim.run.id, fence: -number)
        knowledge.confirm(owned)
        knowledge.decide([claim.run])
        return .claimed(owned)
    }

    /// Throws while nothing may begin without the store.
    private func checkMayBegin() throws(StoreError) {
        guard let outage else { return }
        switch policy {
        case .hold:
            var error = outage.error
            error.hint = "nothing starts until it is back (ALMANAC_STORE_OUTAGE=hold)"
            throw error
        case .run:
            if uptime() - outage.began < OutageLimits.patience { throw outage.error }
        }
    }

    /// Puts an operation into the journal, and answers its number.
    @discardableResult
    func append(_ operation: StoreOperation) async throws(StoreError) -> Int64 {
        let limit = JournalLimits.entriesMax + (operation.isEnd ? JournalLimits.reserve : 0)
        guard backlog.count < limit else {
            throw StoreError(
                .refused, "the journal is full: \(backlog.count) operations wait for the database",
                hint: "bring the database back: they are delivered then")
        }
        let now = clock()
        backlog.count += 1
        if backlog.oldestAt == nil { backlog.oldestAt = now }
        appending += 1
        if let owned = operation.owned { journalled.insert(owned.id) }
        defer {
            appending -= 1
            publish()
        }
        let asked = operation.owned.map { operation.owned(as: newest($0)) } ?? operation
        let number: Int64
        do throws(StoreError) {
            number = try await withJournal { (journal) throws(StoreError) in
                try await journal.append(asked.journalled(at: now))
            }
        } catch {
            backlog.count -= 1
            if backlog.count == 0 { backlog.oldestAt = nil }
            throw error
        }
        appendedThrough = max(appendedThrough, number)
        if let owned = asked.owned, newest(owned) != owned {
            // A new proof came while it was on its way, and was given to what the journal held by then.
            let owned = newest(owned)
            try await withJournal { (journal) throws(StoreError) in try await journal.give(owned) }
        }
        return number
    }

    /// The newest proof of ownership that operations of the journal need.
    func newest(_ owned: OwnedRun) -> OwnedRun {
        OwnedRun(id: owned.id, fence: deliveredFences[owned.id] ?? owned.fence)
    }

    /// What the journal answers; its failure is shown until it can be written.
    func withJournal<Answer: Sendable>(
        isReading: Bool = false, _ ask: (any OperationJournal) async throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        do throws(StoreError) {
            let answer = try await ask(journal)
            if !isReading { journalError = nil }
            return answer
        } catch {
            let isNews = journalError == nil
            journalError = StoreError(error.reason, "the journal cannot be used: \(error)", hint: error.hint)
            publish()
            if isNews { report(.journalFailed(error)) }
            throw journalError ?? error
        }
    }

    /// Shows how it is to whoever asks for its status.
    func publish() {
        var status = JournalStatus(policy: policy)
        status.outageSince = outage?.since
        status.outageError = outage?.error
        status.backlog = backlog
        status.journalError = journalError
        status.setAside = setAsideCount
        shown.withLock { $0 = status }
    }
}

extension StoreError {
    /// What is said of a store that neither answers nor fails.
    static let silence = StoreError(
        .unreachable, "the database has not answered for \(OutageLimits.silenceMax.components.seconds) s",
        hint: "is its server stopped, or the network cut?")

    /// Whether the store is away, so that waiting for it, or an operator, is all that helps.
    var isOutage: Bool {
        switch reason {
        case .unreachable, .refused: true
        case .busy, .schema, .unregistered, .defect: false
        }
    }
}
