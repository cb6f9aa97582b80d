import CivilTime
import JobCatalog
package import RunModel
import Scheduling

/// What is under way of a job; kept only while there is something.
package struct JobWork: Sendable {
    /// What waits until the job is free, in the order of the occurrences.
    var backlog: [Pending] = []
    /// Decisions on their way to the store; strictly one after the other, so that the watermark never passes an
    /// occurrence that is not recorded.
    var decisions = DecisionQueue()
    /// The runs of the job that this host has.
    package internal(set) var runs: [RunID] = []
    /// Whether it is on the list of what this turn is to look at.
    var isTouched = false
    /// Earlier definitions, as long as something that they made due waits to be recorded.
    private var former: [(job: Job, zoneData: String?)] = []

    /// Whether nothing is under way.
    var isEmpty: Bool { backlog.isEmpty && decisions.isEmpty && runs.isEmpty }

    /// Whether a run of the job is live here, or waits for the store or a slot.
    var isOccupied: Bool { !runs.isEmpty || decisions.claims > 0 }

    /// Whether catch-up runs still wait, so that what falls due meanwhile joins them.
    var isCatchingUp: Bool {
        backlog.count < 2 * Policy.catchUpMax
            && backlog.contains { if case .run(let due) = $0 { due.trigger == .catchUp } else { false } }
    }

    /// The first occurrence that was considered and is not with the store; nil when there is none, or when an earlier
    /// definition may have made it due, which could not do so again.
    var firstUnasked: Instant? {
        guard former.isEmpty else { return nil }
        let waiting: Instant? =
            switch backlog.first {
            case .run(let due)?: due.occurrence.instant
            case .rows(let rows)?: rows.first?.scheduledFor
            case nil: nil
            }
        return [decisions.firstUnasked, waiting].compactMap(\.self).min()
    }

    /// Whether an occurrence waits for its run.
    var hasWaitingRun: Bool {
        backlog.contains { if case .run = $0 { true } else { false } }
    }

    /// When something of it is to be looked at again; nil when only events matter.
    func wakeAt(isStopping: Bool) -> Instant? {
        var instants = [decisions.retryAt]
        if !isStopping, case .run(let due)? = backlog.first, !isOccupied || due.job.policy.overlap == .allow {
            instants.append(due.notBefore)
        }
        // In line a deadline is over just after its instant.
        if !isStopping { instants.append(decisions.inLine?.deadline.map { $0 + .microseconds(1) }) }
        return instants.compactMap(\.self).min()
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
    /// The latest useful start; nil when any is.
    var deadline: Instant? { job.policy.deadline.map { dueAt + $0 } }
    /// The identity of its run.
    var id: RunID { RunID(job: job.name, scheduledFor: occurrence.instant) }
}
