import Scheduling

/// The days of a cron expression as recurrences that have no day in common: two that had would start a task
/// twice.
enum DayTranslation {
    private static let allMonths = NumberSet(1...12)

    static func recurrences(
        of fields: CronExpression.Fields
    ) throws(TaskWriteError) -> [TaskTrigger.Recurrence] {
        guard !fields.hasNearestWeekday else {
            throw TaskTriggerRendering.refusal("a trigger knows no nearest weekday (W)")
        }
        guard fields.daysFromEnd.isSubset(of: [0]) else {
            throw TaskTriggerRendering.refusal(
                "a trigger knows the last day of a month, but no day before it (L-n)")
        }
        switch (fields.restrictsDays, fields.restrictsWeekdays) {
        case (false, false): return [everyDay(fields.months)]
        case (true, false) where fields.bothDaysMustMatch: return [days(fields)]
        case (false, true) where fields.bothDaysMustMatch: return try weekdays(fields)
        case (true, true) where fields.bothDaysMustMatch: return [try weekdaysWithinWeeks(fields)]
        case (true, true):
            throw TaskTriggerRendering.refusal(
                "it is due when the day of the month or the day of the week matches, and where both do, two"
                    + " triggers would start it twice",
                hint: "make two jobs of it, or leave one of the fields *")
        // One field that admits every day is enough.
        case (true, false), (false, true): return [everyDay(fields.months)]
        }
    }

    private static func everyDay(_ months: NumberSet) -> TaskTrigger.Recurrence {
        months == allMonths
            ? .daily(interval: 1) : .monthly(days: NumberSet(1...31), lastDay: false, months: months)
    }

    private static func days(_ fields: CronExpression.Fields) -> TaskTrigger.Recurrence {
        .monthly(days: fields.days, lastDay: !fields.daysFromEnd.isEmpty, months: fields.months)
    }

    /// Plain weekdays in one recurrence, and those with a number (`5#2`, `5L`) by the numbers that they have.
    private static func weekdays(
        _ fields: CronExpression.Fields
    ) throws(TaskWriteError) -> [TaskTrigger.Recurrence] {
        var recurrences: [TaskTrigger.Recurrence] = []
        if !fields.weekdays.isEmpty {
            recurrences.append(
                fields.months == allMonths
                    ? .weekly(interval: 1, weekdays: fields.weekdays)
                    // Weeks 1 to 4 and the last are all there are.
                    : .monthlyWeekday(
                        weeks: NumberSet(1...4), lastWeek: true, weekdays: fields.weekdays,
                        months: fields.months))
        }
        var groups: [(numbers: NumberSet, weekdays: NumberSet)] = []
        for (weekday, numbers) in fields.nthWeekdays.enumerated() {
            // A weekday that is meant in every week needs no number.
            guard !numbers.isEmpty, !fields.weekdays.contains(weekday) else { continue }
            guard !numbers.contains(5) else {
                throw TaskTriggerRendering.refusal(
                    "a trigger counts weekdays to the fourth, and knows the last (#5 is neither)",
                    hint: "use L for the last one")
            }
            if let index = groups.firstIndex(where: { $0.numbers == numbers }) {
                groups[index].weekdays.insert(weekday)
            } else {
                groups.append((numbers, [weekday]))
            }
        }
        return recurrences
            + groups.map { group in
                .monthlyWeekday(
                    weeks: NumberSet(group.numbers.numbers.filter { $0 <= 4 }),
                    lastWeek: group.numbers.contains(6),
                    weekdays: group.weekdays, months: fields.months)
            }
    }

    /// Days 1 to 7, 8 to 14, 15 to 21 and 22 to 28 that are a weekday are the first to the fourth such of the
    /// month.
    private static func weekdaysWithinWeeks(
        _ fields: CronExpression.Fields
    ) throws(TaskWriteError) -> TaskTrigger.Recurrence {
        let weeks = (1...4).filter { NumberSet(($0 * 7 - 6)...($0 * 7)).isSubset(of: fields.days) }
        let covered = NumberSet(weeks.flatMap { ($0 * 7 - 6)...($0 * 7) })
        let isPlain = fields.nthWeekdays.allSatisfy(\.isEmpty) && fields.daysFromEnd.isEmpty
        guard !weeks.isEmpty, covered == fields.days, isPlain else {
            throw TaskTriggerRendering.refusal(
                "it is due when both the day of the month and the day of the week match",
                hint: "only days 1-7, 8-14, 15-21 or 22-28 together with a weekday can be said")
        }
        return .monthlyWeekday(
            weeks: NumberSet(weeks), lastWeek: false, weekdays: fields.weekdays, months: fields.months)
    }
}
