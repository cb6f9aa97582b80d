/// A date and a time of day to the second, as a clock on a wall shows it, without a time zone.
package struct CivilDateTime: Hashable, Comparable, Sendable {
    /// The day.
    package let date: CivilDate
    let storedSecondOfDay: Int32

    /// The date and time, or nil when `hour` is not 0–23, or `minute` or `second` not 0–59.
    package init?(_ date: CivilDate, hour: Int, minute: Int, second: Int = 0) {
        guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second) else {
            return nil
        }
        self.init(date: date, secondOfDay: hour * 3600 + minute * 60 + second)
    }

    /// The date and time; traps when `secondOfDay` is not 0–86,399.
    package init(date: CivilDate, secondOfDay: Int) {
        precondition(secondOfDay >= 0 && secondOfDay < 86_400, "a time of day beyond the day")
        self.date = date
        storedSecondOfDay = Int32(truncatingIfNeeded: secondOfDay)
    }

    /// The date and time that a clock at UTC shows `secondsSinceEpoch` after 1970-01-01T00:00:00Z.
    package init(secondsSinceEpoch seconds: Int64) {
        var day = Int(seconds) / 86_400
        var secondOfDay = Int(seconds) % 86_400
        if secondOfDay < 0 {
            day -= 1
            secondOfDay += 86_400
        }
        self.init(date: CivilDate(dayNumber: day), secondOfDay: secondOfDay)
    }

    /// Seconds from 1970-01-01T00:00:00 to this date and time, both read as UTC.
    package var secondsSinceEpoch: Int64 {
        Int64(date.dayNumber * 86_400 + secondOfDay)
    }

    /// Seconds since midnight, 0 to 86,399.
    package var secondOfDay: Int { Int(storedSecondOfDay) }

    /// The hour, 0 to 23.
    package var hour: Int { secondOfDay / 3600 }

    /// The minute, 0 to 59.
    package var minute: Int { secondOfDay / 60 % 60 }

    /// The second, 0 to 59.
    package var second: Int { secondOfDay % 60 }

    package static func < (left: CivilDateTime, right: CivilDateTime) -> Bool {
        left.date == right.date ? left.storedSecondOfDay < right.storedSecondOfDay : left.date < right.date
    }
}

extension CivilDateTime: CustomStringConvertible {
    /// The date and time as ISO 8601 writes it, `2026-03-29T00:10:00`.
    package var description: String {
        var text = DecimalText()
        text.append(date: date)
        text.append("T")
        text.append(timeOf: self)
        return text.string
    }
}
