package import CivilTime

extension TaskTrigger {
    /// Days around the date of an instant in which the start next to it can lie: offsets from UTC differ by
    /// less than 52 hours, so local dates of neighbouring instants do by less than three days.
    private static let daysAround = 3
    /// More starts than there can be within those days.
    private static let startsMax = 16

    /// The first occurrence after an instant on a machine in `zone`; nil when there is none up to the year
    /// 9999.
    package func next(after instant: Instant, in zone: Zone) -> Occurrence? {
        guard isEnabled else { return nil }
        let clock = start.zone(onMachineIn: zone)
        let following = nextStart(after: instant, in: clock)
        guard let occurrence = repeated(after: instant, before: following, in: clock) ?? following else {
            return nil
        }
        if let end, occurrence.instant > end.instant(onMachineIn: zone) { return nil }
        return occurrence
    }

    /// The last occurrence before an instant on a machine in `zone`; nil when there is none.
    package func previous(before instant: Instant, in zone: Zone) -> Occurrence? {
        guard isEnabled, instant > .earliest else { return nil }
        let clock = start.zone(onMachineIn: zone)
        var last = min(Instant(microseconds: instant.microseconds - 1), Self.last)
        if let end { last = min(last, end.instant(onMachineIn: zone)) }
        guard let begun = previousStart(atOrBefore: last, in: clock) else { return nil }
        guard let repetition else { return begun }
        let elapsed = repetition.duration.map { min($0, last - begun.instant) } ?? last - begun.instant
        let interval = repetition.interval.wholeMicroseconds
        let count = elapsed.wholeMicroseconds / interval
        return count == 0 ? begun : Self.repeated(begun, microseconds: count * interval, in: clock)
    }

    /// The first repetition after `instant` of the start before it, unless the `following` start comes first.
    private func repeated(after instant: Instant, before following: Occurrence?, in clock: Zone)
        -> Occurrence?
    {
        guard let repetition, let begun = previousStart(atOrBefore: instant, in: clock) else { return nil }
        let interval = repetition.interval.wholeMicroseconds
        let elapsed = (instant.microseconds - begun.instant.microseconds) / interval * interval + interval
        if let duration = repetition.duration, elapsed > duration.wholeMicroseconds { return nil }
        let occurrence = Self.repeated(begun, microseconds: elapsed, in: clock)
        guard occurrence.instant <= Self.last else { return nil }
        if let following, occurrence.instant >= following.instant { return nil }
        return occurrence
    }

    private static func repeated(_ begun: Occurrence, microseconds: Int64, in clock: Zone) -> Occurrence {
        let instant = Instant(microseconds: begun.instant.microseconds + microseconds)
        return Occurrence(instant: instant, local: clock.local(at: instant))
    }

    /// The first start after an instant.
    private func nextStart(after instant: Instant, in clock: Zone) -> Occurrence? {
        guard instant < Self.last else { return nil }
        var day = max(clock.local(at: instant).date.dayNumber - Self.daysAround, start.local.date.dayNumber)
        for _ in 0..<Self.startsMax {
            guard let next = firstDay(atOrAfter: day), next <= Self.lastDay else { return nil }
            let occurrence = occurrence(onDay: next, in: clock)
            if occurrence.instant > instant { return unmoved(occurrence, onDay: next, in: clock) }
            day = next + 1
        }
        return nil
    }

    /// The start of a later day that falls on the same instant, if there is one: when a zone leaves out a
    /// whole day, a start at midnight moves to the next one, which stands for itself.
    private func unmoved(_ occurrence: Occurrence, onDay day: Int, in clock: Zone) -> Occurrence {
        guard occurrence.adjustment == .movedOutOfGap, let next = firstDay(atOrAfter: day + 1) else {
            return occurrence
        }
        let later = self.occurrence(onDay: next, in: clock)
        return later.instant == occurrence.instant ? later : occurrence
    }

    /// The last start at or before an instant.
    private func previousStart(atOrBefore instant: Instant, in clock: Zone) -> Occurrence? {
        var day = clock.local(at: min(instant, Self.last)).date.dayNumber + Self.daysAround
        for _ in 0..<Self.startsMax {
            guard let previous = lastDay(atOrBefore: day) else { return nil }
            let occurrence = occurrence(onDay: previous, in: clock)
            if occurrence.instant <= instant { return occurrence }
            day = previous - 1
        }
        return nil
    }

    private func occurrence(onDay day: Int, in clock: Zone) -> Occurrence {
        let date = CivilDate(dayNumber: day)
        return Self.start(at: CivilDateTime(date: date, secondOfDay: start.local.secondOfDay), in: clock)
    }

    /// The start that stands for a local time.
    static func start(at local: CivilDateTime, in clock: Zone) -> Occurrence {
        switch clock.resolve(local) {
        case .unique(let instant): Occurrence(instant: instant, local: local)
        case .gap(let instant, _): Occurrence(instant: instant, local: local, adjustment: .movedOutOfGap)
        case .overlap(let earlier, _): Occurrence(instant: earlier, local: local, adjustment: .firstOfTwo)
        }
    }

    /// The last day on which a trigger starts: RFC 3339 has no later one.
    private static let lastDay = CivilDate(uncheckedYear: 9999, month: 12, day: 31).dayNumber
    /// Nothing is due after this instant.
    static let last = Instant(seconds: Int64(lastDay + 1) * 86_400 - 1)
}
