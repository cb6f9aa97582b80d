/// A date and a time of day to the second, as a clock on a wall shows it, without a time zone.
///
/// It is kept as one number, because schedules compare and move local times far more often than they take
/// them apart.
package struct CivilDateTime: Hashable, Comparable, Sendable {
    /// Seconds from 1970-01-01T00:00:00 to this date and time, both read as UTC.
    package let secondsSinceEpoch: Int64

    /// The date and time that a clock at UTC shows `secondsSinceEpoch` after 1970-01-01T00:00:00Z; traps
    /// outside of `CivilDate.years`.
    package init(secondsSinceEpoch: Int64) {
        precondition(
            Self.seconds.contains(secondsSinceEpoch), "a local time far outside every calendar in use")
        self.secondsSinceEpoch = secondsSinceEpoch
    }

    /// The date and time, or nil when `hour` is not 0–23, or `minute` or `second` not 0–59.
    package init?(_ date: CivilDate, hour: Int, minute: Int, second: Int = 0) {
        guard (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second) else {
            return nil
        }
        self.init(date: date, secondOfDay: hour * 3600 + minute * 60 + second)
    }

    /// The date and time; traps when `secondOfDay` is not 0–86,399.
    package init(date: CivilDate, secondOfDay: Int) {
        precondition((0..<86_400).contains(secondOfDay), "a time of day beyond the day")
        self.init(secondsSinceEpoch: Int64(date.dayNumber * 86_400 + secondOfDay))
    }

    /// The seconds of `CivilDate.years`.
    private static var seconds: ClosedRange<Int64> {
        let days = CivilDate.dayNumbers
        return Int64(days.lowerBound) * 86_400...Int64(days.upperBound) * 86_400 + 86_399
    }

    /// The day.
    package var date: CivilDate {
        CivilDate(dayNumber: (Int(secondsSinceEpoch) - secondOfDay) / 86_400)
    }

    /// Seconds since midnight, 0 to 86,399.
    package var secondOfDay: Int {
        let second = Int(secondsSinceEpoch) % 86_400
        return second < 0 ? second + 86_400 : second
    }

    /// The hour, 0 to 23.
    package var hour: Int { secondOfDay / 3600 }

    /// The minute, 0 to 59.
    package var minute: Int { secondOfDay / 60 % 60 }

    /// The second, 0 to 59.
    package var second: Int { secondOfDay % 60 }

    package static func < (left: CivilDateTime, right: CivilDateTime) -> Bool {
        left.secondsSinceEpoch < right.secondsSinceEpoch
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
