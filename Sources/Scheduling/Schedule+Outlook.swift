package import CivilTime

extension Schedule {
    /// What is left of a schedule.
    package enum Outlook: Equatable, Sendable {
        /// It is due again, or may be when something happens.
        case open
        /// It was due, or could have been, and is never due again; `last` is nil when no clock made it due.
        case over(last: Occurrence?)
        /// It is never due, whenever one asks.
        case never
    }

    /// What is left of the schedule after an instant. As time passes, `open` becomes `over`, and nothing becomes `never`.
    package func outlook(after instant: Instant) -> Outlook {
        guard neverAgain(after: instant) else { return .open }
        if let last = previous(before: instant + .microseconds(1)) { return .over(last: last) }
        return events.contains { $0.canBeDue(in: zone) } ? .over(last: nil) : .never
    }

    /// Whether the schedule was due, or could have been, and is never due again.
    package func isOver(after instant: Instant) -> Bool {
        if case .over = outlook(after: instant) { true } else { false }
    }

    /// Whether nothing is left to happen after an instant, also if an event of its triggers does.
    package func neverAgain(after instant: Instant) -> Bool {
        next(after: instant) == nil
            && events.allSatisfy { $0.hasEnded(at: instant, in: zone) || !$0.canBeDue(in: zone) }
    }
}

extension EventTrigger {
    /// Whether nothing after an instant is within its boundaries.
    fileprivate func hasEnded(at instant: Instant, in zone: Zone) -> Bool {
        instant >= min(end.map { $0.instant(onMachineIn: zone) } ?? TaskTrigger.last, TaskTrigger.last)
    }

    /// Whether an event can make it due at all: its delay must end before its boundaries do.
    fileprivate func canBeDue(in zone: Zone) -> Bool {
        guard let start, let end else { return true }
        return start.instant(onMachineIn: zone) + delay <= end.instant(onMachineIn: zone)
    }
}
