/// The bounds of the expression language.
package enum CronLimits {
    /// The years of an occurrence's local date: those of the Open Cron Pattern Specification 1.2.
    package static let years = 1970...2199

    /// The longest expression in bytes; the longest useful list, every minute by its number, has 169.
    package static let textBytesMax = 1_000

    /// The largest step: more is a slip of the hand, as every field but the year has at most 60 numbers.
    package static let stepMax = 9_999

    /// The intervals of `@every` in seconds: from one second, the finest resolution of a schedule, to 366
    /// days.
    package static let everySeconds = 1...366 * 86_400

    /// How far back of the last day of the month `L-n` may go: the day must exist in a month of 31 days.
    package static let lastDayOffsets = 1...30

    /// How far ahead a clock change is worth a warning, in years.
    package static let warningYears = 5
}
