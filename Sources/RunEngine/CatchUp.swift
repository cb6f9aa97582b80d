package import CivilTime
package import JobCatalog
package import RunModel
package import Scheduling

/// What becomes of occurrences that fell due while no daemon could run their job.
package struct CatchUp: Sendable, Equatable {
    /// Occurrences that get no run, as rows of the history in their order.
    package var missed: [Missed] = []
    /// Occurrences that run late, in their order.
    package var runs: [Occurrence] = []
    /// The last occurrence that was looked at; nil when there was none.
    package var last: Occurrence?

    /// One occurrence that is recorded as missed, or a range of them that share a row.
    package struct Missed: Sendable, Equatable {
        /// The earliest of the range, under which the row is recorded.
        package var first: Occurrence
        /// The last of the range; the same as `first` for one.
        package var last: Occurrence
        /// How many occurrences the row stands for, 1 or more.
        package var count: Int
        /// `superseded`, `window` or `cap`; else the cause of the absence, which is also the reason of every range.
        package var reason: Reason
    }

    /// Decides for the occurrences after `considered` that are late; `isDue` says whether the one after them is due
    /// as well, on time. `cause` is why none could run: `down` without a daemon, `storeOutage` while the store was away.
    package init(
        policy: Policy, schedule: Schedule, after considered: Instant, now: Instant,
        cause: Reason = .down,
        isLate: (Occurrence) -> Bool, isDue: (Occurrence) -> Bool
    ) {
        var range: Missed?
        var recent: [Occurrence] = []
        var count = 0
        var next = schedule.next(after: considered)
        func merge(_ number: Int) {
            for occurrence in recent.prefix(number) {
                range = Missed(
                    first: range?.first ?? occurrence, last: occurrence, count: (range?.count ?? 0) + 1,
                    reason: cause)
            }
            recent.removeFirst(number)
        }
        while let occurrence = next, isLate(occurrence) {
            recent.append(occurrence)
            next = schedule.next(after: occurrence.instant)
            count += 1
            if recent.count > 2 * EngineLimits.missedRowsMax {
                merge(EngineLimits.missedRowsMax)
            }
            if count == EngineLimits.missedCountMax { break }
        }
        let excess = recent.count - EngineLimits.missedRowsMax
        if excess > 0 {
            merge(excess)
        }
        last = recent.last
        missed = range.map { [$0] } ?? []
        decide(recent, policy: policy, cause, isFollowed: next.map(isDue) ?? false, now: now)
    }

    private mutating func decide(
        _ occurrences: [Occurrence], policy: Policy, _ cause: Reason, isFollowed: Bool, now: Instant
    ) {
        let oldest = now - policy.catchUpWindow
        for (index, occurrence) in occurrences.enumerated() {
            let later = occurrences.count - 1 - index + (isFollowed ? 1 : 0)
            let reason: Reason?
            switch policy.catchUp {
            case .none: reason = cause
            case .latest where later > 0: reason = .superseded
            case .all where later >= Policy.catchUpMax: reason = .cap
            case .latest, .all: reason = occurrence.instant < oldest ? .window : nil
            }
            if let reason {
                missed.append(Missed(first: occurrence, last: occurrence, count: 1, reason: reason))
            } else {
                runs.append(occurrence)
            }
        }
    }
}
