package import CivilTime
package import Scheduling

/// Says a cron expression in the triggers of Task Scheduler, or says why they cannot.
///
/// The triggers are due at the same instants as the expression, from the start of a day on.
package enum TaskTriggerRendering {
    /// The triggers for `expression` in `zone`, at most 48, due from the start of the day `start` on.
    ///
    /// Boundaries carry `Z` or the offset of a zone whose clocks change no more. Those of another zone are local
    /// times of the Windows machine, which is possible only where the machine is in that zone
    /// (`machineIsInZone`).
    package static func triggers(
        for expression: CronExpression, in zone: Zone, from start: CivilDate, machineIsInZone: Bool = false
    ) throws(TaskWriteError) -> [TaskTrigger] {
        switch expression.parts {
        case .every(let interval): return [try every(interval, from: start)]
        case .fields(let fields) where fields.restrictsYears:
            return try single(expression, from: start, in: zone)
        case .fields(let fields):
            let offset = zone.lastingOffset(from: midnight(of: start, in: zone))
            guard offset != nil || machineIsInZone else {
                throw refusal(
                    "a boundary with an offset does not follow the clock changes of \(zone.name)",
                    hint: "write the schedule in UTC, or say that the machine's own zone is \(zone.name)")
            }
            if offset == nil, expression.followsClock {
                throw refusal(
                    "it follows the clock through both passes of a repeated hour, and a trigger does not",
                    hint: "write the hours and minutes without *, or the schedule in UTC")
            }
            let recurrences = try DayTranslation.recurrences(of: fields)
            let series = TimeTranslation.series(of: fields, mayRepeat: offset != nil)
            return try combine(recurrences, series, start) { local in
                offset.map { .fixed(local, offset: $0) } ?? .local(local)
            }
        }
    }

    /// A trigger for each of the times that are left of an expression with years, which triggers do not know.
    private static func single(
        _ expression: CronExpression, from start: CivilDate, in zone: Zone
    ) throws(TaskWriteError) -> [TaskTrigger] {
        var last = midnight(of: start, in: zone) - .microseconds(1)
        var triggers: [TaskTrigger] = []
        while let next = expression.next(after: last, in: zone) {
            guard triggers.count < TaskLimits.triggersMax else {
                throw TaskWriteError(
                    .tooManyTriggers,
                    "each time of its years needs a trigger, and a task has at most \(TaskLimits.triggersMax)",
                    hint: "leave the years out")
            }
            triggers.append(
                try trigger(.fixed(Zone.utc.local(at: next.instant), offset: 0), .once, nil))
            last = next.instant
        }
        guard !triggers.isEmpty else { throw refusal("its years are over") }
        return triggers
    }

    private static func combine(
        _ recurrences: [TaskTrigger.Recurrence], _ series: [TimeTranslation.Series], _ start: CivilDate,
        boundary: (CivilDateTime) -> TaskTrigger.Boundary
    ) throws(TaskWriteError) -> [TaskTrigger] {
        let count = recurrences.count * series.count
        guard count <= TaskLimits.triggersMax else {
            throw TaskWriteError(
                .tooManyTriggers,
                "it needs \(count) triggers, and a task has at most \(TaskLimits.triggersMax)",
                hint: "use times at an even distance, or fewer of them")
        }
        var triggers: [TaskTrigger] = []
        for recurrence in recurrences {
            for times in series {
                let local = CivilDateTime(date: start, secondOfDay: times.first)
                let repetition =
                    times.count == 1
                    ? nil
                    : TaskTrigger.Repetition(
                        interval: .seconds(times.step), duration: .seconds(times.step * (times.count - 1)))
                triggers.append(try trigger(boundary(local), recurrence, repetition))
            }
        }
        return triggers
    }

    /// A repetition for ever from the first multiple of the interval since 1970 that is in the day or after
    /// it.
    private static func every(
        _ interval: Duration, from start: CivilDate
    ) throws(TaskWriteError) -> TaskTrigger {
        guard interval >= .seconds(60), interval <= .seconds(31 * 86400) else {
            throw refusal("a repetition of Task Scheduler is one minute to 31 days long")
        }
        let seconds = interval.components.seconds
        let midnight = CivilDateTime(date: start, secondOfDay: 0).secondsSinceEpoch
        let first = (midnight + seconds - 1) / seconds * seconds
        return try trigger(
            .fixed(CivilDateTime(secondsSinceEpoch: first), offset: 0), .once,
            TaskTrigger.Repetition(interval: interval))
    }

    private static func midnight(of date: CivilDate, in zone: Zone) -> Instant {
        TaskTrigger.Boundary.local(CivilDateTime(date: date, secondOfDay: 0)).instant(onMachineIn: zone)
    }

    private static func trigger(
        _ start: TaskTrigger.Boundary, _ recurrence: TaskTrigger.Recurrence,
        _ repetition: TaskTrigger.Repetition?
    ) throws(TaskWriteError) -> TaskTrigger {
        do { return try TaskTrigger(start: start, recurrence: recurrence, repetition: repetition) } catch {
            throw refusal(error.description, hint: error.hint)
        }
    }

    static func refusal(_ why: String, hint: String? = nil) -> TaskWriteError {
        TaskWriteError(.schedule, "Task Scheduler cannot say this schedule: \(why)", hint: hint)
    }
}
