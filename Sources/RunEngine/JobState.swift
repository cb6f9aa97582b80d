package import CivilTime
import JobCatalog
package import RunModel
package import Scheduling

/// What the scheduler remembers of one job.
package struct JobState: Sendable {
    /// The last occurrence that was considered, or the instant from which the job counts.
    package var considered: Instant
    /// The next occurrence and when its run is to start; nil when there is none.
    package var next: (occurrence: Occurrence, dueAt: Instant)?
    /// Occurrences whose run may start when the job is free, in their order, with what made them due.
    package var backlog: [(occurrence: Occurrence, trigger: RunTrigger)] = []
    /// No run of the backlog starts before it: an overlapping run elsewhere is given time.
    package var backlogNotBefore: Instant?
    /// Decisions on their way to the store; strictly one after the other, so that the watermark never passes
    /// an occurrence that is not recorded.
    var decisions = DecisionQueue()
    /// The runs of the job that this host has.
    package var runs: [RunID] = []

    /// A job that counts from `considered`.
    init(considered: Instant) {
        self.considered = considered
    }
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

    /// Puts a decision behind the others; rows join the last rows that are not with the store yet.
    mutating func append(_ decision: Decision) {
        if case .record(let rows) = decision, rows.isEmpty { return }
        if case .record(let more) = decision, case .record(let rows)? = waiting.last,
            waiting.count > 1 || !isInFlight
        {
            waiting[waiting.count - 1] = .record(rows + more)
        } else {
            waiting.append(decision)
        }
    }

    /// The decision that goes to the store now, if one is due.
    mutating func start(at now: Instant) -> Decision? {
        guard !isInFlight, let first = waiting.first, retryAt.map({ $0 <= now }) ?? true else { return nil }
        isInFlight = true
        retryAt = nil
        return first
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

    /// Takes out the claims that have not gone to the store, and answers them.
    mutating func withdrawClaims() -> [RunID] {
        var withdrawn: [RunID] = []
        let keep = isInFlight ? 1 : 0
        waiting = waiting.enumerated().compactMap { index, decision in
            guard index >= keep, case .claim(let id) = decision else { return decision }
            withdrawn.append(id)
            return nil
        }
        return withdrawn
    }
}
