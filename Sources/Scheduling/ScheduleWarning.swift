package import CivilTime

/// Something in a schedule that is allowed, and probably not what was meant.
package struct ScheduleWarning: Hashable, Sendable {
    /// What kind of thing it is; the raw values are stable, for programs.
    package enum Code: String, CaseIterable, Hashable, Sendable {
        /// Both day fields are restricted, so that either is enough.
        case bothDayFields = "both-day-fields"
        /// A day field begins with `*` and still leaves days out, so that both must match.
        case starDayField = "star-day-field"
        /// A step that does not divide its field, so that the last interval is shorter.
        case unevenStep = "uneven-step"
        /// A step beyond its field, so that only the first number is left.
        case oversizedStep = "oversized-step"
        /// Days that some months do not have.
        case shortMonths = "short-months"
        /// Times that a clock change skips.
        case dstGap = "dst-gap"
        /// Times that a clock change repeats.
        case dstRepeat = "dst-repeat"
    }

    /// The kind of warning.
    package let code: Code
    /// What will happen, as a sentence without a full stop.
    package let message: String
    /// The local dates of the clock changes that were met, in order; empty for other warnings.
    package let dates: [CivilDate]

    package init(code: Code, message: String, dates: [CivilDate] = []) {
        self.code = code
        self.message = message
        self.dates = dates
    }
}
