/// What the fields of a cron expression admit: bit sets and a few rules for days, 88 bytes in all.
struct CronFields: Hashable, Sendable {
    /// Bits 0 to 59.
    var seconds: UInt64 = 1
    /// Bits 0 to 59.
    var minutes: UInt64 = 0
    /// The years of the local date.
    var years = YearSet.all
    /// Bit `6 * weekday + n - 1` for the n-th weekday of the month (`5#2`); n = 6 stands for the last (`5L`).
    var nthWeekdays: UInt64 = 0
    /// Bits 0 to 23.
    var hours: UInt32 = 0
    /// Bits 1 to 31.
    var days: UInt32 = 0
    /// Bit n for the day n days before the month's last (`L-n`); bit 0 is the last day.
    var lastDays: UInt32 = 0
    /// Bits 1 to 12.
    var months: UInt16 = 0
    /// Bits 0 (Sunday) to 6.
    var weekdays: UInt8 = 0
    /// The day whose nearest weekday is meant (`15W`), `lastWeekday` for `LW`, 0 for none.
    var nearestWeekday: UInt8 = 0
    /// Which fields were written with `*` (or `?`) first.
    var stars: StarSet = []
    /// Whether both day fields must match although both are restricted (`+`).
    var isPlus = false

    /// Whether every date of 1970 to 2199 matches; `settle` finds it out, and the search is quicker for it.
    var isEveryDay = false

    /// `nearestWeekday` of `LW`: the day number after 31 stands for the month's last.
    static let lastWeekday: UInt8 = 32

    /// Which fields began with `*`.
    struct StarSet: OptionSet, Hashable, Sendable {
        let rawValue: UInt8

        init(rawValue: UInt8) {
            self.rawValue = rawValue
        }

        init(_ field: CronField) {
            rawValue = 1 << field.rawValue
        }

        static let day = StarSet(.day)
        static let weekday = StarSet(.weekday)
    }

    /// The bits of one field; the years are apart.
    subscript(field: CronField) -> UInt64 {
        get {
            switch field {
            case .second: seconds
            case .minute: minutes
            case .hour: UInt64(hours)
            case .day: UInt64(days)
            case .month: UInt64(months)
            case .weekday: UInt64(weekdays)
            case .year: preconditionFailure("years have a set of their own")
            }
        }
        set {
            switch field {
            case .second: seconds = newValue
            case .minute: minutes = newValue
            case .hour: hours = UInt32(truncatingIfNeeded: newValue)
            case .day: days = UInt32(truncatingIfNeeded: newValue)
            case .month: months = UInt16(truncatingIfNeeded: newValue)
            case .weekday: weekdays = UInt8(truncatingIfNeeded: newValue)
            case .year: preconditionFailure("years have a set of their own")
            }
        }
    }

    /// Whether both day fields must match: Debian's rule says so when one of them begins with `*`, and `+`
    /// asks for it; otherwise one is enough.
    var bothDaysMustMatch: Bool {
        isPlus || !stars.isDisjoint(with: [.day, .weekday])
    }

    /// Whether the schedule follows the clock (a minute or hour field that begins with `*`) and so has no
    /// fixed time.
    var followsClock: Bool {
        stars.contains(StarSet(.minute)) || stars.contains(StarSet(.hour))
    }

    /// Every value of a field as bits.
    static func full(_ field: CronField) -> UInt64 {
        (1 << UInt64(field.stored.upperBound + 1)) - (1 << UInt64(field.stored.lowerBound))
    }
}
