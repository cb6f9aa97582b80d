import CivilTime
import Scheduling

extension TaskDecoder {
    /// One of the four forms of a calendar trigger.
    mutating func decodeSchedule(_ element: XMLElement, path: String) -> TaskTrigger.Recurrence {
        context.rule(.honoured, path: path, at: element)
        var interval = 1
        var weekdays = NumberSet()
        var days = Numbers()
        var weeks = Numbers()
        var months = NumberSet()
        visit(element, path: path) { decoder, child, childPath in
            switch (element.name, child.name) {
            case ("ScheduleByDay", "DaysInterval"):
                interval = decoder.context.integer(child, path: childPath, in: 1...365) ?? 1
            case ("ScheduleByWeek", "WeeksInterval"):
                interval = decoder.context.integer(child, path: childPath, in: 1...52) ?? 1
            case ("ScheduleByWeek", "DaysOfWeek"), ("ScheduleByMonthDayOfWeek", "DaysOfWeek"):
                weekdays = decoder.decodeNames(
                    child, path: childPath, Weekday.allCases.map { ($0.name, $0.rawValue) })
            case ("ScheduleByMonth", "DaysOfMonth"):
                days = decoder.decodeNumbers(child, path: childPath, named: "Day", in: 1...31)
            case ("ScheduleByMonthDayOfWeek", "Weeks"):
                weeks = decoder.decodeNumbers(child, path: childPath, named: "Week", in: 1...4)
            case ("ScheduleByMonth", "Months"), ("ScheduleByMonthDayOfWeek", "Months"):
                months = decoder.decodeNames(child, path: childPath, TaskMonth.allCases)
            default: return false
            }
            return true
        }
        if element.name.hasPrefix("ScheduleByMonth"), months.isEmpty {
            context.report(
                .emptySet,
                "<\(element.name)> names no month, for which Task Scheduler gives no meaning; read as all"
                    + " months",
                hint: "name the months", at: element.offset)
            months = NumberSet(1...12)
        }
        switch element.name {
        case "ScheduleByDay": return .daily(interval: interval)
        case "ScheduleByWeek": return .weekly(interval: interval, weekdays: weekdays)
        case "ScheduleByMonth": return .monthly(days: days.numbers, lastDay: days.hasLast, months: months)
        default:
            return .monthlyWeekday(
                weeks: weeks.numbers, lastWeek: weeks.hasLast, weekdays: weekdays, months: months)
        }
    }

    private struct Numbers {
        var numbers = NumberSet()
        var hasLast = false
    }

    /// The numbers that the names of the empty elements in `element` stand for.
    private mutating func decodeNames(
        _ element: XMLElement, path: String, _ names: [(name: String, number: Int)]
    ) -> NumberSet {
        context.rule(.honoured, path: path, at: element)
        var found = NumberSet()
        visit(element, path: path, repeatable: true) { decoder, child, childPath in
            guard let known = names.first(where: { $0.name == child.name }) else { return false }
            decoder.context.rule(.honoured, path: childPath, at: child)
            found.insert(known.number)
            return true
        }
        return found
    }

    /// The numbers in `range`, or `Last`, of the elements `name`.
    private mutating func decodeNumbers(
        _ element: XMLElement, path: String, named name: String, in range: ClosedRange<Int>
    ) -> Numbers {
        context.rule(.honoured, path: path, at: element)
        var found = Numbers()
        visit(element, path: path, repeatable: true) { decoder, child, childPath in
            guard child.name == name else { return false }
            let text = decoder.context.filled(child.text)
            if text == "Last" {
                decoder.context.rule(.honoured, path: childPath, at: child)
                found.hasLast = true
            } else if let number = decoder.context.integer(child, path: childPath, in: range) {
                found.numbers.insert(number)
            }
            return true
        }
        return found
    }
}

/// The months of a year as elements of a task file.
enum TaskMonth {
    static let allCases: [(name: String, number: Int)] = [
        ("January", 1), ("February", 2), ("March", 3), ("April", 4), ("May", 5), ("June", 6), ("July", 7),
        ("August", 8), ("September", 9), ("October", 10), ("November", 11), ("December", 12),
    ]
}
