/// A day of the proleptic Gregorian calendar (ISO 8601), without a time zone.
package struct CivilDate: Hashable, Comparable, Sendable {
    let storedYear: Int32
    let storedMonth: Int8
    let storedDay: Int8

    /// The years a date may have: every `Instant` has a date within them, with room for any zone.
    package static let years = -300_000...300_000

    /// The day numbers a date may have: those of `years`.
    static var dayNumbers: ClosedRange<Int> { -110_292_278...108_853_587 }

    /// The date, or nil when there is no such day.
    package init?(year: Int, month: Int, day: Int) {
        guard Self.years.contains(year), (1...12).contains(month), day >= 1,
            day <= Self.daysInMonth(year: year, month: month)
        else { return nil }
        self.init(uncheckedYear: year, month: month, day: day)
    }

    /// The date, for a caller who knows that the day exists; nothing is checked.
    package init(uncheckedYear year: Int, month: Int, day: Int) {
        storedYear = Int32(truncatingIfNeeded: year)
        storedMonth = Int8(truncatingIfNeeded: month)
        storedDay = Int8(truncatingIfNeeded: day)
    }

    /// The year; 0 is the year before 1.
    package var year: Int { Int(storedYear) }

    /// The month, 1 to 12.
    package var month: Int { Int(storedMonth) }

    /// The day of the month, 1 to 31.
    package var day: Int { Int(storedDay) }

    package static func < (left: CivilDate, right: CivilDate) -> Bool {
        left.order < right.order
    }

    package static func == (left: CivilDate, right: CivilDate) -> Bool {
        left.order == right.order
    }

    /// A number that orders dates.
    var order: Int {
        year << 16 | month << 8 | day
    }
}

extension CivilDate {
    /// Whether `year` has a 29th of February.
    package static func isLeapYear(_ year: Int) -> Bool {
        year & 3 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// The length of a month in days; `month` is 1 to 12.
    package static func daysInMonth(year: Int, month: Int) -> Int {
        if month == 2 { return isLeapYear(year) ? 29 : 28 }
        return 30 + ((month + month >> 3) & 1)
    }

    /// Whether the date's year has a 29th of February.
    package var isLeapYear: Bool { Self.isLeapYear(year) }

    /// The length of the date's month in days.
    package var daysInMonth: Int { Self.daysInMonth(year: year, month: month) }
}

// Both directions follow Neri and Schneider, "Euclidean affine functions and their application to calendar
// algorithms" (2022): the year begins in March, so that the leap day is its last, and the divisions by 1461
// (days of four years) and 153 (days of five months) become multiplications. Day numbers are shifted by
// whole cycles of 400 years (146,097 days) to be positive in 32 bits.
extension CivilDate {
    static let shiftedCycles = 800
    /// From 1 March of the year 0 to 1 January 1970, plus the shift.
    static let shiftedEpoch = 719_468 + 146_097 * shiftedCycles

    /// The number of days since 1970-01-01, negative before it.
    package var dayNumber: Int {
        let isJanuaryOrFebruary = storedMonth <= 2
        let marchYear = UInt32(
            truncatingIfNeeded: year + 400 * Self.shiftedCycles - (isJanuaryOrFebruary ? 1 : 0))
        let marchMonth = UInt32(truncatingIfNeeded: month + (isJanuaryOrFebruary ? 12 : 0))
        let century = marchYear / 100
        let daysBeforeYear = 1461 &* marchYear / 4 &- century &+ century / 4
        let daysBeforeMonth = (979 &* marchMonth &- 2919) / 32
        return Int(daysBeforeYear &+ daysBeforeMonth) + day - 1 - Self.shiftedEpoch
    }

    /// The date `dayNumber` days after 1970-01-01; traps outside `years`.
    package init(dayNumber: Int) {
        precondition(Self.dayNumbers.contains(dayNumber), "a day number far outside every calendar in use")
        let days = 4 &* UInt32(truncatingIfNeeded: dayNumber + Self.shiftedEpoch) &+ 3
        let century = days / 146_097
        let dayOfCentury = 4 &* (days % 146_097 / 4) &+ 3
        let product = 2_939_745 &* UInt64(dayOfCentury)
        let yearOfCentury = UInt32(truncatingIfNeeded: product >> 32)
        let dayOfYear = UInt32(truncatingIfNeeded: product) / 2_939_745 / 4
        let monthAndDay = 2141 &* dayOfYear &+ 197_913
        let isJanuaryOrFebruary = dayOfYear >= 306
        self.init(
            uncheckedYear: Int(100 &* century &+ yearOfCentury) - 400 * Self.shiftedCycles
                + (isJanuaryOrFebruary ? 1 : 0),
            month: Int(monthAndDay >> 16) - (isJanuaryOrFebruary ? 12 : 0),
            day: Int(monthAndDay & 0xffff) / 2141 + 1)
    }

    /// The day of the week.
    package var weekday: Weekday { Self.weekday(ofDayNumber: dayNumber) }

    /// The day of the week of a day given by its number.
    package static func weekday(ofDayNumber dayNumber: Int) -> Weekday {
        // 1970-01-01 was a Thursday.
        let remainder = (dayNumber + 4) % 7
        return Weekday(rawValue: remainder < 0 ? remainder + 7 : remainder) ?? .sunday
    }
}

extension CivilDate: CustomStringConvertible {
    /// The date as ISO 8601 writes it, `2026-03-29`; years outside 0 to 9999 get a sign and more digits.
    package var description: String {
        var text = DecimalText()
        text.append(date: self)
        return text.string
    }
}
