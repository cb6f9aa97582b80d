import CivilTime

// Which days a trigger starts on, as day numbers since 1970-01-01, whatever the time of day and the zone.
extension TaskTrigger {
    /// Months from one 29th of February to the next at most: eight years, around 2100.
    private static let monthsMax = 8 * 12 + 1

    /// The first day of a start at or after `day`, nil when there is none.
    func firstDay(atOrAfter day: Int) -> Int? {
        let first = start.local.date.dayNumber
        let day = max(day, first)
        switch recurrence {
        case .once: return day == first ? first : nil
        case .daily(let interval): return first + (day - first + interval - 1) / interval * interval
        case .weekly(let interval, let weekdays):
            let week = Self.week(of: day)
            let distance = (week - Self.week(of: first)) % interval
            if distance == 0, let found = Self.day(inWeek: week, weekdays, atOrAfter: day) { return found }
            return Self.day(inWeek: week + interval - distance, weekdays, atOrAfter: day)
        case .monthly, .monthlyWeekday:
            var month = Month(of: day)
            for _ in 0..<Self.monthsMax {
                // Bit n is the n-th day of the month.
                let wanted = startDays(in: month) & ~0 << UInt64(max(day - month.firstDay + 1, 1))
                if wanted != 0 { return month.firstDay + wanted.trailingZeroBitCount - 1 }
                month = month.advanced(by: 1)
            }
            return nil
        }
    }

    /// The last day of a start at or before `day`, nil when there is none.
    func lastDay(atOrBefore day: Int) -> Int? {
        let first = start.local.date.dayNumber
        guard day >= first else { return nil }
        switch recurrence {
        case .once: return first
        case .daily(let interval): return day - (day - first) % interval
        case .weekly(let interval, let weekdays):
            let week = Self.week(of: day)
            let distance = (week - Self.week(of: first)) % interval
            var found: Int?
            if distance == 0 { found = Self.day(inWeek: week, weekdays, atOrBefore: day) }
            let earlier = week - (distance == 0 ? interval : distance)
            found = found ?? Self.day(inWeek: earlier, weekdays, atOrBefore: day)
            return found.flatMap { $0 >= first ? $0 : nil }
        case .monthly, .monthlyWeekday:
            var month = Month(of: day)
            for _ in 0..<Self.monthsMax {
                let end = min(day - month.firstDay + 1, 31)
                let wanted = startDays(in: month) & ((2 << UInt64(end)) - 1)
                if wanted != 0 {
                    let found = month.firstDay + 63 - wanted.leadingZeroBitCount - 1
                    return found >= first ? found : nil
                }
                if month.firstDay <= first { return nil }
                month = month.advanced(by: -1)
            }
            return nil
        }
    }

    /// The number of the week, beginning on Sunday, that holds a day; 1970-01-01 was a Thursday.
    private static func week(of day: Int) -> Int {
        let shifted = day + 4
        return shifted / 7 - (shifted % 7 < 0 ? 1 : 0)
    }

    private static func day(inWeek week: Int, _ weekdays: NumberSet, atOrAfter day: Int) -> Int? {
        (0..<7).first { weekdays.contains($0) && week * 7 - 4 + $0 >= day }.map { week * 7 - 4 + $0 }
    }

    private static func day(inWeek week: Int, _ weekdays: NumberSet, atOrBefore day: Int) -> Int? {
        (0..<7).last { weekdays.contains($0) && week * 7 - 4 + $0 <= day }.map { week * 7 - 4 + $0 }
    }

    /// The days of a month on which a monthly trigger starts: bit n is the n-th day.
    private func startDays(in month: Month) -> UInt64 {
        let length = UInt64(CivilDate.daysInMonth(year: month.year, month: month.month))
        let lastBit: UInt64 = 1 << length
        switch recurrence {
        case .once, .daily, .weekly: return 0
        case .monthly(let days, let lastDay, let months):
            guard months.contains(month.month) else { return 0 }
            return days.bits & (2 * lastBit - 1) | (lastDay ? lastBit : 0)
        case .monthlyWeekday(let weeks, let lastWeek, let weekdays, let months):
            guard months.contains(month.month) else { return 0 }
            let firstWeekday = CivilDate.weekday(ofDayNumber: month.firstDay).rawValue
            var days: UInt64 = 0
            for weekday in weekdays.numbers {
                let first = UInt64((weekday - firstWeekday + 7) % 7 + 1)
                for week in weeks.numbers { days |= 1 << (first + UInt64(week - 1) * 7) }
                if lastWeek { days |= 1 << (first + (length - first) / 7 * 7) }
            }
            return days
        }
    }

    /// A month of a year.
    private struct Month {
        let year: Int
        let month: Int
        /// The day number of its first day.
        let firstDay: Int

        init(year: Int, month: Int) {
            self.year = year
            self.month = month
            firstDay = CivilDate(uncheckedYear: year, month: month, day: 1).dayNumber
        }

        init(of day: Int) {
            let date = CivilDate(dayNumber: day)
            self.init(year: date.year, month: date.month)
        }

        func advanced(by months: Int) -> Month {
            let index = year * 12 + month - 1 + months
            return Month(year: index / 12, month: index % 12 + 1)
        }
    }
}
