/// Dates and times as ISO 8601 and XML Schema write them.
package enum ISO8601 {
    /// A date and time as written, with the offset from UTC if there was one.
    package struct DateTime: Hashable, Sendable {
        /// The date and the time of day, to the second.
        package let local: CivilDateTime
        /// The fraction of the second, cut to microseconds.
        package let microseconds: Int64
        /// Seconds east of UTC; 0 for `Z`, nil when the text does not say.
        package let offset: Int?
    }

    /// Parses `2026-03-29T00:10:00`, with a fraction or not, and with `Z`, an offset as `+03:00`, or nothing
    /// after it.
    package static func dateTime(_ text: String) throws(DateTimeError) -> DateTime {
        var scanner = DateTimeScanner(text)
        let date = try scanner.date()
        let time = try scanner.time()
        let offset = try scanner.offset()
        guard let local = CivilDateTime(date, hour: time.hour, minute: time.minute, second: time.second)
        else {
            throw scanner.error(
                "the time of day does not exist", hint: "hours are 00–23, minutes and seconds 00–59")
        }
        return DateTime(local: local, microseconds: time.microseconds, offset: offset)
    }

    /// Parses a day, `2026-03-29`.
    package static func date(_ text: String) throws(DateTimeError) -> CivilDate {
        var scanner = DateTimeScanner(text)
        let date = try scanner.date()
        try scanner.end()
        return date
    }
}

/// Reads the parts of a date and time from the left.
private struct DateTimeScanner {
    let text: String
    var rest: Substring.UTF8View

    static let form = "write it as 2026-03-29T00:10:00Z"

    struct Time {
        var hour: Int
        var minute: Int
        var second: Int
        var microseconds: Int64
    }

    init(_ text: String) {
        self.text = text
        rest = text[...].utf8
    }

    func error(_ why: String, hint: String = form) -> DateTimeError {
        let shown = text.prefix(40).map { $0.isASCII && $0 >= " " && $0 != "\u{7f}" ? String($0) : "?" }
            .joined()
        return DateTimeError(reason: "\(shown) is not a date and time: \(why)", hint: hint)
    }

    mutating func date() throws(DateTimeError) -> CivilDate {
        let year = try number(digits: 4, "year")
        try expect("-", after: "the year")
        let month = try number(digits: 2, "month")
        try expect("-", after: "the month")
        let day = try number(digits: 2, "day")
        guard let date = CivilDate(year: year, month: month, day: day) else {
            throw error("there is no such day", hint: "months are 01–12, and a month has 28 to 31 days")
        }
        return date
    }

    mutating func time() throws(DateTimeError) -> Time {
        guard let mark = rest.popFirst(),
            [UInt8(ascii: "T"), UInt8(ascii: "t"), UInt8(ascii: " ")].contains(mark)
        else { throw error("the time of day is missing after the date") }
        let hour = try number(digits: 2, "hour")
        try expect(":", after: "the hour")
        let minute = try number(digits: 2, "minute")
        try expect(":", after: "the minute")
        let second = try number(digits: 2, "second")
        if second == 60 {
            throw error("leap seconds have no place on the time line", hint: "write the second after it")
        }
        return Time(hour: hour, minute: minute, second: second, microseconds: try fraction())
    }

    /// The offset in seconds, nil when the text ends here.
    mutating func offset() throws(DateTimeError) -> Int? {
        guard let mark = rest.popFirst() else { return nil }
        switch mark {
        case UInt8(ascii: "Z"), UInt8(ascii: "z"):
            try end()
            return 0
        case UInt8(ascii: "+"), UInt8(ascii: "-"):
            let hours = try number(digits: 2, "hours of the offset")
            try expect(":", after: "the hours of the offset")
            let minutes = try number(digits: 2, "minutes of the offset")
            guard hours <= 23, minutes <= 59 else {
                throw error("the offset is a day or more", hint: "±23:59 at most")
            }
            try end()
            let seconds = hours * 3600 + minutes * 60
            return mark == UInt8(ascii: "-") ? -seconds : seconds
        default:
            throw error("something other than an offset follows the time")
        }
    }

    func end() throws(DateTimeError) {
        guard rest.isEmpty else { throw error("something follows its end") }
    }

    private mutating func fraction() throws(DateTimeError) -> Int64 {
        guard rest.first == UInt8(ascii: ".") else { return 0 }
        rest.removeFirst()
        var value: Int64 = 0
        var digits = 0
        while let digit = rest.first?.decimalDigit {
            if digits < 6 { value = value * 10 + Int64(digit) }
            digits += 1
            rest.removeFirst()
        }
        guard digits > 0 else { throw error("no digit follows the point of the second") }
        for _ in min(digits, 6)..<6 { value *= 10 }
        return value
    }

    private mutating func number(digits: Int, _ what: String) throws(DateTimeError) -> Int {
        var value = 0
        for _ in 0..<digits {
            guard let digit = rest.popFirst()?.decimalDigit else {
                throw error("the \(what) needs \(digits) digits")
            }
            value = value * 10 + digit
        }
        return value
    }

    private mutating func expect(_ mark: Unicode.Scalar, after what: String) throws(DateTimeError) {
        guard rest.popFirst() == UInt8(ascii: mark) else { throw error("\(mark) is missing after \(what)") }
    }
}

extension UInt8 {
    /// The value of an ASCII digit, nil for any other byte.
    var decimalDigit: Int? {
        self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") ? Int(self - UInt8(ascii: "0")) : nil
    }
}
