import CivilTime

/// Reads the text of a cron expression; `docs/schedules.md` has the language with a verdict for every form.
struct CronParser {
    let bytes: [UInt8]
    /// What `H` and `~` are derived from: the job's name.
    let seed: String
    var fields = CronFields()
    /// The next byte to read.
    var position = 0
    /// The end of the field that is being read.
    var end = 0

    init(_ text: String, seed: String) {
        bytes = Array(text.utf8)
        self.seed = seed
    }

    mutating func parse() throws(CronParseError) -> CronExpression.Form {
        guard bytes.count <= CronLimits.textBytesMax else {
            throw CronParseError(
                columns: CronLimits.textBytesMax..<bytes.count, reason: .tooLong(bytes: bytes.count))
        }
        let words = split()
        guard let first = words.first, let last = words.last else {
            throw CronParseError(columns: 0..<bytes.count, reason: .empty)
        }
        if bytes[first.lowerBound] == UInt8(ascii: "@") {
            return try parseNickname(words)
        }
        try refuseForeignForms(words)
        let order: ArraySlice<CronField>
        switch words.count {
        case 5: order = CronField.allCases[1...5]
        case 6: order = CronField.allCases[0...5]
        case 7: order = CronField.allCases[0...6]
        default:
            throw CronParseError(
                columns: first.lowerBound..<last.upperBound, reason: .fieldCount(words.count))
        }
        for (field, word) in zip(order, words) {
            try parseField(field, in: word)
        }
        fields.settle()
        guard fields.canMatch else {
            throw CronParseError(columns: dayColumns(words), reason: .neverMatches)
        }
        return .fields(fields)
    }

    /// Refuses forms of other programs that would otherwise be reported as something else.
    private func refuseForeignForms(_ words: [Range<Int>]) throws(CronParseError) {
        let first = words[0]
        if let equals = bytes[first].firstIndex(of: UInt8(ascii: "=")) {
            let prefix = text(first.lowerBound..<equals)
            if prefix == "TZ" || prefix == "CRON_TZ" {
                throw CronParseError(columns: first, reason: .zonePrefix(prefix))
            }
        }
        guard words.count < 5 else { return }
        if let time = words.first(where: { bytes[$0].contains(UInt8(ascii: ":")) }) {
            throw CronParseError(columns: time, reason: .clockTime(text(time)))
        }
        for blank in ["\u{3000}", "\u{a0}"] {
            let width = blank.utf8.count
            if let start = bytes.indices.first(where: { bytes[$0...].starts(with: blank.utf8) }) {
                throw CronParseError(columns: start..<start + width, reason: .foreignBlank)
            }
        }
    }

    /// The words of the text; only blanks and tabs separate.
    private func split() -> [Range<Int>] {
        var words: [Range<Int>] = []
        words.reserveCapacity(8)
        var start: Int?
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
                if let begun = start { words.append(begun..<index) }
                start = nil
            } else if start == nil {
                start = index
            }
        }
        if let begun = start { words.append(begun..<bytes.count) }
        return words
    }

    /// The fields that together never match: from the day to the last one that restricts.
    private func dayColumns(_ words: [Range<Int>]) -> Range<Int> {
        let day = words.count == 5 ? 2 : 3
        var last = day + 1
        if fields.weekdays != UInt8(CronFields.full(.weekday)) { last = day + 2 }
        if fields.years != .all { last = day + 3 }
        return words[day].lowerBound..<words[last].upperBound
    }

    /// A part of the text for a message: cut when it is long, and characters that do not print by their
    /// number.
    func text(_ columns: Range<Int>) -> String {
        let lengthMax = 40
        let part = String(decoding: bytes[columns], as: UTF8.self).unicodeScalars
        let shown = part.prefix(lengthMax).map { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse,
                .spaceSeparator:
                Self.codePoint(scalar)
            default: String(scalar)
            }
        }
        return shown.joined() + (part.count > lengthMax ? "…" : "")
    }
}

extension CronParser {
    /// A character by its number, as `U+00A0`.
    private static func codePoint(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return "U+" + String(repeating: "0", count: max(4 - digits.count, 0)) + digits
    }
}

// MARK: - Nicknames

extension CronParser {
    private static let nicknames: [(name: String, expression: String)] = [
        ("@yearly", "0 0 1 1 *"), ("@annually", "0 0 1 1 *"), ("@monthly", "0 0 1 * *"),
        ("@weekly", "0 0 * * 0"), ("@daily", "0 0 * * *"), ("@midnight", "0 0 * * *"),
        ("@hourly", "0 * * * *"),
    ]

    private func parseNickname(_ words: [Range<Int>]) throws(CronParseError) -> CronExpression.Form {
        let name = text(words[0])
        let lowered = name.lowercased()
        if lowered == "@every" {
            return try parseEvery(words)
        }
        if lowered == "@reboot" {
            throw CronParseError(columns: words[0], reason: .reboot)
        }
        guard let nickname = Self.nicknames.first(where: { $0.name == lowered }) else {
            throw CronParseError(columns: words[0], reason: .unknownNickname(name))
        }
        guard words.count == 1 else {
            throw CronParseError(
                columns: words[1].lowerBound..<words[words.count - 1].upperBound,
                reason: .afterNickname(lowered))
        }
        var parser = CronParser(nickname.expression, seed: seed)
        return try parser.parse()
    }

    private func parseEvery(_ words: [Range<Int>]) throws(CronParseError) -> CronExpression.Form {
        guard words.count > 1 else {
            throw CronParseError(columns: words[0], reason: .missingInterval)
        }
        guard words.count == 2 else {
            throw CronParseError(
                columns: words[2].lowerBound..<words[words.count - 1].upperBound,
                reason: .afterNickname("@every"))
        }
        let written = text(words[1])
        let duration: Duration
        do {
            duration = try DurationText.parse(written)
        } catch {
            throw CronParseError(columns: words[1], reason: .badInterval(written, error))
        }
        let (seconds, attoseconds) = duration.components
        guard attoseconds == 0, let whole = Int(exactly: seconds), CronLimits.everySeconds.contains(whole)
        else {
            throw CronParseError(columns: words[1], reason: .intervalOutOfRange(written))
        }
        return .every(seconds: whole)
    }
}
