/// Durations as people write them in schedule files (`90s`, `1h30m`) and as ISO 8601 writes them (`PT5M`).
package enum DurationText {
    /// The longest duration that is read: 36,525 days, a hundred years, so that adding it to any date in use
    /// is safe.
    package static let longest = Duration.seconds(36_525 * 86_400)

    /// Parses either form: `90s`, `10m`, `2h`, `1d`, `1w`, `1h30m`, or `PT5M`, `P1DT2H`, `P2W`.
    ///
    /// Units stand once each, the largest first; a day is 24 hours. Zero is a duration; years and months are
    /// an error.
    package static func parse(_ text: String) throws(DurationError) -> Duration {
        guard text.hasPrefix("P") || text.hasPrefix("p") else {
            var scanner = DurationScanner(text)
            return try scanner.plain()
        }
        let period = try parsePeriod(text)
        guard period.months == 0 else { throw DurationError(reason: .calendarUnits, offset: 0) }
        return period.time
    }

    /// Parses the ISO 8601 form with years and months allowed, as XML Schema's `duration` has it:
    /// `P1M4DT2H5M`.
    package static func parsePeriod(_ text: String) throws(DurationError) -> CivilPeriod {
        var scanner = DurationScanner(text)
        return try scanner.iso8601()
    }

    /// The duration as a schedule file writes it: `10m`, `90s`, `1h1m1s`; parts of a microsecond are cut off.
    package static func compact(_ duration: Duration) -> String {
        let parts = parts(of: duration)
        return parts.sign + parts.days.map { "\($0)d" }.joined()
            + parts.times.map { "\($0.text)\($0.unit)" }.joined()
    }

    /// The duration as ISO 8601 writes it: `PT10M`, `P1D`; parts of a microsecond are cut off.
    package static func iso8601(_ duration: Duration) -> String {
        let parts = parts(of: duration)
        let times = parts.times.map { "\($0.text)\($0.unit.uppercased())" }.joined()
        return parts.sign + "P" + parts.days.map { "\($0)D" }.joined() + (times.isEmpty ? "" : "T" + times)
    }

    private struct Parts {
        var sign = ""
        var days: [Int64] = []
        var times: [(text: String, unit: String)] = []
    }

    /// One part when fewer than a hundred of a unit make it exactly (`90s` reads better than `1m30s`), else
    /// one of each unit it needs.
    private static func parts(of duration: Duration) -> Parts {
        let total = duration.wholeMicroseconds
        guard total != 0 else { return Parts(times: [("0", "s")]) }
        var parts = Parts(sign: total < 0 ? "-" : "")
        var rest = total.magnitude
        let units: [(unit: String, size: UInt64)] = [("d", 86_400), ("h", 3600), ("m", 60), ("s", 1)]
        let single = units.first { rest % ($0.size * 1_000_000) == 0 && rest / ($0.size * 1_000_000) < 100 }
        for (unit, size) in units where single == nil || single?.unit == unit {
            let count = rest / (size * 1_000_000)
            rest -= count * size * 1_000_000
            if unit == "d" {
                if count > 0 { parts.days = [Int64(count)] }
            } else if unit == "s", rest > 0 {
                var fraction = DecimalText()
                fraction.append(Int(rest), digits: 6)
                let digits = fraction.string.reversed().drop { $0 == "0" }.reversed()
                parts.times.append(("\(count).\(String(digits))", unit))
            } else if count > 0 {
                parts.times.append((String(count), unit))
            }
        }
        return parts
    }
}

/// Reads a duration from the left.
private struct DurationScanner {
    private let bytes: [UInt8]
    private var position = 0
    private var microseconds: Int64 = 0
    private var months: Int64 = 0

    /// Bounds the sums below, so that none of them can overflow.
    private static let numberDigitsMax = 10
    private static let monthsMax: Int64 = 1200

    /// A number and the place where it stands.
    private struct Number {
        var whole: Int64
        var fraction: Int64?
        var offset: Int
    }

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    mutating func plain() throws(DurationError) -> Duration {
        guard !bytes.isEmpty else { throw error(.empty) }
        if bytes[0] == UInt8(ascii: "-") { throw error(.negative) }
        try units("wdhms")
        return .microseconds(microseconds)
    }

    mutating func iso8601() throws(DurationError) -> CivilPeriod {
        guard !bytes.isEmpty else { throw error(.empty) }
        if bytes[0] == UInt8(ascii: "-") { throw error(.negative) }
        guard take("p") else { throw error(.noNumber) }
        if !isNext("t") { try units("ymwd", isDate: true) }
        if take("t") { try units("hms") }
        return CivilPeriod(months: Int(months), time: .microseconds(microseconds))
    }

    /// Numbers and units, at least one of each, up to the end or to the mark before the time of day.
    ///
    /// `order` holds the units that may stand here, the largest first.
    private mutating func units(_ order: String, isDate: Bool = false) throws(DurationError) {
        var rest = order[...]
        repeat {
            let number = try number()
            let unitOffset = position
            guard position < bytes.count, bytes[position].decimalDigit == nil else { throw error(.noUnit) }
            let unit = Character(Unicode.Scalar(bytes[position] | 0x20))
            guard order.contains(unit) else { throw error(.unknownUnit(shownByte)) }
            guard let index = rest.firstIndex(of: unit) else { throw error(.unitsOutOfOrder(shownByte)) }
            rest = rest[rest.index(after: index)...]
            position += 1
            guard number.fraction == nil || unit == "s" else {
                throw DurationError(reason: .badFraction, offset: unitOffset)
            }
            try add(number, unit: unit, isDate: isDate)
        } while position < bytes.count && !(isDate && isNext("t"))
    }

    private mutating func add(_ number: Number, unit: Character, isDate: Bool) throws(DurationError) {
        if isDate, unit == "y" || unit == "m" {
            months += number.whole * (unit == "y" ? 12 : 1)
        } else {
            let sizes: [Character: Int64] = ["w": 604_800, "d": 86_400, "h": 3600, "m": 60]
            let seconds = number.whole * (sizes[unit] ?? 1)
            guard seconds <= DurationText.longest.components.seconds else {
                throw DurationError(reason: .tooLong, offset: number.offset)
            }
            microseconds += seconds * 1_000_000 + (number.fraction ?? 0)
        }
        guard microseconds <= DurationText.longest.wholeMicroseconds, months <= Self.monthsMax else {
            throw DurationError(reason: .tooLong, offset: number.offset)
        }
    }

    private mutating func number() throws(DurationError) -> Number {
        let start = position
        var number = Number(whole: 0, offset: start)
        while position < bytes.count, let digit = bytes[position].decimalDigit {
            guard position - start < Self.numberDigitsMax else { throw error(.tooLong) }
            number.whole = number.whole * 10 + Int64(digit)
            position += 1
        }
        guard position > start else { throw error(.noNumber) }
        guard position < bytes.count, bytes[position] == UInt8(ascii: ".") else { return number }
        position += 1
        var fraction: Int64 = 0
        var digits = 0
        while position < bytes.count, let digit = bytes[position].decimalDigit {
            if digits < 6 { fraction = fraction * 10 + Int64(digit) }
            digits += 1
            position += 1
        }
        guard digits > 0 else { throw error(.badFraction) }
        for _ in min(digits, 6)..<6 { fraction *= 10 }
        number.fraction = fraction
        return number
    }

    /// Whether a letter comes next, in either case.
    private func isNext(_ letter: Unicode.Scalar) -> Bool {
        position < bytes.count && bytes[position] | 0x20 == UInt8(ascii: letter)
    }

    private mutating func take(_ letter: Unicode.Scalar) -> Bool {
        guard isNext(letter) else { return false }
        position += 1
        return true
    }

    /// The byte that comes next, for a message.
    private var shownByte: String {
        let byte = bytes[position]
        return byte > 0x20 && byte < 0x7f ? String(Character(Unicode.Scalar(byte))) : "?"
    }

    private func error(_ reason: DurationError.Reason) -> DurationError {
        DurationError(reason: reason, offset: position)
    }
}
