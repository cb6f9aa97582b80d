/// Why values do not make a trigger that Task Scheduler knows.
package enum TaskTriggerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The interval in days is not 1 to 365.
    case daysInterval(Int)
    /// The interval in weeks is not 1 to 52.
    case weeksInterval(Int)
    /// There is no weekday, or one that is none.
    case daysOfWeek
    /// There is no day of the month, or one that is not 1 to 31.
    case daysOfMonth
    /// There is no week of the month, or one that is not 1 to 4.
    case weeks
    /// There is no month, or one that is not 1 to 12.
    case months
    /// The repetition's interval is not 1 minute to 31 days.
    case repetitionInterval
    /// The repetition's duration is less than 1 minute, or more than 36,525 days.
    case repetitionDuration
    /// The random delay is negative, or more than 36,525 days.
    case randomDelay
    /// The delay after an event is negative, or more than 36,525 days.
    case delay

    package var description: String {
        switch self {
        case .daysInterval(let days): "the interval of \(days) days is outside 1–365"
        case .weeksInterval(let weeks): "the interval of \(weeks) weeks is outside 1–52"
        case .daysOfWeek: "the trigger names no day of the week"
        case .daysOfMonth: "the trigger names no day of the month"
        case .weeks: "the trigger names no week of the month"
        case .months: "the trigger names no month"
        case .repetitionInterval: "the repetition's interval is outside 1 minute to 31 days"
        case .repetitionDuration: "the repetition's duration is outside 1 minute to 36,525 days"
        case .randomDelay: "the random delay is outside 0 to 36,525 days"
        case .delay: "the delay is outside 0 to 36,525 days"
        }
    }

    /// What to write instead.
    package var hint: String {
        switch self {
        case .daysInterval: "leave DaysInterval out for every day"
        case .weeksInterval: "leave WeeksInterval out for every week"
        case .daysOfWeek: "name at least one, as <DaysOfWeek><Monday /></DaysOfWeek>"
        case .daysOfMonth: "name at least one, as <DaysOfMonth><Day>1</Day></DaysOfMonth>; Last is one too"
        case .weeks: "name at least one, as <Weeks><Week>1</Week></Weeks>; Last is one too"
        case .months: "name at least one, as <Months><January /></Months>"
        case .repetitionInterval: "write an interval as PT5M"
        case .repetitionDuration: "write a duration as PT1H, or leave it out to repeat for ever"
        case .randomDelay, .delay: "write a delay as PT10M, or leave it out"
        }
    }
}
