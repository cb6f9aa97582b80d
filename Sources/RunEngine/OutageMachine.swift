package import CivilTime
package import Records
package import RunModel

/// The conversation of a host with the store of all hosts, and with the journal that stands in while that is away.
///
/// While the store answers, every call goes to it. When it is away, calls are answered from what this host knows, and what
/// they would have written is journalled; once the store takes writes again, the journal is delivered in its order, and
/// later calls go behind it. Each write is harmless to repeat, so that a crash at any step repeats at most a few.
///
/// It is a value: each event is answered by the one effect that whoever brought it performs next.
package struct OutageMachine: Sendable {
    /// Where the conversation is.
    package enum State: Sendable, Equatable {
        /// Every call goes to the store, and nothing waits in the journal. Can become starting, bridging.
        case direct
        /// What an earlier daemon left in the journal is delivered; nothing may be asked before. Can become direct.
        case starting(Delivery)
        /// The store is away: calls are answered here. Can become probing.
        case bridging(Outage)
        /// The store is asked whether it takes writes again. Can become bridging, delivering.
        case probing(Outage)
        /// What was journalled goes to the store. Can become bridging, direct.
        case delivering(Outage, Delivery)
    }

    /// The store being away.
    package struct Outage: Sendable, Equatable {
        /// Why it is away.
        package var error: StoreError
        /// By the wall clock, for people.
        package var since: Instant
        /// By the clock that only goes forward.
        package var began: Duration
        /// What happens meanwhile: `run` or `hold`.
        package var policy: StoreOutagePolicy
        /// How much had been delivered when it began.
        var deliveredBefore: Int
    }

    /// How far the delivery of the journal is.
    package struct Delivery: Sendable, Equatable {
        /// What is being done with the first entry, or before it.
        enum Step: Sendable, Equatable {
            case reading
            case renewing
            case marking
            /// The store is asked for a write.
            case writing(StoreWrite)
            /// It is asked who has the run of a write, which it did not take, or whose proof is not known.
            case looking(StoreWrite, isTried: Bool)
            /// What is left of the first of these rows is found out, with these rests of others.
            case dividing([LeftOut], rests: [RunRecord])
            case removing
        }

        /// A row of several occurrences that the store left out, since another host had decided those up to an instant.
        struct LeftOut: Equatable {
            var row: RunRecord
            var mark: Instant
        }

        var step = Step.reading
        /// What was read and is not delivered yet, the next last.
        var entries: [JournalledWrite] = []
        /// The fences that the store takes for runs that this daemon does not have.
        var proofs: [RunID: Int64] = [:]
        /// Why a part of the first entry can never be delivered; nil when all of it can.
        var problem: String?
        /// Runs of which the store has lost this host's claim, and has another one.
        var refused: Set<RunID> = []
        /// Writes of what was read that can never be delivered, and why.
        var aside: [Int64: String] = [:]
        /// When the leases were renewed last, by the clock that only goes forward.
        var renewedAt: Duration
    }

    /// A question that the store has not answered.
    struct Question: Equatable {
        var call: Int
        var at: Instant
        var uptime: Duration
    }

    /// What a call is about.
    enum Call: Sendable {
        /// With the proofs that its asker has.
        case asking(StoreQuestion, isAgain: Bool)
        case appending(StoreWrite, pausedBy: Pause?)
    }

    /// The host that asks.
    package let host: HostID
    let policy: StoreOutagePolicy
    /// How long a run is a host's without a renewal.
    package let lease: Duration
    /// Changed by `handle` alone.
    package internal(set) var state = State.direct
    /// From which calls are answered while the store is away.
    package var knowledge = HostKnowledge()
    /// What an operator should know, until it is taken.
    package private(set) var news: [JournalNews] = []
    var calls: [Int: Call] = [:]
    /// Oldest first.
    var openQuestions: [Question] = []
    /// How many takeovers the store has not answered.
    var openTakeovers = 0
    /// The runs that this host has claimed since a takeover that the store has not answered was asked for.
    var claimedSince: Set<RunID> = []
    /// What waits in the journal, what is on its way there included.
    var backlog = JournalBacklog(count: 0, oldestAt: nil)
    /// Writes on their way into the journal.
    var appending = 0
    /// The number of the last write that was journalled.
    var appendedThrough: Int64 = 0
    /// The number of the last write of the journal that was delivered or set aside.
    var deliveredThrough: Int64 = 0
    var deliveredCount = 0
    var setAsideCount = 0
    /// Writes that could not be taken out of the journal when they were delivered, with those to keep aside; nil when all were.
    var untrimmed: [Int64: String]?
    /// Why the journal cannot be used, until it can.
    package internal(set) var journalError: StoreError?
    /// Whether the connection was made anew, perhaps to a server that has lost something.
    var wantsComparison = false
    /// The runs that the store is asked about while it is compared: it may have more of them than is kept. nil: it is not
    /// compared.
    var busy: Set<RunID>?
    /// Whether other hosts may have made what no row tells of yet: nothing is decided before they have had the time to say so.
    package internal(set) var isCautious = false
    /// Whether the store may have lost what others made: then each of them must have been seen since.
    package internal(set) var mayHaveLost = false
    /// Those that must be seen before the caution ends, with when each was seen first after the loss; nil: not yet.
    var awaited: [HostID: Instant?] = [:]
    /// Whether this host has marked itself as one that has something to say.
    var isMarked = false
    /// Occurrences that an earlier daemon was killed over; those are recorded after the start which nobody has decided.
    var undecided: [RunRecord] = []
    /// Runs that the store has lost and will not take again, until that is kept.
    var givenUp: [RunID] = []
    /// Events that the store is told of after an outage.
    var notes: [StoreEvent] = []
    /// What the store has registered for this host last; nil when it has nothing.
    var registered: StoreWrite?
    /// Since when the store has been there without interruption; nil: since ever.
    var contactSince: Duration?
    /// When the store answered last, by the clock that only goes forward.
    var lastAnswerAt: Duration?
    /// Whether other hosts were there when the store was seen last; nil before it told.
    var hasCompany: Bool?
    /// Which these were.
    var companions: Set<HostID> = []

    /// The conversation of `host`, whose live runs are leased for `lease` again when the store is back.
    package init(host: HostID, policy: StoreOutagePolicy, lease: Duration) {
        self.host = host
        self.policy = policy
        self.lease = lease
    }

    /// The store being away; nil while it is not.
    package var outage: Outage? {
        switch state {
        case .direct, .starting: nil
        case .bridging(let outage), .probing(let outage), .delivering(let outage, _): outage
        }
    }

    /// Whether the recovery has something to do when `woke` is due.
    package var wantsRecovery: Bool {
        outage != nil || isMarked || isCautious || wantsComparison || untrimmed != nil || !notes.isEmpty
            || hasRegistered && !undecided.isEmpty
    }

    /// How it is, for health.
    package var status: JournalStatus {
        var status = JournalStatus(policy: policy)
        if let outage { status.policy = outage.policy }
        status.outageSince = outage?.since
        status.outageError = outage?.error
        status.backlog = backlog
        status.journalError = journalError
        status.setAside = setAsideCount
        return status
    }

    /// Whether the store has registered jobs of this daemon.
    package var hasRegistered: Bool { known != nil }

    /// A job that the store has registered for this host; nil when there is none.
    var known: JobRegistration? {
        guard case .register(let jobs, _, _)? = registered else { return nil }
        return jobs.first
    }

    /// The news since the last time.
    package mutating func takeNews() -> [JournalNews] {
        defer { news = [] }
        return news
    }

    /// The runs since the last time that are not to be delivered again, since the store has another decision.
    package mutating func takeGivenUp() -> [RunID] {
        defer { givenUp = [] }
        return givenUp
    }

    /// Takes an event, at what the wall clock and the clock that only goes forward show, and answers what whoever brought it
    /// does next.
    package mutating func handle(_ event: OutageEvent, at now: Instant, uptime: Duration) -> OutageEffect {
        switch event {
        case .asked(let call, let question): return asked(call, question, now, uptime)
        case .answered(let call, let reply): return answered(call, reply, uptime)
        case .failed(let call, let error): return failed(call, error, now, uptime)
        case .journalled(let call, let result): return journalled(call, result)
        case .began, .woke, .marked, .watched, .renewed, .probed, .compared, .read, .delivered, .looked,
            .divided, .removed:
            return recover(event, now, uptime)
        }
    }

    mutating func report(_ news: JournalNews) { self.news.append(news) }

    /// The journal cannot be used, which is shown until it can.
    mutating func journalFailed(_ error: StoreError) -> StoreError {
        if journalError == nil { report(.journalFailed(error)) }
        let shown = StoreError(error.reason, "the journal cannot be used: \(error)", hint: error.hint)
        journalError = shown
        return shown
    }

    /// The store was asked for a call over a connection that was made anew.
    package mutating func reconnected(during call: Int) {
        wantsComparison = true
        if case .asking(let question, _)? = calls[call] { calls[call] = .asking(question, isAgain: true) }
    }

    /// The store that is asked from now on is another one than before: a standby that was promoted, or one that was restored,
    /// may lack what the last had taken.
    package mutating func metAnother() { noteLoss(.replaced) }

    /// The store had forgotten these jobs, and was told of them again.
    package mutating func remind(_ jobs: [JobRegistration], _ answer: [JobName: RegisteredJob]) {
        knowledge.learn(jobs, answer)
        report(.registeredAgain(jobs.count))
    }

    /// Tells whether the journal could be written when nothing was to be.
    package mutating func looked(atJournal error: StoreError?) {
        if let error {
            _ = journalFailed(error)
        } else {
            journalError = nil
        }
    }
}

extension StoreError {
    /// What is said of a store that does not know what it had taken.
    static let rewound = StoreError(
        .unreachable, "the database has lost runs that it had recorded",
        hint: "was a standby promoted, or a backup restored? they are delivered again")

    /// What is said of a store that neither answers nor fails.
    static let silence = StoreError(
        .unreachable, "the database has not answered for \(OutageLimits.silenceMax.components.seconds) s",
        hint: "is its server stopped, or the network cut?")

    /// Whether the store is away, so that waiting for it, or an operator, is all that helps.
    var isOutage: Bool {
        switch reason {
        case .unreachable, .refused: true
        case .busy, .schema, .unregistered, .ahead, .defect: false
        }
    }
}
