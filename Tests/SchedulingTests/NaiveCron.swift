import CivilTime

/// A second, slow and simple reading of cron expressions, to compare the engine with: sets of numbers, and a
/// question to each field for every minute or second. It shares no code with the engine but the calendar and
/// the zones.
struct NaiveCron {
    let seconds: Set<Int>
    let minutes: Set<Int>
    let hours: Set<Int>
    let months: Set<Int>
    let years: Set<Int>?
    /// Plain numbers of the day fields, and the items that need the calendar: `L`, `15W`, `5#2` and their
    /// like.
    let days: Set<Int>
    let calendarDays: [Substring]
    let weekdays: Set<Int>
    let calendarWeekdays: [Substring]
    let isAnd: Bool
    let followsClock: Bool

    static let monthNames = [
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ]
    static let weekdayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]

    init(_ text: String) {
        var fields = text.split(separator: " ").map { $0.uppercased() }
        if fields.count == 5 { fields.insert("0", at: 0) }
        seconds = Self.numbers(fields[0], 0...59)
        minutes = Self.numbers(fields[1], 0...59)
        hours = Self.numbers(fields[2], 0...23)
        func needsCalendar(_ item: Substring) -> Bool {
            item.hasPrefix("L") || item.hasSuffix("W") || item.hasSuffix("L") || item.contains("#")
        }
        let dayItems = fields[3].split(separator: ",")
        calendarDays = dayItems.filter(needsCalendar)
        days = dayItems.filter { !needsCalendar($0) }
            .reduce(into: []) { $0.formUnion(Self.numbers(String($1), 1...31)) }
        months = Self.numbers(fields[4], 1...12)
        let hasPlus = fields[5].hasPrefix("+")
        let weekdayItems = fields[5].dropFirst(hasPlus ? 1 : 0).split(separator: ",")
        calendarWeekdays = weekdayItems.filter(needsCalendar)
        weekdays = weekdayItems.filter { !needsCalendar($0) }
            .reduce(into: []) { $0.formUnion(Self.numbers(String($1), 0...6)) }
        years = fields.count == 7 ? Self.numbers(fields[6], 1970...2199) : nil
        isAnd = hasPlus || [fields[3], fields[5]].contains { $0.hasPrefix("*") || $0.hasPrefix("?") }
        followsClock = fields[1].hasPrefix("*") || fields[2].hasPrefix("*")
    }

    func matchesTime(of local: CivilDateTime) -> Bool {
        seconds.contains(local.second) && minutes.contains(local.minute) && hours.contains(local.hour)
    }

    func matches(_ date: CivilDate) -> Bool {
        guard months.contains(date.month), years?.contains(date.year) ?? true else { return false }
        let byDay = matchesDay(date)
        let byWeekday = matchesWeekday(date)
        return isAnd ? byDay && byWeekday : byDay || byWeekday
    }

    private func matchesDay(_ date: CivilDate) -> Bool {
        days.contains(date.day)
            || calendarDays.contains { item in
                if item == "L" { return date.day == date.daysInMonth }
                if item.hasPrefix("L-") {
                    return date.day == date.daysInMonth - (Int(item.dropFirst(2)) ?? 0)
                }
                return Self.nearestWeekday(item == "LW" ? date.daysInMonth : Int(item.dropLast()) ?? 0, date)
                    == date.day
            }
    }

    /// The weekday nearest to a day of a date's month, found by looking around it.
    private static func nearestWeekday(_ day: Int, _ date: CivilDate) -> Int? {
        guard day <= date.daysInMonth else { return nil }
        for distance in 0...2 {
            for candidate in [day - distance, day + distance] {
                if let near = CivilDate(year: date.year, month: date.month, day: candidate),
                    near.weekday != .saturday, near.weekday != .sunday
                {
                    return candidate
                }
            }
        }
        return nil
    }

    private func matchesWeekday(_ date: CivilDate) -> Bool {
        let today = date.weekday.rawValue
        return weekdays.contains(today)
            || calendarWeekdays.contains { item in
                if let hash = item.firstIndex(of: "#") {
                    guard Self.number(item[..<hash]) % 7 == today else { return false }
                    let order = item[item.index(after: hash)...]
                    if order == "L" { return date.day + 7 > date.daysInMonth }
                    return (date.day - 1) / 7 + 1 == Int(order)
                }
                return Self.number(item.dropLast()) % 7 == today && date.day + 7 > date.daysInMonth
            }
    }

    private static func number(_ text: Substring) -> Int {
        if let index = monthNames.firstIndex(of: String(text)) { return index + 1 }
        return weekdayNames.firstIndex(of: String(text)) ?? Int(text) ?? -1
    }

    /// The numbers of a field without day specials; a range that ends before it starts goes around.
    private static func numbers(_ field: String, _ range: ClosedRange<Int>) -> Set<Int> {
        var found: Set<Int> = []
        for item in field.split(separator: ",") {
            let parts = item.split(separator: "/")
            let step = parts.count > 1 ? Int(parts[1]) ?? 0 : 1
            let ends = parts[0].split(separator: "-").map(number)
            var low = range.lowerBound
            var high = range.upperBound
            if parts[0] != "*", parts[0] != "?" {
                low = ends[0]
                high = ends.count > 1 ? ends[1] : parts.count > 1 ? high : low
            }
            let count = range.count
            if range == 0...6 {
                if low == 7 { low = 0 }
                if high == 7, low == 0, ends.count < 2 { high = 0 }
            }
            if high < low { high += count }
            for value in stride(from: low, through: high, by: step) {
                found.insert(value > range.upperBound ? value - count : value)
            }
        }
        return found
    }
}
