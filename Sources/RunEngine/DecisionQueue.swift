import CivilTime
import RunModel
import Scheduling

/// The decisions of one job that the store is to record, in their order.
struct DecisionQueue: Sendable {
    enum Decision: Sendable {
        /// An occurrence that is to run, once it has a slot.
        case claim(Due)
        case record([RunRecord])

        var isClaim: Bool {
            if case .claim = self { true } else { false }
        }
    }

    /// Where the first decision is.
    private enum Head: Sendable {
        /// It waits for its turn, or for another try of the store.
        case waiting
        /// A claim that is in line for a slot.
        case inLine
        /// The store has it.
        case inFlight
    }

    private var waiting: [Decision] = []
    private var head = Head.waiting
    /// How many of them are claims.
    private(set) var claims = 0
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

    /// The occurrence that is in line for a slot.
    var inLine: Due? {
        if head == .inLine, case .claim(let due)? = waiting.first { due } else { nil }
    }

    /// The occurrence whose claim is with the store.
    var claiming: Due? {
        if head == .inFlight, case .claim(let due)? = waiting.first { due } else { nil }
    }

    var size: Int {
        waiting.reduce(0) { size, decision in
            if case .record(let rows) = decision { size + rows.count } else { size + 1 }
        }
    }

    /// Puts a decision behind the others; rows join the last rows that are not with the store yet.
    mutating func append(_ decision: Decision) {
        switch decision {
        case .claim:
            claims += 1
            waiting.append(decision)
        case .record(let more):
            guard !more.isEmpty else { return }
            if case .record(let rows)? = waiting.last, waiting.count > 1 || head != .inFlight {
                waiting[waiting.count - 1] = .record(RunRecord.joined(rows, more))
            } else {
                waiting.append(decision)
            }
        }
    }

    /// The decision whose turn has come: rows are with the store from now on, a claim is in line.
    ///
    /// A row of several occurrences goes last: what comes after it waits until the store has taken all of it, for the
    /// store may want a part of it again.
    mutating func start(at now: Instant) -> Decision? {
        guard head == .waiting, let first = waiting.first, retryAt.map({ $0 <= now }) ?? true else {
            return nil
        }
        retryAt = nil
        guard case .record(let rows) = first else {
            head = .inLine
            return first
        }
        head = .inFlight
        guard let shared = rows.firstIndex(where: { $0.occurrences > 1 }), shared + 1 < rows.count else {
            return first
        }
        waiting[0] = .record(Array(rows[...shared]))
        waiting.insert(.record(Array(rows[(shared + 1)...])), at: 1)
        return waiting[0]
    }

    /// The claim in line has a slot: it is with the store from now on.
    mutating func takeSlot() -> Due? {
        guard let due = inLine else { return nil }
        head = .inFlight
        return due
    }

    /// The claim in line is not made; `rows` are recorded in its place.
    mutating func replaceInLine(with rows: [RunRecord]) {
        guard inLine != nil else { return }
        claims -= 1
        waiting.removeFirst()
        head = .waiting
        prepend(.record(rows))
    }

    /// The rows that are with the store.
    var recording: [RunRecord] {
        if head == .inFlight, case .record(let rows)? = waiting.first { rows } else { [] }
    }

    /// The store has recorded the first; `instead` takes its place, when it became another decision.
    mutating func finishFirst(instead: Decision? = nil) {
        if waiting.removeFirst().isClaim { claims -= 1 }
        head = .waiting
        tries = 0
        if let instead { prepend(instead) }
    }

    private mutating func prepend(_ decision: Decision) {
        if decision.isClaim { claims += 1 }
        waiting.insert(decision, at: 0)
    }

    /// The store failed on the first.
    mutating func failFirst(at now: Instant, id: RunID) {
        head = .waiting
        tries += 1
        retryAt = now + Spread.backoff(EngineLimits.storeRetry, run: id, attempt: tries)
    }

    /// Removes the first claim that has not gone to the store and all that comes after it.
    mutating func withdraw() {
        let first = waiting.indices.first { waiting[$0].isClaim && !($0 == 0 && head == .inFlight) }
        guard let first else { return }
        if first == 0 { head = .waiting }
        claims -= waiting[first...].count(where: \.isClaim)
        waiting.removeSubrange(first...)
    }

    /// The store answers others again: what waits for it after a failure is asked at once.
    mutating func storeIsBack(at now: Instant) {
        if retryAt != nil { retryAt = now }
    }

    /// The first occurrence of what the store does not have; nil when there is none.
    var firstUnasked: Instant? {
        switch waiting.dropFirst(head == .inFlight ? 1 : 0).first {
        case .claim(let due)?: due.occurrence.instant
        case .record(let rows)?: rows.first?.scheduledFor
        case nil: nil
        }
    }

    /// Removes whatever the store does not have.
    mutating func withdrawAll() {
        let kept = head == .inFlight ? 1 : 0
        claims -= waiting[kept...].count(where: \.isClaim)
        waiting.removeSubrange(kept...)
        guard kept == 0 else { return }
        head = .waiting
        (tries, retryAt) = (0, nil)
    }

    /// The last occurrence of what the store has and has not answered; nil when there is none.
    var inFlightUntil: Instant? {
        claiming?.occurrence.instant ?? recording.last.flatMap { $0.scheduledUntil ?? $0.scheduledFor }
    }

    /// The wall clock was set back by `step`: what was to happen after a while still does.
    mutating func stepBack(by step: Duration) {
        retryAt = retryAt.map { $0 - step }
    }
}
