/// A length of time of the calendar: months of no fixed length, and time of a fixed one, as `P1M4DT2H`.
package struct CivilPeriod: Hashable, Sendable {
    /// Months; a year is twelve.
    package var months: Int
    /// The rest: days are 24 hours.
    package var time: Duration

    package init(months: Int = 0, time: Duration = .zero) {
        self.months = months
        self.time = time
    }
}
