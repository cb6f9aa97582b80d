import CivilTime
import Scheduling
import TestFiles
import Testing

@Suite("triggers of Task Scheduler in words")
struct TaskTriggerWordsTests {
    static let everyMonth = NumberSet(1...12)

    @Test(
        "days, weeks and months are said as people do",
        arguments: [
            (.once, "once on 2026-01-01 at 00:10 UTC"),
            (.daily(interval: 1), "every day at 00:10 UTC"),
            (.daily(interval: 3), "every 3 days from 2026-01-01 on at 00:10 UTC"),
            (.weekly(interval: 1, weekdays: [1, 5, 0]), "every Monday, Friday and Sunday at 00:10 UTC"),
            (.weekly(interval: 1, weekdays: [1, 2, 3, 4, 5]), "every Monday to Friday at 00:10 UTC"),
            (.weekly(interval: 1, weekdays: NumberSet(0...6)), "every day at 00:10 UTC"),
            (
                .weekly(interval: 2, weekdays: [2]),
                "every 2 weeks from 2026-01-01 on, on Tuesday at 00:10 UTC"
            ),
            (.monthly(days: [1], lastDay: false, months: everyMonth), "on day 1 of every month at 00:10 UTC"),
            (
                .monthly(days: [1, 15], lastDay: true, months: [1, 7]),
                "on days 1 and 15 and the last day of January and July at 00:10 UTC"
            ),
            (
                .monthlyWeekday(weeks: [2], lastWeek: true, weekdays: [2], months: everyMonth),
                "on the second and last Tuesday of every month at 00:10 UTC"
            ),
        ] as [(TaskTrigger.Recurrence, String)])
    func days(recurrence: TaskTrigger.Recurrence, words: String) throws {
        let trigger = try TaskTrigger(start: .init(parsing: "2026-01-01T00:10:00Z"), recurrence: recurrence)
        #expect(trigger.words(in: try ZoneFiles.zone("Europe/Paris")) == words)
    }

    @Test("zone, repetition, end, delay and being disabled are said")
    func rest() throws {
        let zone = try ZoneFiles.zone("Europe/Paris")
        let repeated = try TaskTrigger(
            start: .init(parsing: "2026-01-01T09:00:30"), end: .init(parsing: "2027-01-01T00:00:00Z"),
            recurrence: .daily(interval: 1),
            repetition: .init(interval: .seconds(300), duration: .seconds(7200)), randomDelay: .seconds(90),
            isEnabled: false)
        #expect(
            repeated.words(in: zone)
                == "every day at 09:00:30 Europe/Paris, then every 5 minutes for 2 hours, "
                + "until 2027-01-01 at 00:00 UTC, up to 90s later (disabled)")
        let endless = try TaskTrigger(
            start: .init(parsing: "2026-01-01T09:00:00+03:00"), recurrence: .once,
            repetition: .init(interval: .seconds(3600)))
        #expect(endless.words(in: zone) == "every hour from 2026-01-01 at 09:00 +03:00 on")
    }
}
