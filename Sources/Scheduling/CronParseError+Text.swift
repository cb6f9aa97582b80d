import CivilTime

extension CronParseError: CustomStringConvertible {
    package var description: String { message }

    /// What is wrong, as a sentence without a full stop: `hour 24 is outside 0–23`.
    package var message: String {
        switch reason {
        case .empty: "the expression is empty"
        case .tooLong(let bytes):
            "the expression has \(bytes) bytes; at most \(CronLimits.textBytesMax) are read"
        case .fieldCount(let count): "\(EnglishList.count(count, "field")) instead of 5, 6 or 7"
        case .zonePrefix(let name): "\(name)= is not part of the expression"
        case .clockTime(let time): "\(time) is not a field"
        case .foreignBlank: "this blank does not separate fields"
        case .unknownNickname(let name): "\(name) is not a nickname"
        case .reboot: "@reboot is not a time"
        case .afterNickname(let name):
            "nothing may follow \(name)\(name == "@every" ? " and its interval" : "")"
        case .missingInterval: "@every needs an interval"
        case .badInterval(let text, let error): "\(text) is not an interval: \(error)"
        case .intervalOutOfRange(let text):
            "the interval \(text) is not a whole number of seconds from 1 s to 366 days"
        case .neverMatches: "no date from 1970 to 2199 matches"
        default: fieldMessage
        }
    }

    /// The messages about one field.
    private var fieldMessage: String {
        switch reason {
        case .emptyItem(let field): "an item of the \(field.name) list is missing"
        case .unexpectedCharacter(let character, let field):
            "'\(character)' is not expected here in the \(field.name)"
        case .unknownName(let name, let field):
            field.names.isEmpty
                ? "'\(name)' is not a number; the \(field.name) has no names"
                : "'\(name)' is not a \(field.name)"
        case .outOfRange(let number, let field):
            "\(field.name) \(number) is outside \(field.writable.lowerBound)–\(field.writable.upperBound)"
        case .openRange(let field): "the \(field.name) range has no end"
        case .reversedRange(let text, let field): "the \(field.name) range \(text) ends before it starts"
        case .zeroStep(let field): "a step of 0 in the \(field.name) never gets anywhere"
        case .missingStep(let field): "the step of the \(field.name) is missing after the '/'"
        case .stepTooLarge(let number, let field):
            "step \(number) of the \(field.name) is above \(CronLimits.stepMax)"
        case .notAlone(let text, let field): "'\(text)' must stand alone in the \(field.name)"
        case .wrongField(let text, let field): "'\(text)' has no meaning here in the \(field.name)"
        case .modifiedRange(let modifier, let field):
            "'\(modifier)' cannot modify a range of the \(field.name)"
        case .missingWeekdayNumber: "'#' needs a number from 1 to 5 or L after it"
        case .weekdayNumberOutOfRange(let number): "a month has no weekday number \(number)"
        case .lastOffsetOutOfRange(let number): "L-\(number) is outside L-1 to L-30"
        case .bareLastWeekday: "'L' alone does not say which last day of the week"
        case .bareNearestWeekday: "'W' does not say which day it is nearest to"
        case .bareRandom(let field): "'~' needs the \(field.name) range it chooses from"
        default: preconditionFailure("a reason without a message")
        }
    }

    /// What to write instead, when that can be said.
    package var hint: String? {
        switch reason {
        case .empty: "five fields: minute hour day month weekday, as 10 0 * * *"
        case .tooLong: "lists of neighbours are shorter as ranges, as 0-59/2"
        case .fieldCount(let count):
            count > 7
                ? "a job's line has the fields first, then the job's name and a colon"
                : "minute hour day month weekday; 6 fields begin with seconds; 7 also end with a year"
        case .zonePrefix: "set the zone with CRON_TZ= on a line of its own, or tz= among the job's options"
        case .clockTime: "write the minute and the hour as two fields, as 30 12 for 12:30"
        case .foreignBlank: "separate fields with an ASCII blank or a tab"
        case .unknownNickname(let name): Self.nicknameHint(name)
        case .reboot: "schedules know the clock only; let a systemd unit start what belongs to the boot"
        case .afterNickname: nil
        case .missingInterval: "as @every 90s, @every 10m or @every PT5M"
        case .badInterval(_, let error): error.hint
        case .intervalOutOfRange: "rarer or finer schedules need another form"
        case .neverMatches: "no month has such a day in these years; February has 29 days in leap years only"
        default: fieldHint
        }
    }

    private var fieldHint: String? {
        switch reason {
        case .unexpectedCharacter(let character, _): Self.characterHint(character)
        case .unknownName(let name, let field): Self.nameHint(name, field)
        case .outOfRange(let number, let field): Self.rangeHint(number, field)
        case .reversedRange(let text, let field):
            field == .year ? "write the earlier year first" : "write the smaller number of \(text) first"
        case .zeroStep: "a step of 1 takes every number"
        case .missingStep: "as */5, every fifth"
        case .notAlone(let text, _):
            text == "?"
                ? "'?' means the same as '*': write the list alone" : "give the other days a job of their own"
        case .wrongField(let text, _): Self.placeHint(text)
        case .modifiedRange(_, let field):
            field == .day ? "W goes with one day, as 15W" : "write the days one by one, as 1L,2L"
        case .missingWeekdayNumber, .weekdayNumberOutOfRange: "1#2 is the second Monday, 1#L the last"
        case .lastOffsetOutOfRange: "L is the last day, L-1 the day before it"
        case .bareLastWeekday: "5L is the last Friday; 6 is every Saturday"
        case .bareNearestWeekday: "15W is the weekday nearest to the 15th, LW the month's last weekday"
        case .bareRandom(let field):
            "write \(field.writable.lowerBound)~\(field.stored.upperBound), or H"
        default: nil
        }
    }
}

// MARK: - Hints

extension CronParseError {
    private static func nicknameHint(_ name: String) -> String {
        if name.lowercased() == "@minutely" { return "write * * * * *" }
        return "there are @yearly, @annually, @monthly, @weekly, @daily, @midnight, @hourly and @every"
    }

    private static func characterHint(_ character: String) -> String? {
        switch character {
        case "–", "—", "−": "write a range with the ASCII '-'"
        case ":": "write the minute and the hour as two fields, as 30 12 for 12:30"
        case ".": "write a range with '-', and numbers without a fraction"
        case ";": "separate the items of a list with ','"
        case "l", "w": "write \(character.uppercased())"
        case "U+3000", "U+00A0": "separate fields with an ASCII blank or a tab"
        default: nil
        }
    }

    private static func nameHint(_ name: String, _ field: CronField) -> String? {
        let upper = name.uppercased()
        if ["H", "L", "W", "LW"].contains(upper) { return "write \(upper)" }
        if let near = field.names.first(where: { upper.hasPrefix($0) || $0.hasPrefix(upper) })
            ?? field.names.first(where: { isNear(upper, $0) })
        {
            return upper == near + "L" ? "write \(near)L" : "did you mean \(near)?"
        }
        for other in [CronField.month, .weekday] where other.names.contains(upper) {
            return "\(upper) belongs in the \(other.name)"
        }
        return nil
    }

    /// Whether two three-letter names differ in one letter or have two of them exchanged.
    private static func isNear(_ left: String, _ right: String) -> Bool {
        let (left, right) = (Array(left.utf8), Array(right.utf8))
        guard left.count == right.count else { return false }
        return zip(left, right).count { $0 != $1 } == 1 || left.sorted() == right.sorted()
    }

    private static func rangeHint(_ number: String, _ field: CronField) -> String? {
        switch (field, Int(number)) {
        case (.hour, 24): "midnight is hour 0"
        case (.minute, 60), (.second, 60):
            "the full \(field == .minute ? "hour is minute" : "minute is second") 0"
        case (.weekday, _): "Sunday is 0 or 7, Saturday 6"
        case (.month, 0): "January is 1"
        case (.day, 0): "days begin at 1; the last day of the month is L"
        case (.day, 32): "the last day of the month is L"
        default: nil
        }
    }

    private static func placeHint(_ text: String) -> String? {
        switch text {
        case "?": "'?' stands for '*' in the two day fields"
        case "+":
            "'+' comes once, before the whole day of the week field, and asks for both day fields to match"
        case "L", "LW", "W":
            "L, W and LW belong in the day of the month, L after a number also into the day of the week"
        case "H": "the year cannot be chosen by hash"
        default: nil
        }
    }
}
