package import CivilTime
import JobCatalog
package import RunModel
package import Scheduling

/// What the scheduler remembers of one job.
package struct JobState: Sendable {
    /// The last occurrence that was considered, or the instant from which the job counts.
    package var considered: Instant
    /// Since when the job has been what it is, before which it owes nothing; nil when that is not known.
    package internal(set) var countsFrom: Instant?
    /// The next occurrence and when its run is to start; nil when there is none.
    package var next: (occurrence: Occurrence, dueAt: Instant)?
    /// What waits until the job is free, in the order of the occurrences.
    var backlog: [Pending] = []
    /// Decisions on their way to the store; strictly one after the other, so that the watermark never passes
    /// an occurrence that is not recorded.
    var decisions = DecisionQueue()
    /// What the runs whose claim was not answered yet were due for.
    var claims: [RunID: Due] = [:]
    /// The runs of the job that this host has.
    package var runs: [RunID] = []
    /// Earlier definitions, as long as something that they made due waits to be recorded.
    private var former: [(job: Job, zoneData: String?)] = []

    /// A job that counts from `considered`.
    init(considered: Instant) {
        self.considered = considered
    }

    /// Whether occurrences that are made up for still wait, so that what falls due meanwhile joins them.
    var isCatchingUp: Bool {
        backlog.count < 2 * Policy.catchUpMax
            && backlog.contains { if case .run(let due) = $0 { due.trigger == .catchUp } else { false } }
    }

    /// Whether an occurrence waits for its run.
    var hasWaitingRun: Bool {
        backlog.contains { if case .run = $0 { true } else { false } }
    }

    /// Keeps a definition that is not in force any more for what it made due.
    mutating func retire(_ job: Job, zoneData: String?) {
        let hash = job.configHash
        former.removeAll { $0.job.configHash == hash && $0.zoneData == zoneData }
        former.append((job, zoneData))
        forgetFormer()
    }

    /// Forgets earlier definitions when nothing waits that they made due.
    mutating func forgetFormer() {
        if decisions.isEmpty && backlog.isEmpty { former = [] }
    }

    /// The earlier definition that made an occurrence due; of those that differ in the zone data alone, the one with the
    /// row's if there is one.
    func formerDefinition(of row: RunRecord) -> Job? {
        let alike = former.filter { $0.job.configHash == row.configHash }
        return (alike.first { $0.zoneData == row.zoneData } ?? alike.last)?.job
    }

    /// How much is kept for the job, which is bounded whatever happens.
    package var size: Int {
        backlog.reduce(decisions.size + former.count) { size, pending in
            switch pending {
            case .run: size + 1
            case .rows(let rows): size + rows.count
            }
        }
    }

    /// The wall clock was set back by `step`: what was to happen after a while still does.
    mutating func stepBack(by step: Duration) {
        decisions.stepBack(by: step)
        for (index, pending) in backlog.enumerated() {
            guard case .run(var due) = pending else { continue }
            due.retryAt = due.retryAt.map { $0 - step }
            backlog[index] = .run(due)
        }
    }

    /// Puts rows behind all that is undecided: the watermark must not pass an occurrence that still waits.
    mutating func decide(_ rows: [RunRecord]) {
        guard !rows.isEmpty else { return }
        if backlog.isEmpty {
            decisions.append(.record(rows))
        } else if case .rows(let before)? = backlog.last {
            backlog[backlog.count - 1] = .rows(RunRecord.joined(before, rows))
        } else {
            backlog.append(.rows(rows))
        }
    }
}

/// Something of a job that waits for its turn.
enum Pending: Sendable {
    /// An occurrence whose run may start when the job is free.
    case run(Due)
    /// Rows that are decided and come after an occurrence that is not.
    case rows([RunRecord])
}

/// An occurrence whose run is to start.
struct Due: Sendable {
    var occurrence: Occurrence
    var trigger: RunTrigger
    /// The definition that made it due, under which it runs.
    var job: Job
    /// When the run is to start.
    var dueAt: Instant
    /// When it is tried again, after it met a run elsewhere.
    var retryAt: Instant?

    /// The run does not start before it.
    var notBefore: Instant { max(dueAt, retryAt ?? dueAt) }
}

/// The decisions of one job that the store is to record, in their order.
struct DecisionQueue: Sendable {
    enum Decision: Sendable {
        case claim(RunID)
        case record([RunRecord])
    }

    private var waiting: [Decision] = []
    /// Whether the first is with the store.
    private var isInFlight = false
    /// When the first is tried again, after the store failed.
    private(set) var retryAt: Instant?
    private var tries = 0

    var isEmpty: Bool { waiting.isEmpty }

    /// Whether another decision comes after the first.
    var hasMore: Bool { waiting.count > 1 }

    /// Whether the store failed on the first.
    var isFailing: Bool { tries > 0 }

    /// Whether rows are with the store.
    var isRecording: Bool { !recording.isEmpty }

    var size: Int {
        waiting.reduce(0) { size, decision in
            if case .record(let rows) = decision { size + rows.count } else { size + 1 }
        }
    }

    /// Puts a decision behind the others; rows join the last rows that are not with the store yet.
    mutating func append(_ decision: Decision) {
        guard case .record(let more) = decision else { return waiting.append(decision) }
        guard !more.isEmpty else { return }
        if case .record(let rows)? = waiting.last, waiting.count > 1 || !isInFlight {
            waiting[waiting.count - 1] = .record(RunRecord.joined(rows, more))
        } else {
            waiting.append(decision)
        }
    }

    /// The decision that goes to the store now, if one is due.
    ///
    /// A row of several occurrences goes last: what comes after it waits until the store has taken all of it, for the
    /// store may want a part of it again.
    mutating func start(at now: Instant) -> Decision? {
        guard !isInFlight, let first = waiting.first, retryAt.map({ $0 <= now }) ?? true else { return nil }
        isInFlight = true
        retryAt = nil
        guard case .record(let rows) = first, let shared = rows.firstIndex(where: { $0.occurrences > 1 }),
            shared + 1 < rows.count
        else { return first }
        waiting[0] = .record(Array(rows[...shared]))
        waiting.insert(.record(Array(rows[(shared + 1)...])), at: 1)
        return waiting[0]
    }

    /// The rows that are with the store.
    var recording: [RunRecord] {
        if isInFlight, case .record(let rows)? = waiting.first { rows } else { [] }
    }

    /// The store has recorded the first; `instead` takes its place, when it became another decision.
    mutating func finishFirst(instead: Decision? = nil) {
        waiting.removeFirst()
        if let instead { waiting.insert(instead, at: 0) }
        isInFlight = false
        tries = 0
    }

    /// The store failed on the first.
    mutating func failFirst(at now: Instant, id: RunID) {
        isInFlight = false
        tries += 1
        retryAt = now + Spread.backoff(EngineLimits.storeRetry, run: id, attempt: tries)
    }

    /// Takes out the first claim that has not gone to the store and all that comes after it, and answers the claims.
    mutating func withdraw() -> [RunID] {
        let keep = isInFlight ? 1 : 0
        let first = waiting.indices.first { index in
            if index >= keep, case .claim = waiting[index] { true } else { false }
        }
        guard let first else { return [] }
        let withdrawn = waiting[first...]
        waiting.removeSubrange(first...)
        return withdrawn.compactMap { if case .claim(let id) = $0 { id } else { nil } }
    }

    /// The wall clock was set back by `step`: what was to happen after a while still does.
    mutating func stepBack(by step: Duration) {
        retryAt = retryAt.map { $0 - step }
    }
}
