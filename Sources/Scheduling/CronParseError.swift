package import CivilTime

/// Why a text is no cron expression, and where.
package struct CronParseError: Error, Hashable, Sendable {
    /// The faulty part as UTF-8 offsets from the start of the text; empty only when the text is.
    package let columns: Range<Int>
    /// What is wrong with it.
    package let reason: Reason

    /// What can be wrong with an expression.
    package enum Reason: Hashable, Sendable {
        /// Nothing but blanks.
        case empty
        /// More than `CronLimits.textBytesMax` bytes.
        case tooLong(bytes: Int)
        /// Other than 5, 6 or 7 fields.
        case fieldCount(Int)
        /// A setting such as `CRON_TZ=` stands before the fields; the name without its `=`.
        case zonePrefix(String)
        /// A time such as `12:30` where a field should be, as it was written.
        case clockTime(String)
        /// A blank beyond ASCII, which looks like a separator and is none.
        case foreignBlank
        /// Nothing before, after or between the commas of a list.
        case emptyItem(CronField)
        /// A character that no item of the field has, or its code point when it cannot be shown.
        case unexpectedCharacter(String, CronField)
        /// Letters that are no name of the field, as they were written.
        case unknownName(String, CronField)
        /// A number that the field does not have, as it was written.
        case outOfRange(String, CronField)
        /// A range without its second bound, as `5-`.
        case openRange(CronField)
        /// A range that ends before it starts and cannot wrap, as it was written.
        case reversedRange(String, CronField)
        /// A step of 0.
        case zeroStep(CronField)
        /// A `/` without a number.
        case missingStep(CronField)
        /// A step above `CronLimits.stepMax`, as it was written.
        case stepTooLarge(String, CronField)
        /// Something that allows no other item beside it, as it was written.
        case notAlone(String, CronField)
        /// Something that has a meaning in other fields or places only, as it was written.
        case wrongField(String, CronField)
        /// A modifier such as `W` behind a range.
        case modifiedRange(String, CronField)
        /// A `#` without a number.
        case missingWeekdayNumber
        /// A `#` with a number other than 1 to 5.
        case weekdayNumberOutOfRange(String)
        /// An `L-n` beyond `L-30`.
        case lastOffsetOutOfRange(String)
        /// An `L` as day of the week without a weekday, which programs read differently.
        case bareLastWeekday
        /// A `W` without a day.
        case bareNearestWeekday
        /// A `~` without the range it chooses from.
        case bareRandom(CronField)
        /// An `@` word that is none of the known ones, as it was written.
        case unknownNickname(String)
        /// `@reboot`, which is no time.
        case reboot
        /// Something follows a nickname, which is given.
        case afterNickname(String)
        /// `@every` alone.
        case missingInterval
        /// The text behind `@every`, and why it is no duration.
        case badInterval(String, DurationError)
        /// An interval of `@every` that is not a whole number of seconds from 1 s to 366 days, as it was
        /// written.
        case intervalOutOfRange(String)
        /// No date from 1970 to 2199 matches, as with 30 February.
        case neverMatches
    }
}
