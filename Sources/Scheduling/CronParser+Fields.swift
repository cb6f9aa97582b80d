import CivilTime

extension CronParser {
    /// Reads one field: a list of items, and `+` before the list in the day of the week.
    mutating func parseField(_ field: CronField, in word: Range<Int>) throws(CronParseError) {
        position = word.lowerBound
        end = word.upperBound
        if bytes[position] == UInt8(ascii: "+"), field == .weekday {
            fields.isPlus = true
            position += 1
        }
        if field == .second { fields.seconds = 0 }
        if field == .year { fields.years = YearSet() }
        if peek == UInt8(ascii: "*") || peek == UInt8(ascii: "?") {
            fields.stars.insert(CronFields.StarSet(field))
        }
        if peek == UInt8(ascii: "?") {
            return try parseQuestionMark(field)
        }
        while true {
            try parseItem(field, in: word)
            guard let byte = peek else { return }
            guard byte == UInt8(ascii: ",") else { throw unexpected(field) }
            position += 1
        }
    }

    /// `?` stands for `*` in the day fields, and only alone (Open Cron Pattern Specification 1.4, 4.2).
    private mutating func parseQuestionMark(_ field: CronField) throws(CronParseError) {
        guard field == .day || field == .weekday else {
            throw error(at: position, .wrongField("?", field))
        }
        guard position + 1 == end else {
            throw CronParseError(columns: position..<end, reason: .notAlone("?", field))
        }
        fields[field] = CronFields.full(field)
    }

    private mutating func parseItem(_ field: CronField, in word: Range<Int>) throws(CronParseError) {
        guard let byte = peek, byte != UInt8(ascii: ",") else {
            // The mark goes under the comma that has nothing on one of its sides.
            let column = position < end ? position : position - 1
            throw CronParseError(columns: column..<column + 1, reason: .emptyItem(field))
        }
        switch byte {
        case UInt8(ascii: "*"):
            position += 1
            let step = try parseStep(field) ?? 1
            insert(field, from: field.stored.lowerBound, through: field.stored.upperBound, step: step)
        case UInt8(ascii: "H") where field != .year && !(nextIsLetter):
            try parseHash(field)
        case UInt8(ascii: "L") where field == .day:
            try parseLastDay(in: word)
        case UInt8(ascii: "0")...UInt8(ascii: "9"):
            try parseValues(field, in: word)
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
            try parseValues(field, in: word)
        case UInt8(ascii: "?"):
            throw error(at: position, .notAlone("?", field))
        case UInt8(ascii: "~"):
            throw error(at: position, .bareRandom(field))
        case UInt8(ascii: "+"):
            throw error(at: position, .wrongField("+", field))
        default:
            throw unexpected(field)
        }
    }

    /// A value and what may follow it: a range, a step, `~`, `W`, `L` or `#`.
    private mutating func parseValues(_ field: CronField, in word: Range<Int>) throws(CronParseError) {
        let start = position
        let low = try parseValue(field)
        switch peek {
        case UInt8(ascii: "-"):
            position += 1
            let high = try parseRangeEnd(field, from: start)
            if let byte = peek,
                byte == UInt8(ascii: "L") || byte == UInt8(ascii: "W") || byte == UInt8(ascii: "#")
            {
                throw CronParseError(
                    columns: start..<end, reason: .modifiedRange(text(position..<position + 1), field))
            }
            let step = try parseStep(field) ?? 1
            if field == .year, low > high {
                throw error(from: start, .reversedRange(text(start..<position), field))
            }
            insertRange(field, from: low, through: high, step: step)
        case UInt8(ascii: "/"):
            let step = try parseStep(field) ?? 1
            insert(field, from: low % modulus(field), through: field.stored.upperBound, step: step)
        case UInt8(ascii: "~"):
            position += 1
            let high = try parseRangeEnd(field, from: start)
            guard low <= high else {
                throw error(from: start, .reversedRange(text(start..<position), field))
            }
            insertRange(field, from: chosen(field, in: low...high), through: nil, step: 1)
        case UInt8(ascii: "W") where field == .day:
            position += 1
            try setNearestWeekday(UInt8(low), item: start..<position, in: word)
        case UInt8(ascii: "L") where field == .weekday:
            position += 1
            fields.nthWeekdays |= 1 << UInt64(6 * (low % 7) + 5)
        case UInt8(ascii: "#") where field == .weekday:
            position += 1
            try parseNth(weekday: low % 7)
        default:
            insertRange(field, from: low, through: nil, step: 1)
        }
    }

    /// A number or a name; `5L` and `FRIL` end before the `L`.
    private mutating func parseValue(_ field: CronField) throws(CronParseError) -> Int {
        let start = position
        if let byte = peek, isDigit(byte) {
            let number = parseNumber()
            guard field.writable.contains(number) else {
                throw error(from: start, .outOfRange(text(start..<position), field))
            }
            return number
        }
        var stop = start
        while stop < end, isLetter(bytes[stop]) { stop += 1 }
        let word = text(start..<stop)
        let last = field == .weekday && word.hasSuffix("L") && word.utf8.count == 4
        let name = last ? String(word.dropLast()) : word
        guard let index = field.names.firstIndex(of: name.uppercased()) else {
            if let modifier = ["L", "W", "LW", "H"].first(where: { $0 == word }) {
                throw misplaced(modifier, field, columns: start..<stop)
            }
            throw CronParseError(columns: start..<stop, reason: .unknownName(word, field))
        }
        position = last ? stop - 1 : stop
        return index + field.stored.lowerBound
    }

    private func misplaced(_ modifier: String, _ field: CronField, columns: Range<Int>) -> CronParseError {
        switch (modifier, field) {
        case ("L", .weekday): CronParseError(columns: columns, reason: .bareLastWeekday)
        case ("W", .day): CronParseError(columns: columns, reason: .bareNearestWeekday)
        default: CronParseError(columns: columns, reason: .wrongField(modifier, field))
        }
    }

    private mutating func parseRangeEnd(_ field: CronField, from start: Int) throws(CronParseError) -> Int {
        guard let byte = peek, byte != UInt8(ascii: ",") else {
            throw error(from: start, .openRange(field))
        }
        guard isDigit(byte) || isLetter(byte) else { throw unexpected(field) }
        return try parseValue(field)
    }

    /// `/n`, or nil when no step follows.
    private mutating func parseStep(_ field: CronField) throws(CronParseError) -> Int? {
        guard peek == UInt8(ascii: "/") else { return nil }
        let slash = position
        position += 1
        guard let byte = peek, byte != UInt8(ascii: ",") else {
            throw CronParseError(columns: slash..<slash + 1, reason: .missingStep(field))
        }
        guard isDigit(byte) else { throw unexpected(field) }
        let start = position
        let step = parseNumber()
        if step == 0 {
            throw error(from: start, .zeroStep(field))
        }
        guard step <= CronLimits.stepMax else {
            throw error(from: start, .stepTooLarge(text(start..<position), field))
        }
        return step
    }

    /// The digits here as a number, a huge one as one that is out of every range.
    mutating func parseNumber() -> Int {
        var number = 0
        while let byte = peek, isDigit(byte) {
            number = min(number * 10 + Int(byte - UInt8(ascii: "0")), 1_000_000)
            position += 1
        }
        return number
    }
}

// MARK: - Hashes, last days, weekdays

extension CronParser {
    /// `H`, `H(a-b)` and both with a step: numbers chosen by the job's name, the same at every start.
    private mutating func parseHash(_ field: CronField) throws(CronParseError) {
        position += 1
        var range = field.hashed
        if peek == UInt8(ascii: "(") {
            position += 1
            let start = position
            guard let byte = peek, isDigit(byte) || isLetter(byte) else { throw unexpected(field) }
            let low = try parseValue(field)
            guard peek == UInt8(ascii: "-") else { throw unexpected(field) }
            position += 1
            let high = try parseRangeEnd(field, from: start)
            guard peek == UInt8(ascii: ")") else { throw unexpected(field) }
            guard low <= high else {
                throw error(from: start, .reversedRange(text(start..<position), field))
            }
            position += 1
            range = low...high
        }
        guard let step = try parseStep(field) else {
            insertRange(field, from: chosen(field, in: range), through: nil, step: 1)
            return
        }
        let phases = range.lowerBound...min(range.lowerBound + step - 1, range.upperBound)
        insertRange(field, from: chosen(field, in: phases), through: range.upperBound, step: step)
    }

    /// The number of the range that the job's name chooses for a field.
    private func chosen(_ field: CronField, in range: ClosedRange<Int>) -> Int {
        var hash = StableHash()
        hash.combine(seed)
        hash.combine(field.name)
        return range.lowerBound + Int(hash.spread % UInt64(range.count))
    }

    /// `L`, `L-n` and `LW`.
    private mutating func parseLastDay(in word: Range<Int>) throws(CronParseError) {
        let start = position
        position += 1
        switch peek {
        case UInt8(ascii: "W"):
            position += 1
            try setNearestWeekday(CronFields.lastWeekday, item: start..<position, in: word)
        case UInt8(ascii: "-"):
            position += 1
            let digits = position
            guard let byte = peek, byte != UInt8(ascii: ",") else {
                throw error(from: start, .openRange(.day))
            }
            guard isDigit(byte) else { throw unexpected(.day) }
            let offset = parseNumber()
            guard CronLimits.lastDayOffsets.contains(offset) else {
                throw CronParseError(
                    columns: digits..<position, reason: .lastOffsetOutOfRange(text(digits..<position)))
            }
            fields.lastDays |= 1 << UInt32(offset)
        default:
            fields.lastDays |= 1
        }
    }

    /// `15W` and `LW` stand alone (Open Cron Pattern Specification 1.3, 4.3).
    private mutating func setNearestWeekday(
        _ day: UInt8, item: Range<Int>, in word: Range<Int>
    ) throws(CronParseError) {
        if item.upperBound < end, bytes[item.upperBound] != UInt8(ascii: ",") { throw unexpected(.day) }
        guard item == word else {
            throw CronParseError(columns: item, reason: .notAlone(text(item), .day))
        }
        fields.nearestWeekday = day
    }

    /// `n` or `L` after `#`.
    private mutating func parseNth(weekday: Int) throws(CronParseError) {
        let start = position
        if peek == UInt8(ascii: "L") {
            position += 1
            fields.nthWeekdays |= 1 << UInt64(6 * weekday + 5)
            return
        }
        guard let byte = peek, byte != UInt8(ascii: ",") else {
            throw CronParseError(columns: start - 1..<start, reason: .missingWeekdayNumber)
        }
        guard isDigit(byte) else { throw unexpected(.weekday) }
        let number = parseNumber()
        guard (1...5).contains(number) else {
            throw error(from: start, .weekdayNumberOutOfRange(text(start..<position)))
        }
        fields.nthWeekdays |= 1 << UInt64(6 * weekday + number - 1)
    }
}

// MARK: - Values and bytes

extension CronParser {
    /// How many numbers a field has, to fold 7 to Sunday; beyond every number elsewhere.
    private func modulus(_ field: CronField) -> Int {
        field == .weekday ? 7 : .max
    }

    /// Adds a value, or a range that wraps around when its end is before its start (`22-2`, `FRI-MON`).
    private mutating func insertRange(_ field: CronField, from low: Int, through high: Int?, step: Int) {
        guard let high else {
            return insert(field, from: low % modulus(field), through: low % modulus(field), step: 1)
        }
        if low <= high {
            return insert(field, from: low, through: high, step: step)
        }
        let count = field.stored.count
        insert(
            field, from: low % modulus(field), through: high + (low % modulus(field) > high ? count : 0),
            step: step)
    }

    /// Adds every `step`-th number; numbers beyond the field's last begin again at its first.
    private mutating func insert(_ field: CronField, from low: Int, through high: Int, step: Int) {
        if field == .year {
            for year in stride(from: low, through: high, by: step) { fields.years.insert(year) }
            return
        }
        let last = field.stored.upperBound
        let count = field.stored.count
        var bits: UInt64 = 0
        var value = low
        while value <= high {
            bits |= 1 << UInt64(value > last ? value - count : value)
            value += step
        }
        fields[field] |= bits
    }

    /// The next byte of the field.
    var peek: UInt8? {
        position < end ? bytes[position] : nil
    }

    private var nextIsLetter: Bool {
        position + 1 < end && isLetter(bytes[position + 1])
    }

    private func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private func error(from start: Int, _ reason: CronParseError.Reason) -> CronParseError {
        CronParseError(columns: start..<position, reason: reason)
    }

    private func error(at column: Int, _ reason: CronParseError.Reason) -> CronParseError {
        CronParseError(columns: column..<column + 1, reason: reason)
    }

    /// The error about the character here, whole even when it has several bytes.
    private func unexpected(_ field: CronField) -> CronParseError {
        guard position < end else {
            return CronParseError(columns: position - 1..<position, reason: .openRange(field))
        }
        var next = position + 1
        while next < bytes.count, bytes[next] & 0xc0 == 0x80 { next += 1 }
        return CronParseError(
            columns: position..<next, reason: .unexpectedCharacter(text(position..<next), field))
    }
}
