import CivilTime

extension CronExpression {
    /// The expression in words, without a zone: `every day at 00:10`.
    package var words: String { words(zone: nil) }

    /// The expression in words, with the name of the zone after the times of day.
    func words(zone: String?) -> String {
        switch form {
        case .every(let seconds): Self.words(every: seconds)
        case .fields(let fields): CronWords(fields: fields, zone: zone.map { " " + $0 } ?? "").text
        }
    }

    /// `every 90 seconds`, `every hour`; a day is 24 hours here, as `@every` counts real time.
    private static func words(every seconds: Int) -> String {
        for (unit, noun) in [(3600, "hour"), (60, "minute"), (1, "second")] where seconds % unit == 0 {
            return seconds == unit ? "every \(noun)" : "every \(seconds / unit) \(noun)s"
        }
        preconditionFailure("an interval that no number of seconds divides")
    }
}

/// Puts the fields of an expression into words.
struct CronWords {
    let fields: CronFields
    /// The zone's name after a blank, or nothing.
    let zone: String

    /// The most times of day that are listed one by one.
    private static let clockTimesMax = 6

    var text: String {
        let days = dayWords
        guard let times = clockTimes else {
            let text = intervalWords
            if days.isEmpty { return text + yearWords }
            let zoneAtEnd = text.hasSuffix(zone) ? "" : zone
            return text + (days.hasPrefix("every ") ? ", " : " ") + days + yearWords + zoneAtEnd
        }
        let at = "at \(EnglishList.join(times))\(zone)"
        if days.isEmpty { return "every day \(at)" + yearWords }
        return (days.hasPrefix("every ") ? "\(days) \(at)" : "\(at) \(days)") + yearWords
    }

    private func isFull(_ field: CronField) -> Bool {
        fields[field] == CronFields.full(field)
    }

    /// The distance between the field's numbers when they start at its first and fill it evenly.
    private func evenStep(_ field: CronField) -> Int? {
        let values = fields.values(of: field)
        let count = field.stored.count
        guard values.first == field.stored.lowerBound, values.count > 1, count % values.count == 0,
            NumberList.commonStep(values) == count / values.count
        else { return nil }
        return count / values.count
    }
}

// MARK: - Times of day

extension CronWords {
    /// The times of day one by one, when they are few.
    private var clockTimes: [String]? {
        let seconds = fields.values(of: .second)
        let minutes = fields.values(of: .minute)
        let hours = fields.values(of: .hour)
        guard seconds.count * minutes.count * hours.count <= Self.clockTimesMax else { return nil }
        return hours.flatMap { hour in
            minutes.flatMap { minute in
                seconds.map { second in
                    let time = Self.time(hour: hour, minute: minute)
                    return fields.seconds == 1 ? time : time + ":" + Self.twoDigits(second)
                }
            }
        }
    }

    /// A time of day, as `09:05`.
    static func time(hour: Int, minute: Int) -> String {
        twoDigits(hour) + ":" + twoDigits(minute)
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : String(number)
    }

    /// Times that come too often to be listed: `every 15 minutes from 09:00 to 16:59`.
    private var intervalWords: String {
        guard fields.seconds != 1 else { return minuteWords }
        let seconds: String
        if isFull(.second) {
            seconds = "every second"
        } else if let step = evenStep(.second) {
            seconds = "every \(step) seconds"
        } else {
            seconds = "at " + numbers(.second, noun: "second")
        }
        if isFull(.minute), isFull(.hour) {
            return evenStep(.second) == nil ? seconds + " of every minute" : seconds
        }
        if isFull(.minute) { return seconds + hourWords }
        return "\(seconds) of \(numbers(.minute, noun: "minute"))\(hourWords)"
    }

    private var minuteWords: String {
        let minutes = fields.values(of: .minute)
        if isFull(.minute) { return "every minute" + hourWords }
        if let step = evenStep(.minute) { return "every \(step) minutes" + hourWords }
        guard minutes.count == 1, let minute = minutes.first else {
            return "at \(numbers(.minute, noun: "minute"))" + (isFull(.hour) ? " of every hour" : hourWords)
        }
        let hours = fields.values(of: .hour)
        let past = minute == 0 ? "" : " at minute \(minute)"
        if isFull(.hour) { return "every hour" + past }
        if let step = evenStep(.hour) { return "every \(step) hours\(past)" + zone }
        if let first = hours.first, let last = hours.last, last - first == hours.count - 1 {
            let ends = [first, last].map { Self.time(hour: $0, minute: minute) }
            return "every hour from \(ends[0]) to \(ends[1])\(zone)"
        }
        return "at minute \(minute)" + hourWords
    }

    /// The hours in which something comes more than once: nothing for all of them.
    private var hourWords: String {
        if isFull(.hour) { return "" }
        let hours = fields.values(of: .hour)
        if let first = hours.first, let last = hours.last, last - first == hours.count - 1 {
            return " from \(Self.twoDigits(first)):00 to \(Self.twoDigits(last)):59\(zone)"
        }
        return " of \(numbers(.hour, noun: "hour"))\(zone)"
    }

    /// `minute 5`, `minutes 5 and 20`, `every 7th minute from 0 to 56`.
    private func numbers(_ field: CronField, noun: String) -> String {
        let values = fields.values(of: field)
        if values.count > Self.clockTimesMax, let step = NumberList.commonStep(values), step > 1 {
            let ends = "from \(values[0]) to \(values[values.count - 1])"
            return "every \(step)\(Self.ordinalSuffix(step)) \(noun) \(ends)"
        }
        return "\(noun)\(values.count == 1 ? "" : "s") \(EnglishList.numbers(values))"
    }

    private static func ordinalSuffix(_ number: Int) -> String {
        switch (number % 10, number % 100) {
        case (_, 11...13): "th"
        case (1, _): "st"
        case (2, _): "nd"
        case (3, _): "rd"
        default: "th"
        }
    }
}

// MARK: - Days

extension CronWords {
    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
        "November", "December",
    ]
    private static let weekdays = Weekday.allCases.map(\.name)

    /// Which days: empty for every day; it begins with `every` when it can stand before the times.
    private var dayWords: String {
        let isAnyDay = isFull(.day)
        let isAnyWeekday = isFull(.weekday)
        let month = isFull(.month) ? "" : " in " + monthNames
        switch (isAnyDay, isAnyWeekday) {
        case (true, true): return month.isEmpty ? "" : "every day" + month
        case (true, false): return (hasNthOnly ? "on " : "every ") + weekdayNames + month
        case (false, true): return "on \(monthDayNames) of \(isFull(.month) ? "every month" : monthNames)"
        case (false, false): break
        }
        if fields.bothDaysMustMatch {
            return "on \(hasNthOnly ? "" : "every ")\(weekdayNames) that is \(monthDayNames) of the month"
                + month
        }
        return "on \(monthDayNames) of \(isFull(.month) ? "every month" : monthNames)"
            + " and on \(hasNthOnly ? "" : "every ")\(weekdayNames)" + month
    }

    private var hasNthOnly: Bool { fields.weekdays == 0 }

    private var monthNames: String {
        EnglishList.numbers(fields.values(of: .month)) { Self.months[$0 - 1] }
    }

    /// `day 1`, `days 1 and 15`, `the last day`.
    private var monthDayNames: String {
        if fields.nearestWeekday == CronFields.lastWeekday { return "the last weekday" }
        if fields.nearestWeekday != 0 { return "the weekday nearest to day \(fields.nearestWeekday)" }
        var items: [String] = []
        if fields.days != 0 { items.append(numbers(.day, noun: "day")) }
        for offset in 0...CronLimits.lastDayOffsets.upperBound
        where fields.lastDays >> UInt32(offset) & 1 != 0 {
            items.append(
                offset == 0 ? "the last day" : "the day \(EnglishList.count(offset, "day")) before the last")
        }
        return EnglishList.join(items)
    }

    /// `Monday to Friday`, `the second Tuesday of the month`.
    private var weekdayNames: String {
        // The week is said from Monday on, as in `Saturday and Sunday`.
        let mondayFirst = fields.values(of: .weekday).map { $0 == 0 ? 7 : $0 }.sorted()
        var items = mondayFirst.isEmpty ? [] : [EnglishList.numbers(mondayFirst) { Self.weekdays[$0 % 7] }]
        let ordinals = ["first", "second", "third", "fourth", "fifth", "last"]
        for (weekday, number) in fields.nthWeekdayList {
            items.append("the \(ordinals[number - 1]) \(Self.weekdays[weekday]) of the month")
        }
        return EnglishList.join(items)
    }

    private var yearWords: String {
        fields.years == .all ? "" : " in " + EnglishList.numbers(fields.years.values)
    }
}
