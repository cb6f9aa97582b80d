/// One field of a cron expression.
package enum CronField: UInt8, CaseIterable, Hashable, Sendable {
    /// In the order of an expression of seven fields; one of six has no year, one of five no second either.
    case second, minute, hour, day, month, weekday, year

    /// The name in messages.
    package var name: String {
        switch self {
        case .second: "second"
        case .minute: "minute"
        case .hour: "hour"
        case .day: "day of the month"
        case .month: "month"
        case .weekday: "day of the week"
        case .year: "year"
        }
    }

    /// The numbers that an operator may write; in the day of the week 0 and 7 are both Sunday.
    package var writable: ClosedRange<Int> {
        switch self {
        case .second, .minute: 0...59
        case .hour: 0...23
        case .day: 1...31
        case .month: 1...12
        case .weekday: 0...7
        case .year: CronLimits.years
        }
    }

    /// The numbers that are stored: as written, with Sunday as 0 only.
    var stored: ClosedRange<Int> {
        self == .weekday ? 0...6 : writable
    }

    /// The numbers that `H` chooses from: days stop at 28, so that every month has the chosen one.
    var hashed: ClosedRange<Int> {
        self == .day ? 1...28 : stored
    }

    /// The three-letter names of the field's numbers, the first for the smallest stored number; empty when it
    /// has none.
    var names: [String] {
        switch self {
        case .month: ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
        case .weekday: ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
        case .second, .minute, .hour, .day, .year: []
        }
    }
}
