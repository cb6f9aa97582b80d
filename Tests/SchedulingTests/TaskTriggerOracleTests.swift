import CivilTime
import RandomInput
import Scheduling
import TestFiles
import Testing

/// Triggers made at random against a search that looks at every day and every second it could be due.
@Suite("triggers of Task Scheduler against brute force")
struct TaskTriggerOracleTests {
    static let zones = [
        "UTC", "America/New_York", "Europe/Dublin", "Asia/Beirut", "Africa/Cairo", "Australia/Lord_Howe",
        "Africa/Casablanca", "Pacific/Apia", "America/Phoenix", "Antarctica/Troll",
    ]

    /// The days walked: long enough for a leap day and, from 2011, for the day that Apia left out.
    static let firstDay = 15_186
    static let lastDay = firstDay + 500

    @Test("the occurrences of 500 days are those of brute force, forwards and backwards", arguments: zones)
    func walk(zoneName: String) throws {
        let zone = try ZoneFiles.zone(zoneName)
        var generator = SeededRandom(state: UInt64(zoneName.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) }))
        for _ in 0..<60 {
            let trigger = try Self.randomTrigger(using: &generator)
            let expected = Self.occurrences(of: trigger, in: zone)
            let end = Instant(seconds: Int64(Self.lastDay) * 86_400)
            let start = Instant(seconds: Int64(Self.firstDay) * 86_400)
            var found: [Instant] = []
            var instant = start
            while let next = trigger.next(after: instant, in: zone), next.instant <= end {
                try #require(next.instant > instant)
                found.append(next.instant)
                instant = next.instant
            }
            #expect(found == expected, "\(trigger.words(in: zone)), from \(trigger.start)")
            guard found == expected else { return }
            var backwards: [Instant] = []
            instant = Instant(microseconds: end.microseconds + 1)
            while let previous = trigger.previous(before: instant, in: zone), previous.instant > start {
                try #require(previous.instant < instant)
                backwards.append(previous.instant)
                instant = previous.instant
            }
            #expect(backwards.reversed() == expected, "\(trigger.words(in: zone)), from \(trigger.start)")
        }
    }

    @Test("between two occurrences every instant has the same next and previous", arguments: zones)
    func constancy(zoneName: String) throws {
        let zone = try ZoneFiles.zone(zoneName)
        var generator = SeededRandom(state: 11)
        for _ in 0..<40 {
            let trigger = try Self.randomTrigger(using: &generator)
            let start = Instant(seconds: Int64(Self.firstDay) * 86_400)
            guard let first = trigger.next(after: start, in: zone),
                let second = trigger.next(after: first.instant, in: zone)
            else { continue }
            let distance = second.instant.microseconds - first.instant.microseconds
            for _ in 0..<20 {
                let part = Int64.random(in: 1..<distance, using: &generator)
                let between = Instant(microseconds: first.instant.microseconds + part)
                #expect(trigger.next(after: between, in: zone) == second)
                #expect(trigger.previous(before: between, in: zone) == first)
            }
            #expect(trigger.previous(before: second.instant, in: zone) == first)
        }
    }

    // MARK: - The other way to find occurrences

    /// The instants after `firstDay` and up to `lastDay` at which a trigger is due, day by day.
    static func occurrences(of trigger: TaskTrigger, in machine: Zone) -> [Instant] {
        let clock = zone(of: trigger.start, on: machine)
        var starts: Set<Instant> = []
        let startDay = trigger.start.local.date.dayNumber
        for day in startDay...lastDay + 3 where isStart(day, trigger) {
            let local = CivilDateTime(
                date: CivilDate(dayNumber: day), secondOfDay: trigger.start.local.secondOfDay)
            starts.insert(firstInstant(showing: local, in: clock))
        }
        let sorted = starts.sorted()
        var due: Set<Instant> = []
        for (index, begin) in sorted.enumerated() {
            var instant = begin
            let next = index + 1 < sorted.count ? sorted[index + 1] : Instant.latest
            let windowEnd = Instant(seconds: Int64(lastDay) * 86_400)
            while instant < next, instant <= windowEnd {
                due.insert(instant)
                guard let repetition = trigger.repetition else { break }
                instant = instant + repetition.interval
                if let duration = repetition.duration, instant > begin + duration { break }
            }
        }
        let from = Instant(seconds: Int64(firstDay) * 86_400)
        let last =
            trigger.end.map { firstInstant(showing: $0.local, in: zone(of: $0, on: machine)) } ?? .latest
        return due.filter { $0 > from && $0 <= last }.sorted()
    }

    static func zone(of boundary: TaskTrigger.Boundary, on machine: Zone) -> Zone {
        switch boundary {
        case .local: machine
        case .fixed(_, let offset): Zone.fixed(offset: offset)
        }
    }

    /// The first instant, by quarter hours, from which on a clock shows `local` or more.
    static func firstInstant(showing local: CivilDateTime, in zone: Zone) -> Instant {
        let seconds = local.secondsSinceEpoch
        // All seconds of local times here are those of a quarter hour, and so are all changes since 2010.
        var candidate = seconds - 27 * 3600
        while zone.local(at: Instant(seconds: candidate)) < local {
            candidate += candidate % 900 == 0 ? 900 : 1
        }
        return Instant(seconds: candidate)
    }

    static func isStart(_ day: Int, _ trigger: TaskTrigger) -> Bool {
        let date = CivilDate(dayNumber: day)
        let first = trigger.start.local.date
        switch trigger.recurrence {
        case .once: return date == first
        case .daily(let interval): return (day - first.dayNumber) % interval == 0
        case .weekly(let interval, let weekdays):
            let sunday = day - date.weekday.rawValue
            let firstSunday = first.dayNumber - first.weekday.rawValue
            return weekdays.contains(date.weekday.rawValue) && (sunday - firstSunday) / 7 % interval == 0
        case .monthly(let days, let lastDay, let months):
            let isLast = CivilDate(dayNumber: day + 1).day == 1
            return months.contains(date.month) && (days.contains(date.day) || lastDay && isLast)
        case .monthlyWeekday(let weeks, let lastWeek, let weekdays, let months):
            let isLast = CivilDate(dayNumber: day + 7).month != date.month
            return months.contains(date.month) && weekdays.contains(date.weekday.rawValue)
                && (weeks.contains((date.day - 1) / 7 + 1) || lastWeek && isLast)
        }
    }

    // MARK: - Triggers at random

    static func randomTrigger(using generator: inout SeededRandom) throws -> TaskTrigger {
        func numbers(_ range: ClosedRange<Int>, from generator: inout SeededRandom) -> NumberSet {
            var set = NumberSet([Int.random(in: range, using: &generator)])
            for number in range where Int.random(in: 0..<4, using: &generator) == 0 { set.insert(number) }
            return set
        }
        let recurrence: TaskTrigger.Recurrence
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: recurrence = .once
        case 1, 2: recurrence = .daily(interval: Int.random(in: 1...5, using: &generator))
        case 3:
            recurrence = .weekly(
                interval: Int.random(in: 1...4, using: &generator), weekdays: numbers(0...6, from: &generator)
            )
        case 4:
            recurrence = .monthly(
                days: numbers(1...31, from: &generator), lastDay: Bool.random(using: &generator),
                months: numbers(1...12, from: &generator))
        default:
            recurrence = .monthlyWeekday(
                weeks: numbers(1...4, from: &generator), lastWeek: Bool.random(using: &generator),
                weekdays: numbers(0...6, from: &generator), months: numbers(1...12, from: &generator))
        }
        var repetition: TaskTrigger.Repetition?
        if Int.random(in: 0..<3, using: &generator) == 0 {
            let hours = [nil, 1, 24, 25, 60].randomElement(using: &generator) ?? nil
            repetition = .init(
                interval: .seconds(
                    ([37, 60, 180, 720, 1440, 2000].randomElement(using: &generator) ?? 60) * 60),
                duration: hours.map { .seconds($0 * 3600) })
        }
        return try TaskTrigger(
            start: boundary(firstDay - 300...firstDay + 200, using: &generator),
            end: Int.random(in: 0..<4, using: &generator) == 0
                ? boundary(firstDay...lastDay, using: &generator) : nil,
            recurrence: recurrence, repetition: repetition)
    }

    /// A boundary on a quarter hour, more often than not in the hours in which clocks change.
    static func boundary(_ days: ClosedRange<Int>, using generator: inout SeededRandom)
        -> TaskTrigger.Boundary
    {
        let quarters = Bool.random(using: &generator) ? 0...15 : 0...95
        let local = CivilDateTime(
            date: CivilDate(dayNumber: Int.random(in: days, using: &generator)),
            secondOfDay: Int.random(in: quarters, using: &generator) * 900)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: return .fixed(local, offset: 0)
        case 1: return .fixed(local, offset: Int.random(in: -8...8, using: &generator) * 5400)
        default: return .local(local)
        }
    }
}
