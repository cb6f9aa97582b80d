import CivilTime
import Scheduling

extension TaskWriter {
    mutating func write(_ trigger: TaskTriggerDefinition) throws(TaskWriteError) {
        switch trigger.kind {
        case .clock(let clock):
            let name = clock.recurrence == .once ? "TimeTrigger" : "CalendarTrigger"
            try inside(name) { (writer) throws(TaskWriteError) in
                try writer.writeCommonParts(of: trigger, clock.start, clock.end, clock.repetition)
                if clock.randomDelay > .zero {
                    try writer.leaf("RandomDelay", DurationText.iso8601(clock.randomDelay))
                }
                try writer.write(clock.recurrence)
            }
        case .event(let event):
            try inside(event.event == .boot ? "BootTrigger" : "RegistrationTrigger") {
                (writer) throws(TaskWriteError) in
                try writer.writeCommonParts(of: trigger, event.start, event.end, event.repetition)
                if event.delay > .zero { try writer.leaf("Delay", DurationText.iso8601(event.delay)) }
            }
        case .refused(let name):
            throw TaskWriteError(.trigger, "a \(name) is not read, and so cannot be written")
        }
    }

    /// In the order of the exports of Task Scheduler's window.
    private mutating func writeCommonParts(
        of trigger: TaskTriggerDefinition, _ start: TaskTrigger.Boundary?, _ end: TaskTrigger.Boundary?,
        _ repetition: TaskTrigger.Repetition?
    ) throws(TaskWriteError) {
        if let repetition {
            try inside("Repetition") { (writer) throws(TaskWriteError) in
                try writer.leaf("Interval", DurationText.iso8601(repetition.interval))
                if let duration = repetition.duration {
                    try writer.leaf("Duration", DurationText.iso8601(duration))
                }
                try writer.leaf("StopAtDurationEnd", "\(repetition.stopAtDurationEnd)")
            }
        }
        if let start { try leaf("StartBoundary", Self.text(of: start)) }
        if let end { try leaf("EndBoundary", Self.text(of: end)) }
        if let limit = trigger.executionTimeLimit {
            try leaf("ExecutionTimeLimit", DurationText.iso8601(limit))
        }
        try leaf("Enabled", "\(trigger.isEnabled)")
    }

    private mutating func write(_ recurrence: TaskTrigger.Recurrence) throws(TaskWriteError) {
        switch recurrence {
        case .once: break
        case .daily(let interval):
            try inside("ScheduleByDay") { (writer) throws(TaskWriteError) in
                try writer.leaf("DaysInterval", "\(interval)")
            }
        case .weekly(let interval, let weekdays):
            try inside("ScheduleByWeek") { (writer) throws(TaskWriteError) in
                try writer.leaf("WeeksInterval", "\(interval)")
                try writer.write(weekdays: weekdays)
            }
        case .monthly(let days, let lastDay, let months):
            try inside("ScheduleByMonth") { (writer) throws(TaskWriteError) in
                try writer.write(days, lastDay, "DaysOfMonth", "Day")
                try writer.write(months: months)
            }
        case .monthlyWeekday(let weeks, let lastWeek, let weekdays, let months):
            try inside("ScheduleByMonthDayOfWeek") { (writer) throws(TaskWriteError) in
                try writer.write(weeks, lastWeek, "Weeks", "Week")
                try writer.write(weekdays: weekdays)
                try writer.write(months: months)
            }
        }
    }

    private mutating func write(
        _ numbers: NumberSet, _ hasLast: Bool, _ list: String, _ name: String
    ) throws(TaskWriteError) {
        try inside(list) { (writer) throws(TaskWriteError) in
            for number in numbers.numbers { try writer.leaf(name, "\(number)") }
            if hasLast { try writer.leaf(name, "Last") }
        }
    }

    private mutating func write(weekdays: NumberSet) throws(TaskWriteError) {
        try inside("DaysOfWeek") { (writer) throws(TaskWriteError) in
            for weekday in Weekday.allCases where weekdays.contains(weekday.rawValue) {
                writer.empty(weekday.name)
            }
        }
    }

    private mutating func write(months: NumberSet) throws(TaskWriteError) {
        try inside("Months") { (writer) throws(TaskWriteError) in
            for month in TaskMonth.allCases where months.contains(month.number) { writer.empty(month.name) }
        }
    }

    /// `Z` for UTC; an offset otherwise, or nothing for local time.
    private static func text(of boundary: TaskTrigger.Boundary) throws(TaskWriteError) -> String {
        switch boundary {
        case .local(let local): return local.description
        case .fixed(let local, let offset):
            if offset == 0 { return local.description + "Z" }
            guard offset.isMultiple(of: 60), abs(offset) <= 14 * 3600 else {
                throw TaskWriteError(.trigger, "an offset of \(offset) seconds from UTC cannot be written")
            }
            let two = { (number: Int) in number < 10 ? "0\(number)" : "\(number)" }
            let minutes = abs(offset) / 60
            return "\(local)\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
        }
    }
}
