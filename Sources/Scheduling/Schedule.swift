package import CivilTime

/// When a job is due: a rule in a time zone.
package struct Schedule: Equatable, Sendable {
    /// What decides the times.
    package enum Rule: Equatable, Sendable {
        /// Due when the expression is, by the clocks of the zone.
        case cron(CronExpression)
        /// Due when any of them is; once where they meet.
        case triggers([TaskTrigger])
    }

    /// What decides the times.
    package let rule: Rule
    /// The zone whose clocks the rule means.
    package let zone: Zone
    /// What random delays are derived from: the job's name.
    package let key: String
    /// What makes it due beside the clock.
    package let events: [EventTrigger]
    /// When those events happened.
    package var eventTimes = EventTimes()

    package init(_ rule: Rule, zone: Zone, key: String, events: [EventTrigger] = []) {
        self.rule = rule
        self.zone = zone
        self.key = key
        self.events = events
    }

    /// Two schedules are equal when their rules are and their zones have the same name; when events happened
    /// does not matter.
    package static func == (left: Schedule, right: Schedule) -> Bool {
        left.rule == right.rule && left.zone.name == right.zone.name && left.key == right.key
            && left.events == right.events
    }

    /// The first occurrence after an instant, or nil when there is none; traps rather than return one that is
    /// not after it.
    package func next(after instant: Instant) -> Occurrence? {
        var next: Occurrence? =
            switch rule {
            case .cron(let expression): expression.next(after: instant, in: zone)
            case .triggers(let triggers): Self.next(of: triggers, after: instant, in: zone)
            }
        for trigger in events {
            guard let happened = eventTimes[trigger.event],
                let occurrence = trigger.next(after: instant, happened: happened, in: zone)
            else { continue }
            if next.map({ occurrence.instant < $0.instant }) ?? true { next = occurrence }
        }
        if let next {
            precondition(
                next.instant > instant, "the next occurrence is not after the instant it was asked for")
        }
        return next
    }

    /// The last occurrence before an instant, or nil when there is none; traps rather than return one that is
    /// not before it.
    package func previous(before instant: Instant) -> Occurrence? {
        var previous: Occurrence? =
            switch rule {
            case .cron(let expression): expression.previous(before: instant, in: zone)
            case .triggers(let triggers): Self.previous(of: triggers, before: instant, in: zone)
            }
        for trigger in events {
            guard let happened = eventTimes[trigger.event],
                let occurrence = trigger.previous(before: instant, happened: happened, in: zone)
            else { continue }
            if previous.map({ occurrence.instant > $0.instant }) ?? true { previous = occurrence }
        }
        if let previous {
            precondition(
                previous.instant < instant,
                "the previous occurrence is not before the instant it was asked for")
        }
        return previous
    }

    /// The occurrences after `start` up to and including `end`, in order, the first `limit` of them.
    package func occurrences(after start: Instant, through end: Instant, limit: Int) -> [Occurrence] {
        var found: [Occurrence] = []
        var instant = start
        while found.count < limit, let occurrence = next(after: instant), occurrence.instant <= end {
            found.append(occurrence)
            instant = occurrence.instant
        }
        return found
    }

    /// Whether the schedule is due at every instant whose local time matches, rather than at fixed times.
    package var followsClock: Bool {
        switch rule {
        case .cron(let expression): expression.followsClock
        case .triggers: false
        }
    }

    /// The schedule in words, with its zone: `every day at 00:10 UTC`.
    package var words: String {
        switch rule {
        case .cron(let expression): expression.words(zone: zone.name)
        case .triggers(let triggers): Self.words(of: triggers, events, in: zone)
        }
    }

    /// What is probably a mistake, with the clock changes met in the years after an instant.
    package func warnings(from instant: Instant) -> [ScheduleWarning] {
        switch rule {
        case .cron(let expression): expression.warnings(in: zone, from: instant)
        case .triggers: []
        }
    }
}

extension Schedule: CustomStringConvertible {
    /// The rule in its normal form, without the zone of an expression; two rules with the same text are due
    /// at the same instants.
    package var description: String {
        switch rule {
        case .cron(let expression): expression.description
        case .triggers(let triggers):
            (triggers.map { "\($0.words(in: zone)), counted from \($0.start.local)" }
                + events.map { $0.words(in: zone) }).joined(separator: "; ")
        }
    }
}

// MARK: - Several triggers

extension Schedule {
    private static func next(of triggers: [TaskTrigger], after instant: Instant, in zone: Zone) -> Occurrence?
    {
        var earliest: Occurrence?
        for trigger in triggers {
            guard let next = trigger.next(after: instant, in: zone) else { continue }
            if earliest.map({ next.instant < $0.instant }) ?? true { earliest = next }
        }
        return earliest
    }

    private static func previous(
        of triggers: [TaskTrigger], before instant: Instant, in zone: Zone
    ) -> Occurrence? {
        var latest: Occurrence?
        for trigger in triggers {
            guard let previous = trigger.previous(before: instant, in: zone) else { continue }
            if latest.map({ previous.instant > $0.instant }) ?? true { latest = previous }
        }
        return latest
    }

    private static func words(
        of triggers: [TaskTrigger], _ events: [EventTrigger], in zone: Zone
    ) -> String {
        let words = triggers.map { $0.words(in: zone) } + events.map { $0.words(in: zone) }
        return words.isEmpty ? "never" : words.joined(separator: "; ")
    }

    /// The random delay of an occurrence, the same whenever it is asked for: that of the first trigger that
    /// is due then.
    package func randomDelay(of occurrence: Occurrence) -> Duration {
        guard case .triggers(let triggers) = rule else { return .zero }
        let before = occurrence.instant - .microseconds(1)
        let cause = triggers.first { $0.next(after: before, in: zone)?.instant == occurrence.instant }
        return cause?.delay(job: key, occurrence: occurrence) ?? .zero
    }
}
