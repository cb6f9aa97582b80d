package import CivilTime

/// A trigger that something that happens starts, rather than the clock: a BootTrigger or a RegistrationTrigger of
/// Windows Task Scheduler.
///
/// It is due a while after its event, and then again and again while its repetition lasts. Until its event has
/// happened it is never due.
package struct EventTrigger: Hashable, Sendable {
    /// What starts it.
    package enum Event: String, Sendable, CaseIterable {
        /// The host booted; each host's boot counts for itself.
        case boot
        /// The definition of the job came in force, anew or changed; once for all hosts.
        case registration
    }

    /// What starts it.
    package let event: Event
    /// The wait after the event.
    package let delay: Duration
    /// Events before it start nothing.
    package let start: TaskTrigger.Boundary?
    /// The last instant at which it is due.
    package let end: TaskTrigger.Boundary?
    /// What happens after the first time.
    package let repetition: TaskTrigger.Repetition?

    /// A trigger, or why the values are none: each must be within what Task Scheduler's schema allows.
    package init(
        _ event: Event, delay: Duration = .zero, start: TaskTrigger.Boundary? = nil,
        end: TaskTrigger.Boundary? = nil, repetition: TaskTrigger.Repetition? = nil
    ) throws(TaskTriggerError) {
        guard delay >= .zero, delay <= DurationText.longest else { throw .delay }
        if let repetition { try TaskTrigger.check(repetition) }
        self.event = event
        self.delay = delay
        self.start = start
        self.end = end
        self.repetition = repetition
    }

    /// The first occurrence after an instant, when the event happened at `happened` on a machine in `zone`.
    func next(after instant: Instant, happened: Instant, in zone: Zone) -> Occurrence? {
        guard let first = first(happened: happened, in: zone) else { return nil }
        guard instant >= first else { return occurrence(at: first, in: zone) }
        guard let repetition else { return nil }
        let interval = repetition.interval.wholeMicroseconds
        let count = (instant - first).wholeMicroseconds / interval + 1
        return repeated(first, .microseconds(count * interval), repetition, in: zone)
    }

    /// The last occurrence before an instant, when the event happened at `happened` on a machine in `zone`.
    func previous(before instant: Instant, happened: Instant, in zone: Zone) -> Occurrence? {
        guard let first = first(happened: happened, in: zone), first < instant else { return nil }
        guard let repetition else { return occurrence(at: first, in: zone) }
        var elapsed = instant - first - .microseconds(1)
        if let duration = repetition.duration { elapsed = min(elapsed, duration) }
        if let end { elapsed = min(elapsed, end.instant(onMachineIn: zone) - first) }
        let interval = repetition.interval.wholeMicroseconds
        let whole = elapsed.wholeMicroseconds / interval * interval
        return repeated(first, .microseconds(whole), repetition, in: zone)
    }

    /// When it is due for the first time; nil when the event does not start it.
    private func first(happened: Instant, in zone: Zone) -> Instant? {
        if let start, happened < start.instant(onMachineIn: zone) { return nil }
        let first = happened + delay
        return isWithinBounds(first, in: zone) ? first : nil
    }

    private func repeated(
        _ first: Instant, _ elapsed: Duration, _ repetition: TaskTrigger.Repetition, in zone: Zone
    ) -> Occurrence? {
        if let duration = repetition.duration, elapsed > duration { return nil }
        let instant = first + elapsed
        return isWithinBounds(instant, in: zone) ? occurrence(at: instant, in: zone) : nil
    }

    private func isWithinBounds(_ instant: Instant, in zone: Zone) -> Bool {
        instant <= TaskTrigger.last && end.map { instant <= $0.instant(onMachineIn: zone) } ?? true
    }

    private func occurrence(at instant: Instant, in zone: Zone) -> Occurrence {
        Occurrence(instant: instant, local: zone.local(at: instant), event: event)
    }
}

/// When the events of a schedule happened last; nil for one that has not.
package struct EventTimes: Hashable, Sendable {
    /// When the host booted.
    package var boot: Instant?
    /// When the definition came in force.
    package var registration: Instant?

    package init(boot: Instant? = nil, registration: Instant? = nil) {
        self.boot = boot
        self.registration = registration
    }

    /// When an event happened.
    subscript(event: EventTrigger.Event) -> Instant? {
        switch event {
        case .boot: boot
        case .registration: registration
        }
    }
}
