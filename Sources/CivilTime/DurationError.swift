/// Why a text is not a length of time.
package struct DurationError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    package enum Reason: Hashable, Sendable {
        /// There is nothing.
        case empty
        /// A number was expected.
        case noNumber
        /// A number stands without a unit behind it.
        case noUnit
        /// The unit, as written, is none.
        case unknownUnit(String)
        /// A unit is repeated or follows a smaller one.
        case unitsOutOfOrder(String)
        /// A fraction is on something other than seconds, or has no digit.
        case badFraction
        /// Years and months have no fixed length.
        case calendarUnits
        /// It is below zero.
        case negative
        /// It is beyond `DurationText.longest`.
        case tooLong
    }

    /// What is wrong.
    package let reason: Reason
    /// Where in the text, in UTF-8 bytes from its beginning.
    package let offset: Int

    /// What to write instead.
    package var hint: String {
        switch reason {
        case .unknownUnit, .noUnit: "the units are s, m, h, d and w, as in 90s, 10m or 1h30m"
        case .calendarUnits: "write it in days, as P30D"
        case .unitsOutOfOrder: "write each unit once, the largest first, as 1h30m"
        case .badFraction: "only seconds may have a fraction, as 1.5s"
        case .tooLong: "\(DurationText.longest.components.seconds / 86_400) days are the most"
        case .empty, .noNumber, .negative: "write 90s, 10m, 2h, 1d or the ISO 8601 form, as PT5M"
        }
    }

    package var description: String {
        switch reason {
        case .empty: "the duration is empty"
        case .noNumber: "a number is missing in the duration"
        case .noUnit: "the duration has a number without a unit"
        case .unknownUnit(let unit): "\(unit) is not a unit of time"
        case .unitsOutOfOrder(let unit): "the unit \(unit) is repeated or follows a smaller one"
        case .badFraction: "the duration has a fraction where none can be"
        case .calendarUnits: "years and months have no fixed length"
        case .negative: "the duration is negative"
        case .tooLong: "the duration is too long"
        }
    }
}
