package import CivilTime

/// Reads `Retry-After` (RFC 9110, section 10.2.3): seconds, or an HTTP date in its preferred form.
package enum RetryAfter {
    /// How long after `now` to wait; nil when the value is neither form. A date in the past means no wait.
    package static func parse(_ value: String, now: Instant) -> Duration? {
        let text = value.trimmingBlanks
        if !text.isEmpty, text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) {
            // More digits than fit mean "very long".
            return .seconds(min(Int64(text) ?? secondsMax, secondsMax))
        }
        guard let date = date(text) else { return nil }
        return max(date - now, .zero)
    }

    /// 366 days: longer than any retry waits.
    private static let secondsMax: Int64 = 366 * 86400

    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
    private static func date(_ text: String) -> Instant? {
        let words = text.split(separator: " ")
        guard words.count == 6, words[0].hasSuffix(","), words[5] == "GMT",
            let day = number(words[1], 2), let month = months.firstIndex(of: String(words[2])),
            let year = number(words[3], 4), let date = CivilDate(year: year, month: month + 1, day: day)
        else { return nil }
        let clock = words[4].split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3, let hour = number(clock[0], 2), let minute = number(clock[1], 2),
            let second = number(clock[2], 2), hour < 24, minute < 60, second <= 60
        else { return nil }
        return Instant(seconds: Int64(date.dayNumber) * 86400 + Int64(hour * 3600 + minute * 60 + second))
    }

    private static func number(_ text: Substring, _ digits: Int) -> Int? {
        let isNumber = text.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        return isNumber && text.utf8.count == digits ? Int(text) : nil
    }

    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}

extension String {
    var trimmingBlanks: String {
        var text = self[...]
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
