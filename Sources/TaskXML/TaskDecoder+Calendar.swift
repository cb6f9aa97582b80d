extension TaskDecoder {
    /// One of the four forms of a calendar trigger; nil when it names no day.
    mutating func decodeSchedule(_ element: XMLElement, path: String) -> TaskTriggerDefinition.Kind? {
        context.rule(.honoured, path: path, at: element)
        var interval = 1
        var weekdays: Set<TaskWeekday> = []
        var days = Numbers()
        var weeks = Numbers()
        var months: Set<Int>?
        visit(element, path: path) { decoder, child, childPath in
            switch (element.name, child.name) {
            case ("ScheduleByDay", "DaysInterval"):
                interval = decoder.context.integer(child, path: childPath, in: 1...365) ?? 1
            case ("ScheduleByWeek", "WeeksInterval"):
                interval = decoder.context.integer(child, path: childPath, in: 1...52) ?? 1
            case ("ScheduleByWeek", "DaysOfWeek"), ("ScheduleByMonthDayOfWeek", "DaysOfWeek"):
                let names = TaskWeekday.allCases.map(\.elementName)
                let found = decoder.decodeNames(child, path: childPath, names)
                weekdays = Set(found.compactMap(TaskWeekday.init(rawValue:)))
            case ("ScheduleByMonth", "DaysOfMonth"):
                days = decoder.decodeNumbers(child, path: childPath, named: "Day", in: 1...31)
            case ("ScheduleByMonthDayOfWeek", "Weeks"):
                weeks = decoder.decodeNumbers(child, path: childPath, named: "Week", in: 1...4)
            case ("ScheduleByMonth", "Months"), ("ScheduleByMonthDayOfWeek", "Months"):
                months = Set(decoder.decodeNames(child, path: childPath, TaskMonth.names))
            default: return false
            }
            return true
        }
        if element.name.hasPrefix("ScheduleByMonth"), months?.isEmpty ?? true {
            context.report(
                .emptySet,
                "<\(element.name)> names no month, for which Task Scheduler gives no meaning; read as all months",
                hint: "name the months", at: element.offset)
            months = Set(1...12)
        }
        switch element.name {
        case "ScheduleByDay": return .daily(interval: interval)
        case "ScheduleByWeek":
            return weekdays.isEmpty ? missing("day", element) : .weekly(interval: interval, days: weekdays)
        case "ScheduleByMonth":
            return days.isEmpty
                ? missing("day", element)
                : .monthly(days: days.numbers, isLastDay: days.hasLast, months: months ?? [])
        default:
            if weeks.isEmpty { return missing("week", element) }
            if weekdays.isEmpty { return missing("day", element) }
            return .monthlyWeekday(
                weeks: weeks.numbers, isLastWeek: weeks.hasLast, days: weekdays, months: months ?? [])
        }
    }

    private struct Numbers {
        var numbers: Set<Int> = []
        var hasLast = false
        var isEmpty: Bool { numbers.isEmpty && !hasLast }
    }

    private mutating func missing(_ what: String, _ element: XMLElement) -> TaskTriggerDefinition.Kind? {
        context.report(
            .missingElement, "<\(element.name)> names no \(what), so that it is never due",
            hint: "name at least one \(what)", at: element.offset)
        return nil
    }

    /// The places, from 1, of the empty elements in `element` among `names`.
    private mutating func decodeNames(_ element: XMLElement, path: String, _ names: [String]) -> [Int] {
        context.rule(.honoured, path: path, at: element)
        var found: [Int] = []
        visit(element, path: path, repeatable: true) { decoder, child, childPath in
            guard let index = names.firstIndex(of: child.name) else { return false }
            decoder.context.rule(.honoured, path: childPath, at: child)
            found.append(index + 1)
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
    static let names = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November",
        "December",
    ]
}
