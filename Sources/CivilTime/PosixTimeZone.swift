/// A rule for a zone's offset in every year, as POSIX's `TZ` variable and the last line of a zone file state
/// it.
///
/// `CET-1CEST,M3.5.0,M10.5.0/3` is one. RFC 9636 widens POSIX: a time of change may be -167 to 167 hours.
package struct PosixTimeZone: Hashable, Sendable {
    /// On which day of a year the clocks change.
    package enum Day: Hashable, Sendable {
        /// `Jn`: 1 to 365, the 29th of February never counted.
        case julian(Int)
        /// `n`: 0 to 365, the 29th of February counted.
        case ordinal(Int)
        /// `Mm.w.d`: a weekday of a month, week 1 to 5, 5 being the last.
        case weekday(month: Int, week: Int, Weekday)
    }

    /// When in a year the clocks change.
    package struct Change: Hashable, Sendable {
        /// The day.
        package var day: Day
        /// Seconds after that day's midnight, by the clock before the change; may be negative or beyond the
        /// day.
        package var secondOfDay: Int
    }

    /// The other time of the year.
    package struct Daylight: Hashable, Sendable {
        /// Its short name.
        package var abbreviation: String
        /// Seconds east of UTC.
        package var offset: Int
        /// When it begins.
        package var start: Change
        /// When it ends.
        package var end: Change
    }

    /// The short name of standard time.
    package var abbreviation: String
    /// Standard time's seconds east of UTC.
    package var offset: Int
    /// The other time of the year, if there is one; its offset may be less than the standard one, as in
    /// Dublin.
    package var daylight: Daylight?

    /// The offsets from UTC that a zone may have, in seconds (RFC 9636, section 3.2).
    package static let offsets = -89_999...93_599
    /// The longest rule read: real ones have under 40 characters.
    static let lengthMax = 256
}

extension PosixTimeZone {
    /// Parses a rule; `text` is a part of a file, whose indices are reported with an error.
    init(parsing text: ArraySlice<UInt8>) throws(TZifError) {
        guard text.count <= Self.lengthMax else {
            throw TZifError(.footer("more than \(Self.lengthMax) characters"), at: text.startIndex)
        }
        var scanner = PosixScanner(text)
        abbreviation = try scanner.abbreviation()
        offset = try -scanner.clock(hoursMax: 24, signed: true)
        if scanner.isAtEnd { return }
        var daylight = Daylight(
            abbreviation: try scanner.abbreviation(), offset: offset + 3600,
            start: Change(day: .ordinal(0), secondOfDay: 0), end: Change(day: .ordinal(0), secondOfDay: 0))
        if !scanner.isAtEnd, !scanner.isNext(",") {
            daylight.offset = try -scanner.clock(hoursMax: 24, signed: true)
        }
        daylight.start = try scanner.change()
        daylight.end = try scanner.change()
        guard scanner.isAtEnd else { throw scanner.error("something follows its end") }
        self.daylight = daylight
    }

    /// Parses a rule on its own.
    package init(_ text: String) throws(TZifError) {
        try self.init(parsing: Array(text.utf8)[...])
    }

    /// The second of a change in a year, since 1970-01-01T00:00:00Z, where `offset` is the one before the
    /// change.
    static func second(of change: Change, inYear year: Int, offsetBefore offset: Int) -> Int64 {
        Int64(dayNumber(of: change.day, inYear: year) * 86_400 + change.secondOfDay - offset)
    }

    private static func dayNumber(of day: Day, inYear year: Int) -> Int {
        let newYear = CivilDate(uncheckedYear: year, month: 1, day: 1).dayNumber
        switch day {
        case .julian(let number):
            return newYear + number - 1 + (number >= 60 && CivilDate.isLeapYear(year) ? 1 : 0)
        case .ordinal(let number):
            return newYear + number
        case .weekday(let month, let week, let weekday):
            let first = CivilDate(uncheckedYear: year, month: month, day: 1)
            let ahead = (weekday.rawValue - first.weekday.rawValue + 7) % 7
            let day = ahead + (week - 1) * 7
            return first.dayNumber + (day < first.daysInMonth ? day : day - 7)
        }
    }
}

/// Reads a rule from the left.
private struct PosixScanner {
    private let text: ArraySlice<UInt8>
    private var position: Int

    init(_ text: ArraySlice<UInt8>) {
        self.text = text
        position = text.startIndex
    }

    var isAtEnd: Bool { position == text.endIndex }

    func isNext(_ mark: Unicode.Scalar) -> Bool {
        position < text.endIndex && text[position] == UInt8(ascii: mark)
    }

    func error(_ why: String) -> TZifError {
        TZifError(.footer(why), at: position)
    }

    /// A name of 3 letters or more, or of letters, digits and signs in angle brackets.
    mutating func abbreviation() throws(TZifError) -> String {
        let isQuoted = take("<")
        let start = position
        while position < text.endIndex, Self.isName(text[position], quoted: isQuoted) { position += 1 }
        let name = text[start..<position]
        guard name.count >= 3 else { throw error("an abbreviation of fewer than 3 letters") }
        if isQuoted { try expect(">") }
        return String(decoding: name, as: UTF8.self)
    }

    private static func isName(_ byte: UInt8, quoted: Bool) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
        case UInt8(ascii: "+"), UInt8(ascii: "-"): quoted
        default: quoted && byte.decimalDigit != nil
        }
    }

    /// `h[:m[:s]]` in seconds, with a sign or not.
    mutating func clock(hoursMax: Int, signed: Bool) throws(TZifError) -> Int {
        let isNegative = take("-")
        if !isNegative { _ = take("+") }
        var seconds = try number(0...hoursMax, "hour") * 3600
        if take(":") {
            seconds += try number(0...59, "minute") * 60
            if take(":") { seconds += try number(0...59, "second") }
        }
        return isNegative ? -seconds : seconds
    }

    /// `,date[/time]`; without a time it is 02:00.
    mutating func change() throws(TZifError) -> PosixTimeZone.Change {
        try expect(",")
        let day: PosixTimeZone.Day
        if take("M") {
            let month = try number(1...12, "month")
            try expect(".")
            let week = try number(1...5, "week")
            try expect(".")
            let weekday = Weekday(rawValue: try number(0...6, "weekday")) ?? .sunday
            day = .weekday(month: month, week: week, weekday)
        } else if take("J") {
            day = .julian(try number(1...365, "day of the year"))
        } else {
            day = .ordinal(try number(0...365, "day of the year"))
        }
        return PosixTimeZone.Change(
            day: day, secondOfDay: take("/") ? try clock(hoursMax: 167, signed: true) : 7200)
    }

    private mutating func number(_ range: ClosedRange<Int>, _ what: String) throws(TZifError) -> Int {
        let start = position
        var value = 0
        while position < text.endIndex, position - start < 3, let digit = text[position].decimalDigit {
            value = value * 10 + digit
            position += 1
        }
        guard position > start else { throw error("no \(what)") }
        guard range.contains(value) else {
            throw error("\(what) \(value) is outside \(range.lowerBound)–\(range.upperBound)")
        }
        return value
    }

    private mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard isNext(mark) else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ mark: Unicode.Scalar) throws(TZifError) {
        guard take(mark) else { throw error("\(mark) is missing") }
    }
}
