package import CivilTime

extension TaskTrigger {
    /// The trigger in words, on a machine in `zone`: `every day at 00:10 UTC`.
    package func words(in zone: Zone) -> String {
        let clock = start.zone(onMachineIn: zone).name
        let local = start.local
        let first = "\(local.date) at \(Self.clockTime(local)) \(clock)"
        var words: String
        switch (recurrence, repetition) {
        case (.once, let repetition?) where repetition.duration == nil:
            words = "\(Self.every(repetition.interval)) from \(first) on"
        case (.once, nil):
            words = "once on \(first)"
        case (.once, let repetition?):
            words = "on \(first)" + Self.words(of: repetition)
        case (_, let repetition):
            words = "\(dayWords) at \(Self.clockTime(local)) \(clock)" + (repetition.map(Self.words) ?? "")
        }
        if let end {
            words +=
                ", until \(end.local.date) at \(Self.clockTime(end.local)) \(end.zone(onMachineIn: zone).name)"
        }
        if randomDelay > .zero { words += ", up to \(Self.length(randomDelay)) later" }
        return isEnabled ? words : words + " (disabled)"
    }

    private var dayWords: String {
        switch recurrence {
        case .once: return "once"
        case .daily(let interval):
            return interval == 1 ? "every day" : "every \(interval) days from \(start.local.date) on"
        case .weekly(let interval, let weekdays):
            if interval == 1 { return "every \(Self.names(ofWeekdays: weekdays))" }
            return
                "every \(interval) weeks from \(start.local.date) on, on \(Self.names(ofWeekdays: weekdays))"
        case .monthly(let days, let lastDay, let months):
            var items: [String] = []
            if !days.isEmpty {
                items.append((days.numbers.count == 1 ? "day " : "days ") + EnglishList.numbers(days.numbers))
            }
            if lastDay { items.append("the last day") }
            return "on \(EnglishList.join(items)) of \(Self.names(ofMonths: months))"
        case .monthlyWeekday(let weeks, let lastWeek, let weekdays, let months):
            let ordinals = ["first", "second", "third", "fourth"]
            let names = weeks.numbers.map { ordinals[$0 - 1] } + (lastWeek ? ["last"] : [])
            let month = Self.names(ofMonths: months)
            return "on the \(EnglishList.join(names)) \(Self.names(ofWeekdays: weekdays)) of \(month)"
        }
    }

    static func words(of repetition: Repetition) -> String {
        let interval = ", then \(every(repetition.interval))"
        guard let duration = repetition.duration else { return interval }
        return "\(interval) for \(length(duration))"
    }

    /// `00:10`, with seconds only when there are some.
    static func clockTime(_ local: CivilDateTime) -> String {
        String(
            local.description.dropFirst(local.date.description.count + 1).prefix(local.second == 0 ? 5 : 8))
    }

    /// `every hour`, `every 5 minutes`.
    private static func every(_ interval: Duration) -> String {
        let length = length(interval)
        return "every \(length.hasPrefix("1 ") ? String(length.dropFirst(2)) : length)"
    }

    /// `5 minutes`, or the short form of what is no whole number of one unit.
    static func length(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        for (unit, noun) in [(86_400, "day"), (3600, "hour"), (60, "minute")]
        where seconds % Int64(unit) == 0 && duration == .seconds(seconds) {
            return EnglishList.count(Int(seconds) / unit, noun)
        }
        return DurationText.compact(duration)
    }

    private static func names(ofWeekdays weekdays: NumberSet) -> String {
        if weekdays == NumberSet(0...6) { return "day" }
        // The week is said from Monday on, as in `Saturday and Sunday`.
        let mondayFirst = weekdays.numbers.map { $0 == 0 ? 7 : $0 }.sorted()
        return EnglishList.numbers(mondayFirst) { (Weekday(rawValue: $0 % 7) ?? .sunday).name }
    }

    private static func names(ofMonths months: NumberSet) -> String {
        if months == NumberSet(1...12) { return "every month" }
        return EnglishList.numbers(months.numbers) { CronWords.months[$0 - 1] }
    }
}
