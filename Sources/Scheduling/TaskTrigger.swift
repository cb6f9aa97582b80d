package import CivilTime

/// A clock trigger of Windows Task Scheduler: a TimeTrigger, or one of the four forms of CalendarTrigger.
///
/// It is due at its *starts*, days of the calendar at the time of day of its start boundary, and then again
/// and again while its repetition lasts. A repetition counts real time; the next start ends it and begins a
/// new one, so a repetition of one day on a daily trigger makes no double.
///
/// A start whose local time does not exist is due at the first instant after the gap (Microsoft documents
/// that for weekly and monthly triggers); one whose local time is repeated is due once, at the first pass
/// (undocumented; this is the choice made here).
package struct TaskTrigger: Hashable, Sendable {
    /// A date and time of the trigger, as the file states it.
    package enum Boundary: Hashable, Sendable {
        /// Local time of the machine, under its daylight saving rules.
        case local(CivilDateTime)
        /// Local time at an offset from UTC, in seconds, whatever the machine's zone is.
        case fixed(CivilDateTime, offset: Int)
    }

    /// On which days a trigger starts.
    package enum Recurrence: Hashable, Sendable {
        /// TimeTrigger: on the day of the start boundary only.
        case once
        /// ScheduleByDay: every `interval` days, 1 to 365, counted from the start boundary's.
        case daily(interval: Int)
        /// ScheduleByWeek: on these weekdays of every `interval`-th week, 1 to 52, counted from the start
        /// boundary's.
        ///
        /// A week begins on Sunday, the first day in Task Scheduler's own sets; Microsoft does not say.
        case weekly(interval: Int, weekdays: NumberSet)
        /// ScheduleByMonth: on these days of these months; a month without such a day is passed over.
        case monthly(days: NumberSet, lastDay: Bool, months: NumberSet)
        /// ScheduleByMonthDayOfWeek: on the first to fourth, or the last, of these weekdays in these months.
        case monthlyWeekday(weeks: NumberSet, lastWeek: Bool, weekdays: NumberSet, months: NumberSet)
    }

    /// How a trigger is due again after each start.
    package struct Repetition: Hashable, Sendable {
        /// The time between two runs, 1 minute to 31 days.
        package var interval: Duration
        /// How long after a start it goes on, that instant included; nil means until the next start or for
        /// ever.
        package var duration: Duration?
        /// Whether a run that is still going is stopped when `duration` is over.
        package var stopAtDurationEnd: Bool

        package init(interval: Duration, duration: Duration? = nil, stopAtDurationEnd: Bool = false) {
            self.interval = interval
            self.duration = duration
            self.stopAtDurationEnd = stopAtDurationEnd
        }
    }

    /// The first start at the earliest, and every start's time of day.
    package let start: Boundary
    /// The last instant at which the trigger is due.
    package let end: Boundary?
    /// The days of its starts.
    package let recurrence: Recurrence
    /// What happens after each start.
    package let repetition: Repetition?
    /// The upper bound of the extra wait before each run.
    package let randomDelay: Duration
    /// A trigger that is not enabled is never due.
    package let isEnabled: Bool

    /// A trigger, or why the values are none: each must be within what Task Scheduler's schema allows.
    package init(
        start: Boundary, end: Boundary? = nil, recurrence: Recurrence, repetition: Repetition? = nil,
        randomDelay: Duration = .zero, isEnabled: Bool = true
    ) throws(TaskTriggerError) {
        try Self.check(recurrence)
        if let repetition { try Self.check(repetition) }
        guard randomDelay >= .zero, randomDelay <= DurationText.longest else { throw .randomDelay }
        self.start = start
        self.end = end
        self.recurrence = recurrence
        self.repetition = repetition
        self.randomDelay = randomDelay
        self.isEnabled = isEnabled
    }

    private static func check(_ recurrence: Recurrence) throws(TaskTriggerError) {
        switch recurrence {
        case .once: break
        case .daily(let interval):
            guard (1...365).contains(interval) else { throw .daysInterval(interval) }
        case .weekly(let interval, let weekdays):
            guard (1...52).contains(interval) else { throw .weeksInterval(interval) }
            try check(weekdays, 0...6, .daysOfWeek)
        case .monthly(let days, let lastDay, let months):
            if !lastDay || !days.isEmpty { try check(days, 1...31, .daysOfMonth) }
            try check(months, 1...12, .months)
        case .monthlyWeekday(let weeks, let lastWeek, let weekdays, let months):
            if !lastWeek || !weeks.isEmpty { try check(weeks, 1...4, .weeks) }
            try check(weekdays, 0...6, .daysOfWeek)
            try check(months, 1...12, .months)
        }
    }

    private static func check(
        _ set: NumberSet, _ range: ClosedRange<Int>, _ error: TaskTriggerError
    ) throws(TaskTriggerError) {
        guard !set.isEmpty, set.isSubset(of: NumberSet(range)) else { throw error }
    }

    static func check(_ repetition: Repetition) throws(TaskTriggerError) {
        guard repetition.interval >= .seconds(60), repetition.interval <= .seconds(31 * 86_400) else {
            throw .repetitionInterval
        }
        guard let duration = repetition.duration else { return }
        guard duration >= .seconds(60), duration <= DurationText.longest else { throw .repetitionDuration }
    }
}

extension TaskTrigger.Boundary {
    /// Parses what a StartBoundary or EndBoundary element holds, as `2026-01-01T00:10:00Z`; a fraction of a
    /// second is cut off.
    package init(parsing text: String) throws(DateTimeError) {
        let parsed = try ISO8601.dateTime(text)
        if let offset = parsed.offset {
            self = .fixed(parsed.local, offset: offset)
        } else {
            self = .local(parsed.local)
        }
    }

    /// The date and time as written, without its offset.
    package var local: CivilDateTime {
        switch self {
        case .local(let local), .fixed(let local, _): local
        }
    }

    /// The zone in which the boundary is meant, on a machine in `zone`.
    func zone(onMachineIn zone: Zone) -> Zone {
        switch self {
        case .local: zone
        case .fixed(_, let offset): Zone.fixed(offset: offset)
        }
    }

    /// The instant that the boundary is on a machine in `zone`.
    package func instant(onMachineIn zone: Zone) -> Instant {
        TaskTrigger.start(at: local, in: self.zone(onMachineIn: zone)).instant
    }
}
