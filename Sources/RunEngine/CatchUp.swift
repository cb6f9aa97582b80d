package import CivilTime
package import JobCatalog
package import RunModel
package import Scheduling

/// What becomes of the occurrences of a job that nobody was there for.
package struct CatchUp: Sendable, Equatable {
    /// Occurrences that get no run, as rows of the history in their order.
    package var missed: [Missed] = []
    /// Occurrences that are made up for, in their order.
    package var runs: [Occurrence] = []
    /// The last occurrence that was looked at; nil when there was none.
    package var last: Occurrence?

    /// One occurrence that is recorded as missed, or a range of them that share a row.
    package struct Missed: Sendable, Equatable {
        package var first: Occurrence
        /// The last of the range; the same as `first` for one.
        package var last: Occurrence
        package var count: Int
        package var reason: Reason
    }

    /// Decides for the occurrences of `job` after `considered` that were due at or before `through`; `isDue` says
    /// whether the one after them is due as well, on time.
    package init(
        job: Job, schedule: Schedule, after considered: Instant, through: Instant, now: Instant,
        isDue: (Occurrence) -> Bool
    ) {
        var range: Missed?
        var recent: [Occurrence] = []
        var at = considered
        var count = 0
        while let occurrence = schedule.next(after: at), occurrence.instant <= through {
            at = occurrence.instant
            recent.append(occurrence)
            count += 1
            if recent.count > 2 * EngineLimits.missedRowsMax {
                Self.merge(recent.prefix(EngineLimits.missedRowsMax), into: &range)
                recent.removeFirst(EngineLimits.missedRowsMax)
            }
            if count == EngineLimits.missedCountMax { break }
        }
        let excess = recent.count - EngineLimits.missedRowsMax
        if excess > 0 {
            Self.merge(recent.prefix(excess), into: &range)
            recent.removeFirst(excess)
        }
        last = recent.last
        if let range { missed.append(range) }
        let isFollowed = schedule.next(after: at).map(isDue) ?? false
        decide(recent, policy: job.policy, isFollowed: isFollowed, now: now)
    }

    private mutating func decide(_ occurrences: [Occurrence], policy: Policy, isFollowed: Bool, now: Instant)
    {
        let oldest = now - policy.catchUpWindow
        for (index, occurrence) in occurrences.enumerated() {
            let later = occurrences.count - 1 - index + (isFollowed ? 1 : 0)
            let reason: Reason?
            switch policy.catchUp {
            case .none: reason = .down
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

    private static func merge(_ occurrences: ArraySlice<Occurrence>, into range: inout Missed?) {
        guard let first = occurrences.first, let last = occurrences.last else { return }
        range = Missed(
            first: range?.first ?? first, last: last, count: (range?.count ?? 0) + occurrences.count,
            reason: .down)
    }
}
