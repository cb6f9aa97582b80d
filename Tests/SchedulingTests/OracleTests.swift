import CivilTime
import RandomInput
import Scheduling
import TestFiles
import Testing

/// The engine against a walk over every minute or second: 24,000 expressions in windows of time, most around
/// a clock change.
///
/// A failure names its seed and window: `swift test --filter OracleTests` repeats it.
@Suite struct OracleTests {
    /// Zones of every kind: with and without clock changes, half an hour, at midnight, below zero, twice a
    /// year for a month, a missing day, odd seconds before standard time.
    static let zoneNames = [
        "UTC", "America/New_York", "Europe/London", "Europe/Dublin", "Europe/Berlin", "Asia/Beirut",
        "Africa/Cairo",
        "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "Asia/Tokyo", "America/Sao_Paulo",
        "Asia/Gaza",
        "America/Santiago", "Pacific/Kwajalein", "Asia/Kathmandu", "America/St_Johns", "Antarctica/Troll",
        "Africa/Monrovia", "America/Havana", "Asia/Tehran", "Pacific/Chatham", "Europe/Lisbon",
        "America/Scoresbysund",
    ]
    static let windowsPerSeed = 75
    static let expressionsPerWindow = 40

    @Test("next and previous agree with a walk over every step", arguments: 1...8)
    func walk(seed: Int) throws {
        var expressions = RandomExpressions(seed: seed)
        let zones = try Self.zoneNames.map(ZoneFiles.zone)
        for _ in 0..<Self.windowsPerSeed {
            let zone = expressions.random.pick(zones)
            let middle = Self.middle(in: zone, &expressions.random)
            let bySecond =
                Self.needsSeconds(zone, at: middle)
                || expressions.random.oneIn(5) && Self.isShort(zone, at: middle)
            let stepSeconds = bySecond ? 1 : 60
            // A window begins before the longest repeat there is, so that each repeat is known as one.
            let start = Instant(seconds: middle.seconds / 60 * 60 - Int64(bySecond ? 4000 : 4 * 3600))
            let window = NaiveWindow(
                in: zone, from: start, count: bySecond ? 8000 : 480, stepSeconds: stepSeconds)
            for _ in 0..<(bySecond ? Self.expressionsPerWindow / 10 : Self.expressionsPerWindow + 12) {
                let text = expressions.next(near: zone.local(at: middle), withSeconds: bySecond)
                guard let expression = try? CronExpression(parsing: text, seed: "") else { continue }
                compare(text, expression, in: zone, window, seed)
            }
        }
    }

    /// An instant near a clock change of the zone, or near the end of a month.
    private static func middle(in zone: Zone, _ random: inout SeededRandom) -> Instant {
        let instant = Instant(seconds: Int64(random.number(86_400...2_500_000_000)))
        if let change = zone.nextTransition(after: instant), !random.oneIn(5) {
            return change.instant
        }
        let date = zone.local(at: instant).date
        let first = CivilDate(uncheckedYear: date.year, month: date.month, day: 1)
        return Instant(seconds: Int64(first.dayNumber * 86_400 - zone.offset(at: instant)))
    }

    /// Whether clocks near an instant are away from UTC by odd seconds, so that minutes begin at any second.
    private static func needsSeconds(_ zone: Zone, at instant: Instant) -> Bool {
        [-1, 0].contains { zone.offset(at: instant + .seconds($0)) % 60 != 0 }
    }

    /// Whether a clock change at an instant is at most an hour, so that a window of seconds holds all of it.
    private static func isShort(_ zone: Zone, at instant: Instant) -> Bool {
        abs(zone.offset(at: instant) - zone.offset(at: instant - .seconds(1))) <= 3600
    }

    private func compare(
        _ text: String, _ expression: CronExpression, in zone: Zone, _ window: NaiveWindow, _ seed: Int
    ) {
        guard let first = window.steps.first?.instant, let last = window.steps.last?.instant else { return }
        // Repeats at the window's edge are seen half: the comparison leaves the edges out.
        let edge: Duration =
            window.steps[1].instant - first == .seconds(60) ? .seconds(3 * 3600) : .seconds(60)
        let expected = window.occurrences(of: NaiveCron(text)).filter {
            $0.instant > first + edge && $0.instant <= last - edge
        }
        var forward: [Occurrence] = []
        var instant = first + edge
        while let next = expression.next(after: instant, in: zone), next.instant <= last - edge {
            forward.append(next)
            instant = next.instant
            if forward.count > expected.count { break }
        }
        var backward: [Occurrence] = []
        instant = last - edge + .microseconds(1)
        while let previous = expression.previous(before: instant, in: zone), previous.instant > first + edge {
            backward.append(previous)
            instant = previous.instant
            if backward.count > expected.count { break }
        }
        if forward != expected || backward != expected.reversed() {
            Issue.record(
                """
                seed \(seed), '\(text)' (\(expression)) in \(zone.name) after \(first + edge):
                walked   \(Self.text(expected))
                next     \(Self.text(forward))
                previous \(Self.text(backward.reversed()))
                """)
        }
    }

    private static func text(_ occurrences: [Occurrence]) -> String {
        occurrences.prefix(12).map { "\($0.instant) \($0.local) \($0.adjustment)" }.joined(separator: ", ")
    }

    @Test("day rules agree with a walk over every day of three years", arguments: 1...8)
    func days(seed: Int) throws {
        var expressions = RandomExpressions(seed: 1000 + seed)
        for _ in 0..<60 {
            let year = expressions.random.number(1970...2190)
            let start = CivilDate(uncheckedYear: year, month: 1, day: 1)
            let middle = CivilDateTime(date: CivilDate(dayNumber: start.dayNumber + 400), secondOfDay: 0)
            let days = expressions.next(near: middle, withSeconds: false).split(separator: " ").dropFirst(2)
            let text = "30 12 " + days.joined(separator: " ")
            guard let expression = try? CronExpression(parsing: text, seed: "") else { continue }
            let naive = NaiveCron(text)
            let expected = (0..<1096).map { CivilDate(dayNumber: start.dayNumber + $0) }.filter(naive.matches)
            var found: [CivilDate] = []
            var instant = Instant(seconds: Int64(start.dayNumber) * 86_400)
            while let next = expression.next(after: instant, in: .utc),
                next.local.date.dayNumber < start.dayNumber + 1096
            {
                found.append(next.local.date)
                instant = next.instant
            }
            #expect(found == expected, "seed \(seed), '\(text)' from \(start)")
        }
    }
}
