import CivilTime
import Scheduling
import TestFiles
import Testing

@Suite struct ScheduleTests {
    private static func instant(_ text: String) throws -> Instant {
        try Instant(parsingRFC3339: text)
    }

    private static func daily(_ start: String, randomDelay: Duration = .zero) throws -> TaskTrigger {
        try TaskTrigger(
            start: .init(parsing: start), recurrence: .daily(interval: 1), randomDelay: randomDelay)
    }

    @Test("occurrences between two instants include the end and not the start")
    func occurrences() throws {
        let expression = try CronExpression(parsing: "10 0 * * *", seed: "purge")
        let schedule = Schedule(.cron(expression), zone: .utc, key: "purge")
        let start = try Self.instant("2026-03-01T00:10:00Z")
        let end = try Self.instant("2026-03-03T00:10:00Z")
        let found = schedule.occurrences(after: start, through: end, limit: 10).map(\.instant.rfc3339)
        #expect(found == ["2026-03-02T00:10:00Z", "2026-03-03T00:10:00Z"])
        #expect(schedule.occurrences(after: start, through: end, limit: 1).count == 1)
        #expect(schedule.occurrences(after: start, through: end, limit: 0).isEmpty)
        #expect(schedule.occurrences(after: end, through: start, limit: 10).isEmpty)
    }

    @Test("several triggers are due in order, and once where they meet")
    func triggers() throws {
        let triggers = try [
            Self.daily("2026-01-01T06:00:00"), Self.daily("2026-01-02T00:00:00"),
            Self.daily("2026-01-03T06:00:00"),
        ]
        let schedule = Schedule(.triggers(triggers), zone: .utc, key: "job")
        let start = try Self.instant("2026-01-01T00:00:00Z")
        let found = schedule.occurrences(after: start, through: start + .seconds(3 * 86_400), limit: 10)
        let instants = found.map(\.instant.rfc3339)
        #expect(
            instants == [
                "2026-01-01T06:00:00Z", "2026-01-02T00:00:00Z", "2026-01-02T06:00:00Z",
                "2026-01-03T00:00:00Z",
                "2026-01-03T06:00:00Z", "2026-01-04T00:00:00Z",
            ])
        var backward: [Occurrence] = []
        var instant = start + .seconds(3 * 86_400 + 1)
        while let previous = schedule.previous(before: instant) {
            backward.append(previous)
            instant = previous.instant
        }
        #expect(backward.reversed() == found)
        #expect(!schedule.followsClock && !schedule.neverAgain(after: start))
        #expect(
            schedule.words == "every day at 06:00 UTC; every day at 00:00 UTC; every day at 06:00 UTC")
        #expect(Schedule(.triggers([]), zone: .utc, key: "job").neverAgain(after: start))
        #expect(Schedule(.triggers([]), zone: .utc, key: "job").outlook(after: start) == .never)
    }

    @Test(
        "a schedule is open until its last occurrence, and over from then on",
        arguments: [
            ("0 30 2 29 3 ? 2026", "2026-03-29T01:00:00Z"), ("0 0 12 1 6 ? 2025", "2025-06-01T10:00:00Z"),
            ("*/20 * 23 31 12 ? 2026-2027", "2027-12-31T22:59:40Z"),
        ])
    func over(_ text: String, _ last: String) throws {
        let berlin = try ZoneFiles.zone("Europe/Berlin")
        let schedule = Schedule(
            .cron(try CronExpression(parsing: text, seed: "job")), zone: berlin, key: "job")
        let end = try Self.instant(last)
        #expect(schedule.outlook(after: end - .microseconds(1)) == .open)
        for later in [Duration.zero, .seconds(1), .seconds(400 * 86_400)] {
            let outlook = schedule.outlook(after: end + later)
            guard case .over(let found?) = outlook else {
                Issue.record("\(outlook)")
                continue
            }
            #expect(found.instant == end && schedule.isOver(after: end + later))
        }
    }

    @Test("a schedule whose only times are skipped by clocks is never due, before them and after")
    func never() throws {
        let expression = try CronExpression(parsing: "0 */15 2 29 3 ? 2026", seed: "job")
        let schedule = Schedule(.cron(expression), zone: try ZoneFiles.zone("Europe/Berlin"), key: "job")
        for text in ["2020-01-01T00:00:00Z", "2026-03-29T00:59:59Z", "2031-01-01T00:00:00Z"] {
            #expect(schedule.outlook(after: try Self.instant(text)) == .never)
        }
    }

    @Test("a schedule with an event is open until the boundaries of the event have passed")
    func events() throws {
        let past = try TaskTrigger.Boundary(parsing: "2026-01-01T00:00:00Z")
        let end = try TaskTrigger.Boundary(parsing: "2026-06-01T00:00:00Z")
        func outlook(_ start: TaskTrigger.Boundary?, _ end: TaskTrigger.Boundary?, delay: Duration = .zero)
            throws
            -> Schedule.Outlook
        {
            let boot = try EventTrigger(.boot, delay: delay, start: start, end: end)
            return Schedule(.triggers([]), zone: .utc, key: "job", events: [boot])
                .outlook(after: try Self.instant("2026-06-01T00:00:00Z"))
        }
        #expect(try outlook(nil, nil) == .open)
        #expect(try outlook(end, nil) == .open)
        #expect(try outlook(past, end) == .over(last: nil))
        #expect(try outlook(end, past) == .never)
        #expect(try outlook(past, end, delay: .seconds(366 * 86_400)) == .never)
    }

    @Test("the random delay of an occurrence is that of its trigger, and none for expressions")
    func randomDelay() throws {
        let delayed = try Self.daily("2026-01-01T06:00:00", randomDelay: .seconds(3600))
        let schedule = Schedule(
            .triggers([try Self.daily("2026-01-01T00:00:00"), delayed]), zone: .utc, key: "job")
        let start = try Self.instant("2026-01-01T00:00:01Z")
        let found = schedule.occurrences(after: start, through: start + .seconds(86_400), limit: 10)
        #expect(found.map(schedule.randomDelay) == [delayed.delay(job: "job", occurrence: found[0]), .zero])
        let cron = Schedule(.cron(try CronExpression(parsing: "@daily", seed: "job")), zone: .utc, key: "job")
        #expect(cron.randomDelay(of: found[0]) == .zero)
    }

    @Test("schedules are equal when rule, zone and job are")
    func equality() throws {
        let midnight = Schedule.Rule.cron(try CronExpression(parsing: "0 0 * * *", seed: "job"))
        let daily = Schedule.Rule.cron(try CronExpression(parsing: "@daily", seed: "job"))
        let berlin = try ZoneFiles.zone("Europe/Berlin")
        #expect(Schedule(midnight, zone: .utc, key: "job") == Schedule(daily, zone: .utc, key: "job"))
        #expect(Schedule(midnight, zone: .utc, key: "job") != Schedule(daily, zone: berlin, key: "job"))
        #expect(Schedule(midnight, zone: .utc, key: "job") != Schedule(daily, zone: .utc, key: "other"))
    }
}
