import CivilTime

/// The search for a local date and time that matches, in whole seconds since 1970-01-01T00:00:00 local time.
///
/// It jumps from field to field by the lowest or highest bit that is left, so its work is bounded by the
/// months of the years 1970 to 2199, and for usual expressions is one or two steps.
extension CronFields {
    static let secondsPerDay: Int64 = 86_400

    /// The first second after the last year of `CronLimits.years`.
    static let searchEnd: Int64 = 7_258_118_400

    /// The first match at or after a local time, or nil when there is none up to the end of 2199.
    func firstMatch(notBefore local: Int64) -> Int64? {
        let from = max(local, 0)
        guard from < Self.searchEnd else { return nil }
        let dayNumber = Int(from / Self.secondsPerDay)
        let time = firstTime(notBefore: Int(from % Self.secondsPerDay))
        if isEveryDay {
            if let time { return Self.local(dayNumber, time) }
            return from < Self.searchEnd - Self.secondsPerDay ? Self.local(dayNumber + 1, firstTime) : nil
        }
        let date = CivilDate(dayNumber: dayNumber)
        let (year, month, day) = (date.year, date.month, date.day)
        if years.contains(year), months &>> UInt16(month) & 1 != 0 {
            let shape = MonthShape(year: year, month: month, firstDay: dayNumber - day + 1)
            let rest = matchingDays(shape) &>> UInt32(day)
            if rest & 1 != 0, let time { return Self.local(dayNumber, time) }
            let later = rest & ~1
            if later != 0 { return Self.local(dayNumber + later.trailingZeroBitCount, firstTime) }
        }
        return firstMatch(afterMonth: month, of: year)
    }

    /// The first match in the months after one.
    private func firstMatch(afterMonth passed: Int, of passedYear: Int) -> Int64? {
        var year = passedYear
        var month = passed
        while true {
            let laterMonths = years.contains(year) ? months & (~1 &<< UInt16(month)) : 0
            if laterMonths != 0 {
                month = laterMonths.trailingZeroBitCount
            } else {
                guard let next = years.first(from: year + 1) else { return nil }
                year = next
                month = months.trailingZeroBitCount
            }
            let firstDay = CivilDate(uncheckedYear: year, month: month, day: 1).dayNumber
            let matching = matchingDays(MonthShape(year: year, month: month, firstDay: firstDay))
            if matching != 0 {
                return Self.local(firstDay + matching.trailingZeroBitCount - 1, firstTime)
            }
        }
    }

    /// The last match at or before a local time, or nil when there is none since the beginning of 1970.
    func lastMatch(notAfter local: Int64) -> Int64? {
        guard local >= 0 else { return nil }
        let to = min(local, Self.searchEnd - 1)
        let dayNumber = Int(to / Self.secondsPerDay)
        let date = CivilDate(dayNumber: dayNumber)
        if years.contains(date.year), months &>> UInt16(date.month) & 1 != 0 {
            let firstDay = dayNumber - date.day + 1
            let matching = matchingDays(MonthShape(year: date.year, month: date.month, firstDay: firstDay))
            if matching &>> UInt32(date.day) & 1 != 0,
                let time = lastTime(notAfter: Int(to % Self.secondsPerDay))
            {
                return Self.local(dayNumber, time)
            }
            let earlier = matching & ~(~0 &<< UInt32(date.day))
            if earlier != 0 {
                return Self.local(firstDay + 30 - earlier.leadingZeroBitCount, lastTime)
            }
        }
        return lastMatch(beforeMonth: date.month, of: date.year)
    }

    /// The last match in the months before one.
    private func lastMatch(beforeMonth passed: Int, of passedYear: Int) -> Int64? {
        var year = passedYear
        var month = passed
        while true {
            let earlierMonths = years.contains(year) ? months & ~(~0 &<< UInt16(month)) : 0
            if earlierMonths != 0 {
                month = 15 - earlierMonths.leadingZeroBitCount
            } else {
                guard let previous = years.last(to: year - 1) else { return nil }
                year = previous
                month = 15 - months.leadingZeroBitCount
            }
            let firstDay = CivilDate(uncheckedYear: year, month: month, day: 1).dayNumber
            let matching = matchingDays(MonthShape(year: year, month: month, firstDay: firstDay))
            if matching != 0 {
                return Self.local(firstDay + 30 - matching.leadingZeroBitCount, lastTime)
            }
        }
    }

    /// A local time from its day and its second of the day.
    private static func local(_ dayNumber: Int, _ time: Int) -> Int64 {
        Int64(dayNumber) * secondsPerDay + Int64(time)
    }

    /// The first time of day that matches, in seconds.
    private var firstTime: Int {
        hours.trailingZeroBitCount * 3600 + minutes.trailingZeroBitCount * 60 + seconds.trailingZeroBitCount
    }

    /// The last time of day that matches, in seconds.
    private var lastTime: Int {
        (31 - hours.leadingZeroBitCount) * 3600 + (63 - minutes.leadingZeroBitCount) * 60
            + 63 - seconds.leadingZeroBitCount
    }

    @inline(__always)
    private func firstTime(notBefore time: Int) -> Int? {
        // 32-bit arithmetic: this is where a search spends its time.
        let minuteOfDay = UInt32(truncatingIfNeeded: time) / 60
        let hour = Int(minuteOfDay / 60)
        let minute = Int(minuteOfDay % 60)
        if hours &>> UInt32(hour) & 1 != 0 {
            let rest = minutes &>> UInt64(minute)
            let restOfMinute = seconds &>> UInt64(time - Int(minuteOfDay) * 60)
            if rest & 1 != 0, restOfMinute != 0 {
                return time + restOfMinute.trailingZeroBitCount
            }
            let later = rest & ~1
            if later != 0 {
                return hour * 3600 + (minute + later.trailingZeroBitCount) * 60 + seconds.trailingZeroBitCount
            }
        }
        let laterHours = hours & (~1 &<< UInt32(hour))
        guard laterHours != 0 else { return nil }
        return laterHours.trailingZeroBitCount * 3600 + minutes.trailingZeroBitCount * 60
            + seconds.trailingZeroBitCount
    }

    private func lastTime(notAfter time: Int) -> Int? {
        let hour = time / 3600
        let minute = time / 60 % 60
        if hours &>> UInt32(hour) & 1 != 0 {
            let inMinute = seconds & ~(~1 &<< UInt64(time % 60))
            if minutes &>> UInt64(minute) & 1 != 0, inMinute != 0 {
                return hour * 3600 + minute * 60 + 63 - inMinute.leadingZeroBitCount
            }
            let earlier = minutes & ~(~0 &<< UInt64(minute))
            if earlier != 0 {
                return hour * 3600 + (63 - earlier.leadingZeroBitCount) * 60 + 63
                    - seconds.leadingZeroBitCount
            }
        }
        let earlierHours = hours & ~(~0 &<< UInt32(hour))
        guard earlierHours != 0 else { return nil }
        return (31 - earlierHours.leadingZeroBitCount) * 3600 + (63 - minutes.leadingZeroBitCount) * 60
            + 63 - seconds.leadingZeroBitCount
    }
}

extension MonthShape {
    /// The shape of a month whose first day is given by its number since 1970-01-01, which must not be before
    /// it.
    init(year: Int, month: Int, firstDay: Int) {
        length = CivilDate.daysInMonth(year: year, month: month)
        // 1970-01-01 was a Thursday.
        firstWeekday = (firstDay + 4) % 7
    }
}
