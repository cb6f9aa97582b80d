extension CronExpression {
    /// What an expression admits, as plain sets, for saying it in another language.
    package enum Parts: Sendable {
        /// `@every`: counted from 1970-01-01T00:00:00Z.
        case every(Duration)
        /// Five to seven fields, or a nickname that stands for them.
        case fields(Fields)
    }

    /// The sets of the fields.
    package struct Fields: Sendable {
        /// 0 to 59; 0 alone in an expression without this field.
        package let seconds: NumberSet
        /// 0 to 59.
        package let minutes: NumberSet
        /// 0 to 23.
        package let hours: NumberSet
        /// Days of the month, 1 to 31.
        package let days: NumberSet
        /// Days counted back from the last of the month, which is 0.
        package let daysFromEnd: NumberSet
        /// Whether the weekday nearest to a day is meant (`15W`, `LW`).
        package let hasNearestWeekday: Bool
        /// 1 to 12.
        package let months: NumberSet
        /// Sunday is 0.
        package let weekdays: NumberSet
        /// Bit n is the n-th such weekday of a month, 6 the last; the index is the weekday, Sunday being 0.
        package let nthWeekdays: [NumberSet]
        /// Whether only some of the years 1970 to 2199 are meant.
        package let restrictsYears: Bool
        /// Whether a day must match both day fields; otherwise one is enough.
        package let bothDaysMustMatch: Bool

        /// Whether the day of the month excludes a day.
        package var restrictsDays: Bool {
            hasNearestWeekday || !NumberSet(1...31).isSubset(of: days)
        }

        /// Whether the day of the week excludes a day.
        package var restrictsWeekdays: Bool {
            !NumberSet(0...6).isSubset(of: weekdays)
        }
    }

    /// The sets that the expression stands for.
    package var parts: Parts {
        switch form {
        case .every(let seconds): return .every(.seconds(seconds))
        case .fields(let fields):
            let set = { (field: CronField) in NumberSet(fields.values(of: field)) }
            var nthWeekdays = [NumberSet](repeating: NumberSet(), count: 7)
            for (weekday, number) in fields.nthWeekdayList { nthWeekdays[weekday].insert(number) }
            return .fields(
                Fields(
                    seconds: set(.second), minutes: set(.minute), hours: set(.hour), days: set(.day),
                    daysFromEnd: NumberSet((0..<32).filter { fields.lastDays >> UInt32($0) & 1 != 0 }),
                    hasNearestWeekday: fields.nearestWeekday != 0, months: set(.month),
                    weekdays: set(.weekday),
                    nthWeekdays: nthWeekdays, restrictsYears: fields.years != .all,
                    bothDaysMustMatch: fields.bothDaysMustMatch))
        }
    }
}
