import CivilTime

/// The search for a local date and time that matches, in whole seconds since 1970-01-01T00:00:00 local time.
///
/// It jumps from field to field by the lowest or highest bit that is left, so its work is bounded by the months of the years
/// 1970 to 2199, and for usual expressions is one or two steps.
extension CronFields {
    static let secondsPerDay: Int64 = 86_400

    /// The first second after the last year of `CronLimits.years`.
    static let searchEnd: Int64 = 7_258_118_400

    /// A local time that matches.
    struct Match {
        /// Seconds since 1970-01-01T00:00:00 local time.
        let second: Int64
        let local: CivilDateTime

        init(dayNumber: Int, date: CivilDate, time: Int) {
            second = Int64(dayNumber) * CronFields.secondsPerDay + Int64(time)
            local = CivilDateTime(date: date, secondOfDay: time)
        }
    }

    /// The first match at or after a local time, or nil when there is none up to the end of 2199.
    func firstMatch(notBefore local: Int64) -> Match? {
        let from = max(local, 0)
        guard from < Self.searchEnd else { return nil }
        let dayNumber = Int(from / Self.secondsPerDay)
        let time = firstTime(notBefore: Int(from % Self.secondsPerDay))
        if isEveryDay {
            // The result does not wait for the date.
            if let time {
                return Match(dayNumber: dayNumber, date: CivilDate(dayNumber: dayNumber), time: time)
            }
            guard from < Self.searchEnd - Self.secondsPerDay else { return nil }
            return Match(dayNumber: dayNumber + 1, date: CivilDate(dayNumber: dayNumber + 1), time: firstTime)
        }
        let date = CivilDate(dayNumber: dayNumber)
        if years.contains(date.year), months &>> UInt16(date.month) & 1 != 0 {
            let month = MonthShape(year: date.year, month: date.month, firstDay: dayNumber - date.day + 1)
            let rest = matchingDays(month) &>> UInt32(date.day)
            if rest & 1 != 0, let time {
                return Match(dayNumber: dayNumber, date: date, time: time)
            }
            let later = (rest & ~1).trailingZeroBitCount
            if later < 32 {
                let later = CivilDate(uncheckedYear: date.year, month: date.month, day: date.day + later)
                return Match(dayNumber: dayNumber + later.day - date.day, date: later, time: firstTime)
            }
        }
        return firstMatch(afterMonth: date.month, of: date.year)
    }

    /// The first match in the months after one.
    private func firstMatch(afterMonth passed: Int, of passedYear: Int) -> Match? {
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
                let date = CivilDate(uncheckedYear: year, month: month, day: matching.trailingZeroBitCount)
                return Match(dayNumber: firstDay + date.day - 1, date: date, time: firstTime)
            }
        }
    }

    /// The last match at or before a local time, or nil when there is none since the beginning of 1970.
    func lastMatch(notAfter local: Int64) -> Match? {
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
                return Match(dayNumber: dayNumber, date: date, time: time)
            }
            let earlier = matching & ~(~0 &<< UInt32(date.day))
            if earlier != 0 {
                return lastMatch(on: earlier, year: date.year, month: date.month, firstDay: firstDay)
            }
        }
        return lastMatch(beforeMonth: date.month, of: date.year)
    }

    /// The last match in the months before one.
    private func lastMatch(beforeMonth passed: Int, of passedYear: Int) -> Match? {
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
                return lastMatch(on: matching, year: year, month: month, firstDay: firstDay)
            }
        }
    }

    /// The last match on the last of some days of a month.
    private func lastMatch(on days: UInt32, year: Int, month: Int, firstDay: Int) -> Match {
        let date = CivilDate(uncheckedYear: year, month: month, day: 31 - days.leadingZeroBitCount)
        return Match(dayNumber: firstDay + date.day - 1, date: date, time: lastTime)
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

    private func firstTime(notBefore time: Int) -> Int? {
        let hour = time / 3600
        let minute = time / 60 % 60
        if hours &>> UInt32(hour) & 1 != 0 {
            let rest = minutes &>> UInt64(minute)
            let restOfMinute = seconds &>> UInt64(time % 60)
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
    /// The shape of a month whose first day is given by its number since 1970-01-01, which must not be before it.
    init(year: Int, month: Int, firstDay: Int) {
        length = CivilDate.daysInMonth(year: year, month: month)
        // 1970-01-01 was a Thursday.
        firstWeekday = (firstDay + 4) % 7
    }
}
