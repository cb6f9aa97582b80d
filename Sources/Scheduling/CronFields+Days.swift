/// A month as the day rules see it.
struct MonthShape {
    /// Days in the month, 28 to 31.
    let length: Int
    /// The weekday of the first day, 0 for Sunday.
    let firstWeekday: Int
}

extension CronFields {
    /// The days of a month that match, as bits 1 to 31.
    func matchingDays(_ month: MonthShape) -> UInt32 {
        let inMonth: UInt32 = ~1 & (~0 &>> UInt32(31 - month.length))
        var byDay = days & inMonth
        if lastDays != 0 || nearestWeekday != 0 {
            byDay |= specialDays(month)
        }
        // The week's pattern from the weekday of the first on, repeated five times.
        let week = UInt64(weekdays) | UInt64(weekdays) << 7
        let fromFirst = week &>> UInt64(month.firstWeekday) & 0x7f
        var byWeekday = UInt32(truncatingIfNeeded: fromFirst &* 0x1020_4081 &<< 1) & inMonth
        if nthWeekdays != 0 {
            byWeekday |= nthDays(month)
        }
        return bothDaysMustMatch ? byDay & byWeekday : byDay | byWeekday
    }

    /// `L`, `L-n`, `15W` and `LW`.
    private func specialDays(_ month: MonthShape) -> UInt32 {
        var bits: UInt32 = 0
        var offsets = lastDays
        while offsets != 0 {
            let day = month.length - offsets.trailingZeroBitCount
            if day >= 1 { bits |= 1 << UInt32(day) }
            offsets &= offsets - 1
        }
        let target = nearestWeekday == Self.lastWeekday ? month.length : Int(nearestWeekday)
        if target >= 1, target <= month.length {
            switch (month.firstWeekday + target - 1) % 7 {
            case 6: bits |= 1 << UInt32(target == 1 ? 3 : target - 1)
            case 0: bits |= 1 << UInt32(target == month.length ? target - 2 : target + 1)
            default: bits |= 1 << UInt32(target)
            }
        }
        return bits
    }

    /// `5#2` and `5L`.
    private func nthDays(_ month: MonthShape) -> UInt32 {
        var bits: UInt32 = 0
        var rest = nthWeekdays
        while rest != 0 {
            let (weekday, number) = rest.trailingZeroBitCount.quotientAndRemainder(dividingBy: 6)
            let first = 1 + (weekday + 7 - month.firstWeekday) % 7
            var day = first + 7 * number
            if number == 5 {
                day = first + (month.length - first) / 7 * 7
            }
            if day <= month.length { bits |= 1 << UInt32(day) }
            rest &= rest - 1
        }
        return bits
    }

    /// Whether any date of the years 1970 to 2199 matches.
    var canMatch: Bool {
        guard seconds != 0, minutes != 0, hours != 0 else { return false }
        return firstMatch(notBefore: 0) != nil
    }

    /// Brings expressions that mean the same to the same sets: marks that decide nothing are dropped.
    mutating func settle() {
        if !stars.isDisjoint(with: [.day, .weekday]) { isPlus = false }
        if seconds == 1 { stars.remove(StarSet(.second)) }
        if seconds == Self.full(.second) { stars.insert(StarSet(.second)) }
        if months == UInt16(Self.full(.month)) { stars.insert(StarSet(.month)) }
        if years == .all { stars.insert(StarSet(.year)) }
        isEveryDay =
            [CronField.day, .month, .weekday].allSatisfy { self[$0] == Self.full($0) } && years == .all
    }
}
