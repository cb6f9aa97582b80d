/// Why a text is not a date and time as RFC 3339 writes it.
package struct DateTimeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong.
    package let reason: String
    /// What to write instead.
    package let hint: String

    package var description: String { "\(reason); \(hint)" }
}

extension Instant {
    /// The instant that an RFC 3339 text stands for, as `2026-03-29T01:00:00+03:00`; nil when it is not one.
    package init?(rfc3339 text: String) {
        // Those who need the reason parse with `init(parsingRFC3339:)`.
        guard let instant = try? Instant(parsingRFC3339: text) else { return nil }
        self = instant
    }

    /// The instant that an RFC 3339 text stands for, or why it is none.
    ///
    /// Digits of a second beyond the sixth are cut off. A leap second (`:60`) is refused: it has no place on
    /// the time line.
    package init(parsingRFC3339 text: String) throws(DateTimeError) {
        let parsed = try ISO8601.dateTime(text)
        guard let offset = parsed.offset else {
            throw DateTimeError(
                reason: "\(text) has no offset from UTC", hint: "end it with Z or with an offset as +03:00")
        }
        self.init(
            microseconds: (parsed.local.secondsSinceEpoch - Int64(offset)) * 1_000_000 + parsed.microseconds)
    }

    /// The instant as RFC 3339 writes it in UTC, as `2026-03-28T22:00:00Z`, with a fraction only when there
    /// is one.
    package var rfc3339: String { rfc3339(offset: 0) }

    /// The instant as RFC 3339 writes it `offset` seconds east of UTC, as `2026-03-29T01:00:00+03:00`.
    ///
    /// The fraction has six digits and is left out when it is zero, unless asked for. RFC 3339 has whole
    /// minutes of offset only; seconds of an old offset are added as ISO 8601 would (`+00:19:32`).
    package func rfc3339(offset: Int, alwaysWithFraction: Bool = false) -> String {
        var text = DecimalText()
        let local = CivilDateTime(secondsSinceEpoch: seconds + Int64(offset))
        text.append(local.description)
        let fraction = Int(microseconds &- seconds &* 1_000_000)
        if fraction != 0 || alwaysWithFraction {
            text.append(".")
            text.append(fraction, digits: 6)
        }
        text.append(offset == 0 ? "Z" : Self.offsetText(offset))
        return text.string
    }

    /// An offset from UTC as RFC 3339 writes it, as `+03:00`.
    static func offsetText(_ offset: Int) -> String {
        var text = DecimalText()
        text.append(offset < 0 ? "-" : "+")
        text.append(abs(offset) / 3600, digits: 2)
        text.append(":")
        text.append(abs(offset) / 60 % 60, digits: 2)
        if offset % 60 != 0 {
            text.append(":")
            text.append(abs(offset) % 60, digits: 2)
        }
        return text.string
    }
}

extension Instant: CustomStringConvertible {
    package var description: String { rfc3339 }
}
