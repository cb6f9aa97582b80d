package import CivilTime

/// Why a text is no cron expression, and where.
package struct CronParseError: Error, Hashable, Sendable {
    /// The faulty part as UTF-8 offsets from the start of the text; empty only when the text is.
    package let columns: Range<Int>
    /// What is wrong with it.
    package let reason: Reason

    /// What can be wrong with an expression.
    package enum Reason: Hashable, Sendable {
        case empty
        case tooLong(bytes: Int)
        case fieldCount(Int)
        case zonePrefix(String)
        case clockTime(String)
        case foreignBlank
        case emptyItem(CronField)
        case unexpectedCharacter(String, CronField)
        case unknownName(String, CronField)
        case outOfRange(String, CronField)
        case openRange(CronField)
        case reversedRange(String, CronField)
        case zeroStep(CronField)
        case missingStep(CronField)
        case stepTooLarge(String, CronField)
        case notAlone(String, CronField)
        case wrongField(String, CronField)
        case modifiedRange(String, CronField)
        case missingWeekdayNumber
        case weekdayNumberOutOfRange(String)
        case lastOffsetOutOfRange(String)
        case bareLastWeekday
        case bareNearestWeekday
        case bareRandom(CronField)
        case unknownNickname(String)
        case reboot
        case afterNickname(String)
        case missingInterval
        case badInterval(String, DurationError)
        case intervalOutOfRange(String)
        case neverMatches
    }
}
