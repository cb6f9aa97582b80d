import CivilTime
import RandomInput
import Scheduling
import TestFiles
import Testing

@Suite struct CronWordsTests {
    @Test(
        "an expression is said in words",
        arguments: [
            ("10 0 * * *", "every day at 00:10 UTC"), ("0 1 1 * *", "at 01:00 UTC on day 1 of every month"),
            ("0 0,12 * * *", "every day at 00:00 and 12:00 UTC"), ("* * * * *", "every minute"),
            ("*/5 * * * *", "every 5 minutes"), ("0 * * * *", "every hour"),
            ("15 * * * *", "every hour at minute 15"),
            ("*/7 * * * *", "at every 7th minute from 0 to 56 of every hour"),
            ("0,20 * * * *", "at minutes 0 and 20 of every hour"), ("0 */2 * * *", "every 2 hours UTC"),
            ("30 */2 * * *", "every 2 hours at minute 30 UTC"),
            ("0 9-17 * * *", "every hour from 09:00 to 17:00 UTC"),
            ("*/15 9-16 * * 1-5", "every 15 minutes from 09:00 to 16:59 UTC, every Monday to Friday"),
            ("*/30 * * * 1", "every 30 minutes, every Monday UTC"),
            ("15,45 8-18/2 * * *", "at minutes 15 and 45 of hours 8, 10, 12, 14, 16 and 18 UTC"),
            ("* * * * * *", "every second"), ("*/10 * * * * *", "every 10 seconds"),
            ("5 * * * * *", "at second 5 of every minute"), ("30 10 0 * * *", "every day at 00:10:30 UTC"),
            ("*/10 5 9-12 * * *", "every 10 seconds of minute 5 from 09:00 to 12:59 UTC"),
            ("0 9 * * 1-5", "every Monday to Friday at 09:00 UTC"),
            ("0 9 * * 0,6", "every Saturday and Sunday at 09:00 UTC"),
            ("0 0 * * 5#2", "at 00:00 UTC on the second Friday of the month"),
            ("0 0 * * 5L", "at 00:00 UTC on the last Friday of the month"),
            ("0 0 L * *", "at 00:00 UTC on the last day of every month"),
            ("0 0 L-1 * *", "at 00:00 UTC on the day 1 day before the last of every month"),
            ("0 0 LW * *", "at 00:00 UTC on the last weekday of every month"),
            ("0 0 15W * *", "at 00:00 UTC on the weekday nearest to day 15 of every month"),
            ("0 0 13 * 5", "at 00:00 UTC on day 13 of every month and on every Friday"),
            ("0 0 13 * +5", "at 00:00 UTC on every Friday that is day 13 of the month"),
            ("0 0 29 2 *", "at 00:00 UTC on day 29 of February"),
            ("0 0 * 6-8 *", "every day in June to August at 00:00 UTC"),
            ("0 0 0 1 1 * 2030", "at 00:00 UTC on day 1 of January in 2030"),
            ("@every 90s", "every 90 seconds"), ("@every 1h", "every hour"), ("@every 1d", "every 24 hours"),
        ])
    func words(text: String, words: String) throws {
        let expression = try CronExpression(parsing: text, seed: "job")
        #expect(Schedule(.cron(expression), zone: .utc, key: "job").words == words)
        #expect(!expression.words.contains("UTC"))
    }

    @Test("every expression has words", arguments: 1...2)
    func total(seed: Int) {
        var expressions = RandomExpressions(seed: 300 + seed)
        for _ in 0..<1000 {
            let near = CivilDateTime(secondsSinceEpoch: Int64(expressions.random.number(0...4_000_000_000)))
            let text = expressions.next(near: near, withSeconds: expressions.random.oneIn(2))
            guard let expression = try? CronExpression(parsing: text, seed: "") else { continue }
            #expect(!expression.words.isEmpty && !expression.words.contains("  "), "\(text)")
        }
    }
}

@Suite struct CronWarningTests {
    /// The warnings of an expression at the beginning of 2016: zone data still change what they expect of the years to come.
    private static func warnings(_ text: String, _ zone: String = "UTC") throws -> [ScheduleWarning] {
        let expression = try CronExpression(parsing: text, seed: "job")
        let start = try Instant(parsingRFC3339: "2016-01-01T00:00:00Z")
        return expression.warnings(in: try ZoneFiles.zone(zone), from: start)
    }

    @Test(
        "what is probably a mistake has a code",
        arguments: [
            ("10 0 * * *", []), ("*/5 * * * *", []), ("0 0 L * *", []), ("0 0 1 * +MON", []),
            ("0 0 28 * *", []),
            ("0 0 31 1,3,5 *", []), ("0 0 31 * 5", ["both-day-fields"]), ("0 0 13 * 5", ["both-day-fields"]),
            ("0 0 1-7 * */2", ["star-day-field", "uneven-step"]), ("*/7 * * * *", ["uneven-step"]),
            ("*/7 0 0 * * *", ["uneven-step"]), ("0 */5 * * *", ["uneven-step"]),
            ("0 0 */2 * *", ["uneven-step"]),
            ("0 0 * * */2", ["uneven-step"]), ("0 0 1 */5 *", ["uneven-step"]),
            ("*/60 * * * *", ["oversized-step"]),
            ("0 0 31 * *", ["short-months"]), ("0 0 30,31 * *", ["short-months"]),
            ("0 0 29 2 *", ["short-months"]),
            ("0 0 31W * *", ["short-months"]), ("@every 7m", []),
        ])
    func codes(text: String, codes: [String]) throws {
        #expect(try Self.warnings(text).map(\.code.rawValue) == codes)
    }

    @Test("clock changes that a schedule meets are dated")
    func clockChanges() throws {
        let gap = try #require(try Self.warnings("10 0 * * *", "Asia/Beirut").first)
        #expect(gap.code == .dstGap)
        #expect(
            gap.dates.map(\.description) == [
                "2016-03-27", "2017-03-26", "2018-03-25", "2019-03-31", "2020-03-29",
            ])
        #expect(gap.message.hasPrefix("local time does not exist at 2016-03-27 00:10, "))
        #expect(gap.message.hasSuffix(": it is due right after the gap"))
        let monthly = try Self.warnings("0 1 1 * *", "America/New_York")
        #expect(
            monthly.map(\.message) == ["local time comes twice at 2020-11-01 01:00: it is due the first time"]
        )
        #expect(monthly.map(\.dates.count) == [1])
        let clock = try Self.warnings("*/15 2 * * *", "Europe/Berlin")
        #expect(clock.map(\.code) == [.dstGap, .dstRepeat])
        #expect(
            clock.map { $0.message.split(separator: ": ").last } == [
                "it is left out", "it is due both times",
            ])
        #expect(try Self.warnings("30 * * * *", "America/New_York").isEmpty)
        #expect(try Self.warnings("30 2 * * *", "Asia/Tokyo").isEmpty)
    }
}
