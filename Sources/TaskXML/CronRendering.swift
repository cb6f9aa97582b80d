package import CivilTime
package import Scheduling

/// Says the triggers of a task as a cron expression, or says why none can.
package enum CronRendering {
    /// The expression that is due when the trigger is, from its start boundary on, and the zone of its times; nil for
    /// the zone of the machine.
    package struct Line: Sendable, Equatable {
        /// Five fields, or six when the trigger has seconds.
        package var expression: String
        /// `UTC` for a boundary with `Z`; nil for the zone of the machine.
        package var zone: String?
    }

    /// The line for `trigger` on a `machine` in a zone. A trigger is refused when it counts days or weeks, ends, or repeats
    /// at times that no expression has.
    package static func line(for trigger: TaskTrigger, on machine: Zone) throws(TaskWriteError) -> Line {
        guard trigger.isEnabled else { throw refusal("the trigger is disabled") }
        guard trigger.end == nil else { throw refusal("it ends, and an expression goes on") }
        if let interval = evenInterval(of: trigger) {
            return Line(expression: "@every \(interval)", zone: "UTC")
        }
        let local: CivilDateTime
        var zone: String?
        switch trigger.start {
        case .local(let start): local = start
        case .fixed(let start, let offset):
            guard offset == 0 else {
                throw refusal("its boundary has an offset from UTC that is no zone", hint: "write it with Z")
            }
            (local, zone) = (start, "UTC")
        }
        let isForEver = trigger.recurrence == .once && trigger.repetition.map { $0.duration == nil } ?? false
        let isSteady = machine.lastingOffset(from: trigger.start.instant(onMachineIn: machine)) != nil
        guard trigger.repetition == nil || zone != nil || isSteady else {
            throw refusal(
                "it repeats in real time, whatever a change of the clocks does", hint: "write it with Z")
        }
        let isDaily = isForEver || trigger.recurrence == .daily(interval: 1)
        let times = try times(local, trigger.repetition, isDaily: isDaily)
        if trigger.recurrence == .once, trigger.repetition == nil {
            let date = local.date
            return Line(
                expression: "\(local.second) \(times) \(date.day) \(date.month) ? \(date.year)", zone: zone)
        }
        let days = isForEver ? "* * *" : try days(trigger.recurrence, local)
        let seconds = local.second == 0 ? "" : "\(local.second) "
        return Line(expression: seconds + times + " " + days, zone: zone)
    }

    /// The interval of a trigger that repeats for ever at multiples of it since 1970, as `@every` does.
    private static func evenInterval(of trigger: TaskTrigger) -> String? {
        guard trigger.recurrence == .once, let repetition = trigger.repetition, repetition.duration == nil,
            case .fixed(let local, let offset) = trigger.start,
            case let seconds = repetition.interval.components.seconds,
            repetition.interval == .seconds(seconds),
            (local.secondsSinceEpoch - Int64(offset)).isMultiple(of: seconds)
        else { return nil }
        return DurationText.compact(repetition.interval)
    }

    /// The minute and hour fields.
    private static func times(
        _ local: CivilDateTime, _ repetition: TaskTrigger.Repetition?, isDaily: Bool
    ) throws(TaskWriteError) -> String {
        guard let repetition else { return "\(local.minute) \(local.hour)" }
        let step = repetition.interval.components.seconds
        let first = Int64(local.secondOfDay - local.second)
        guard step % 60 == 0, repetition.interval == .seconds(step) else {
            throw refusal("it repeats in parts of a minute")
        }
        // The times of one day: the repetition must end within it, or go round it evenly.
        let length = repetition.duration.map(\.components.seconds) ?? 86400
        guard first + length < 86400 || (isDaily && 86400 % step == 0 && length >= 86400 - step) else {
            throw refusal("its repetition goes beyond the day")
        }
        let end = first + length < 86400 ? first + length : 86399 + first
        let minutes = stride(from: first, through: end, by: Int(step)).map { Int($0 % 86400 / 60) }
        let hours = Set(minutes.map { $0 / 60 }).sorted()
        let perHour = Dictionary(grouping: minutes, by: { $0 / 60 }).mapValues { Set($0.map { $0 % 60 }) }
        guard let common = perHour[hours[0]], hours.allSatisfy({ perHour[$0] == common }) else {
            throw refusal("its repetition has other minutes in other hours")
        }
        return list(common.sorted()) + " " + (hours.count == 24 ? "0-23" : list(hours))
    }

    /// The day, month and weekday fields.
    private static func days(
        _ recurrence: TaskTrigger.Recurrence, _ local: CivilDateTime
    ) throws(TaskWriteError) -> String {
        switch recurrence {
        case .once:
            throw refusal("it starts once and repeats for a while")
        case .daily(1): return "* * *"
        case .daily(let interval): throw refusal("it counts \(interval) days, across months of any length")
        case .weekly(1, let weekdays): return "* * " + list(weekdays.numbers)
        case .weekly(let interval, _): throw refusal("it counts \(interval) weeks")
        case .monthly(let days, let lastDay, let months):
            let fields = days.numbers.map(String.init) + (lastDay ? ["L"] : [])
            return fields.joined(separator: ",") + " " + monthField(months) + " *"
        case .monthlyWeekday(let weeks, let lastWeek, let weekdays, let months):
            let fields = weekdays.numbers.flatMap { day in
                weeks.numbers.map { "\(day)#\($0)" } + (lastWeek ? ["\(day)L"] : [])
            }
            return "* " + monthField(months) + " " + fields.joined(separator: ",")
        }
    }

    private static func monthField(_ months: NumberSet) -> String {
        months.numbers.count == 12 ? "*" : list(months.numbers)
    }

    private static func list(_ numbers: [Int]) -> String {
        numbers.map(String.init).joined(separator: ",")
    }

    private static func refusal(_ why: String, hint: String? = nil) -> TaskWriteError {
        TaskWriteError(.schedule, "no cron expression says this trigger: \(why)", hint: hint)
    }
}
