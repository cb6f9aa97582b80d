import CivilTime
import RandomInput
import Scheduling
import TestFiles
import Testing

/// Laws that hold for every expression in every zone.
@Suite struct CronLawTests {
    private static func instant(_ text: String) throws -> Instant {
        try Instant(parsingRFC3339: text)
    }

    /// Every zone of the system once: those with equal files count as one.
    private static func zones() throws -> [Zone] {
        var seen: Set<[UInt8]> = []
        return try ZoneFiles.names().filter { try seen.insert(ZoneFiles.bytes(of: $0)).inserted }
            .map(ZoneFiles.zone)
    }

    @Test("next advances and previous leads back across every clock change from 2020 to 2040 in every zone")
    func everyTransition() throws {
        let expressions = try ["*/30 * * * *", "20 0-23 * * *", "0,30 2 * * *", "10 0,23 * * SUN"].map {
            try CronExpression(parsing: $0, seed: "job")
        }
        let end = try Self.instant("2040-01-01T00:00:00Z")
        var changes = 0
        for zone in try Self.zones() {
            var from = try Self.instant("2020-01-01T00:00:00Z")
            while let change = zone.nextTransition(after: from), change.instant < end {
                from = change.instant
                changes += 1
                for expression in expressions {
                    var instant = change.instant - .seconds(3 * 3600 + 1)
                    var last: Instant?
                    while instant < change.instant + .seconds(3 * 3600) {
                        guard let next = expression.next(after: instant, in: zone), next.instant > instant
                        else {
                            Issue.record("\(expression) in \(zone.name) does not get beyond \(instant)")
                            break
                        }
                        let back = expression.previous(before: next.instant, in: zone)?.instant
                        if let last, back != last {
                            Issue.record(
                                "\(expression) in \(zone.name): before \(next.instant) comes \(last), not \(back as Any)"
                            )
                        }
                        last = next.instant
                        instant = next.instant
                    }
                }
            }
        }
        // Far fewer than there are: countries give up changing their clocks.
        #expect(changes > 500)
    }

    @Test("every second up to the next occurrence has the same next occurrence", arguments: 1...4)
    func everySecond(seed: Int) throws {
        var expressions = RandomExpressions(seed: 500 + seed)
        let zones = try ["UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Beirut"].map(
            ZoneFiles.zone)
        var compared = 0
        while compared < 20 {
            let zone = expressions.random.pick(zones)
            let around = Instant(seconds: Int64(expressions.random.number(0...4_000_000_000)))
            let change = zone.nextTransition(after: around)?.instant ?? around
            let start = change - .seconds(expressions.random.number(0...3600))
            let text = expressions.next(near: zone.local(at: start), withSeconds: expressions.random.oneIn(3))
            guard let expression = try? CronExpression(parsing: text, seed: "job"),
                let next = expression.next(after: start, in: zone), next.instant - start < .seconds(3600)
            else { continue }
            var instant = start
            while instant < next.instant {
                if expression.next(after: instant, in: zone) != next {
                    Issue.record(
                        "seed \(seed): '\(text)' in \(zone.name) after \(instant) is not due at \(next)")
                    break
                }
                instant = instant + .seconds(1)
            }
            compared += 1
        }
    }

    @Test("the 29th of February skips the year 2100")
    func leapDays() throws {
        let expression = try CronExpression(parsing: "0 0 29 2 *", seed: "job")
        var instant = try Self.instant("2095-06-01T00:00:00Z")
        var dates: [String] = []
        for _ in 0..<3 {
            let next = try #require(expression.next(after: instant, in: .utc))
            dates.append(next.local.date.description)
            instant = next.instant
        }
        #expect(dates == ["2096-02-29", "2104-02-29", "2108-02-29"])
        let before = try #require(expression.previous(before: Self.instant("2104-02-29T00:00:00Z"), in: .utc))
        #expect(before.local.date.description == "2096-02-29")
    }

    @Test("the years of the language are the bounds of next and previous")
    func bounds() throws {
        let daily = try CronExpression(parsing: "0 0 * * *", seed: "job")
        let earliest = Instant(microseconds: .min)
        let latest = Instant(microseconds: .max)
        #expect(daily.next(after: earliest, in: .utc)?.instant.rfc3339 == "1970-01-01T00:00:00Z")
        #expect(daily.previous(before: latest, in: .utc)?.instant.rfc3339 == "2199-12-31T00:00:00Z")
        #expect(daily.next(after: latest, in: .utc) == nil)
        #expect(daily.previous(before: earliest, in: .utc) == nil)
        #expect(try daily.next(after: Self.instant("2199-12-31T00:00:00Z"), in: .utc) == nil)
        #expect(daily.previous(before: Instant(seconds: 0), in: .utc) == nil)
        for zone in try ["America/New_York", "Pacific/Kiritimati"].map(ZoneFiles.zone) {
            #expect(daily.next(after: earliest, in: zone)?.local.description == "1970-01-01T00:00:00")
            #expect(daily.previous(before: latest, in: zone)?.local.description == "2199-12-31T00:00:00")
        }
    }

    @Test("a year that is over leaves nothing, and the second pass of a repeat is not forgotten")
    func lastYear() throws {
        let zone = try ZoneFiles.zone("America/New_York")
        let expression = try CronExpression(parsing: "0 */30 1 1 11 * 2026", seed: "job")
        let schedule = Schedule(.cron(expression), zone: zone, key: "job")
        let start = try Self.instant("2026-11-01T01:30:00-04:00")
        let rest = schedule.occurrences(after: start, through: start + .seconds(86_400), limit: 10)
        #expect(rest.map(\.adjustment) == [.secondOfTwo, .secondOfTwo])
        #expect(!schedule.neverAgain(after: start))
        #expect(try schedule.neverAgain(after: Self.instant("2026-11-01T01:30:00-05:00")))
    }

    @Test("an interval is counted from 1970, whatever it is asked after")
    func every() throws {
        let expression = try CronExpression(parsing: "@every 7m", seed: "job")
        let zone = try ZoneFiles.zone("Europe/Berlin")
        var instant = try Self.instant("2026-03-29T00:50:00Z")
        for _ in 0..<20 {
            let next = try #require(expression.next(after: instant, in: zone))
            #expect(next.instant.seconds % 420 == 0 && next.instant > instant)
            #expect(next.instant - instant <= .seconds(420))
            #expect(
                expression.previous(before: next.instant, in: zone)?.instant == next.instant - .seconds(420))
            instant = next.instant
        }
        #expect(expression.next(after: Instant(microseconds: .min), in: zone)?.instant == Instant(seconds: 0))
        #expect(expression.next(after: Instant(microseconds: .max), in: zone) == nil)
        #expect(expression.next(after: Instant(microseconds: 1), in: zone)?.instant == Instant(seconds: 420))
    }

    @Test("parts of a second before and after an occurrence count")
    func microseconds() throws {
        let daily = try CronExpression(parsing: "0 0 * * *", seed: "job")
        let midnight = try Self.instant("2026-05-01T00:00:00Z")
        let tick = Duration.microseconds(1)
        #expect(daily.next(after: midnight - tick, in: .utc)?.instant == midnight)
        #expect(daily.next(after: midnight, in: .utc)?.instant == midnight + .seconds(86_400))
        #expect(daily.previous(before: midnight + tick, in: .utc)?.instant == midnight)
        #expect(daily.previous(before: midnight, in: .utc)?.instant == midnight - .seconds(86_400))
    }
}
