import CivilTime
import Scheduling
import TestFiles
import Testing

@Suite("clock triggers of Task Scheduler")
struct TaskTriggerTests {
    struct Row: Sendable {
        let name: String
        let start: String
        var end: String?
        let recurrence: TaskTrigger.Recurrence
        var repetition: TaskTrigger.Repetition?
        var zone = "UTC"
        let after: String
        let due: [String]
        /// Whether nothing is due after `due`.
        var isAll = false
    }

    static let allMonths = NumberSet(1...12)
    static let rows = [
        Row(
            name: "a boundary with Z is UTC whatever the machine's zone", start: "2026-01-01T00:10:00Z",
            recurrence: .daily(interval: 1), zone: "America/New_York", after: "2026-03-07T12:00:00Z",
            due: ["2026-03-08T00:10:00Z", "2026-03-09T00:10:00Z"]),
        Row(
            name: "a boundary without an offset follows the machine's clock", start: "2026-01-01T00:10:00",
            recurrence: .daily(interval: 1), zone: "America/New_York", after: "2026-03-07T12:00:00Z",
            due: ["2026-03-08T05:10:00Z", "2026-03-09T04:10:00Z"]),
        Row(
            name: "a boundary with an offset keeps it over a change of the machine's",
            start: "2026-01-01T09:00:00+01:00",
            recurrence: .daily(interval: 1), zone: "Europe/Paris", after: "2026-03-28T12:00:00Z",
            due: ["2026-03-29T08:00:00Z", "2026-03-30T08:00:00Z"]),
        Row(
            name: "the day interval counts from the start boundary", start: "2026-01-30T06:00:00Z",
            recurrence: .daily(interval: 3), after: "2026-01-30T06:00:00Z",
            due: ["2026-02-02T06:00:00Z", "2026-02-05T06:00:00Z"]),
        Row(
            name: "the week interval counts from the boundary's week, which began on Sunday",
            // A Wednesday.
            start: "2026-01-07T06:00:00Z",
            recurrence: .weekly(interval: 2, weekdays: NumberSet(weekdays: [.sunday, .monday, .friday])),
            after: "2026-01-01T00:00:00Z",
            due: [
                "2026-01-09T06:00:00Z", "2026-01-18T06:00:00Z", "2026-01-19T06:00:00Z",
                "2026-01-23T06:00:00Z",
            ]),
        Row(
            name: "a day that a month lacks is passed over, and Last is one run with 31",
            start: "2026-01-01T01:00:00Z",
            recurrence: .monthly(days: [30, 31], lastDay: true, months: allMonths),
            after: "2026-01-29T00:00:00Z",
            due: [
                "2026-01-30T01:00:00Z", "2026-01-31T01:00:00Z", "2026-02-28T01:00:00Z",
                "2026-03-30T01:00:00Z",
                "2026-03-31T01:00:00Z", "2026-04-30T01:00:00Z",
            ]),
        Row(
            name: "the 29th of February over 2100", start: "2026-01-01T01:00:00Z",
            recurrence: .monthly(days: [29], lastDay: false, months: [2]), after: "2096-01-01T00:00:00Z",
            due: ["2096-02-29T01:00:00Z", "2104-02-29T01:00:00Z"]),
        Row(
            name: "a day that no month has is never due", start: "2026-01-01T01:00:00Z",
            recurrence: .monthly(days: [30, 31], lastDay: false, months: [2]), after: "2026-01-01T00:00:00Z",
            due: [], isAll: true),
        Row(
            name: "weekdays of the month, the last too", start: "2026-01-01T01:00:00Z",
            recurrence: .monthlyWeekday(
                weeks: [2], lastWeek: true, weekdays: NumberSet(weekdays: [.tuesday]), months: [9, 10]),
            after: "2026-01-01T00:00:00Z",
            due: [
                "2026-09-08T01:00:00Z", "2026-09-29T01:00:00Z", "2026-10-13T01:00:00Z",
                "2026-10-27T01:00:00Z",
            ]),
        Row(
            name: "the end of a repetition counts", start: "2026-01-01T00:00:00Z", recurrence: .once,
            repetition: .init(interval: .seconds(60), duration: .seconds(240)), after: "2025-12-31T00:00:00Z",
            due: [
                "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z", "2026-01-01T00:02:00Z",
                "2026-01-01T00:03:00Z",
                "2026-01-01T00:04:00Z",
            ], isAll: true),
        Row(
            name: "a repetition that its duration cuts", start: "2026-01-01T00:00:00Z", recurrence: .once,
            repetition: .init(interval: .seconds(1500), duration: .seconds(3600)),
            after: "2025-12-31T00:00:00Z",
            due: ["2026-01-01T00:00:00Z", "2026-01-01T00:25:00Z", "2026-01-01T00:50:00Z"], isAll: true),
        Row(
            name: "a repetition of a day touches the next start once", start: "2026-01-01T00:00:00Z",
            recurrence: .daily(interval: 1),
            repetition: .init(interval: .seconds(43_200), duration: .seconds(86_400)),
            after: "2026-01-01T00:00:00Z",
            due: [
                "2026-01-01T12:00:00Z", "2026-01-02T00:00:00Z", "2026-01-02T12:00:00Z",
                "2026-01-03T00:00:00Z",
            ]),
        Row(
            name: "a repetition without duration goes on until the next start", start: "2026-01-01T00:00:00Z",
            recurrence: .daily(interval: 1), repetition: .init(interval: .seconds(36_000)),
            after: "2026-01-01T00:00:00Z",
            due: [
                "2026-01-01T10:00:00Z", "2026-01-01T20:00:00Z", "2026-01-02T00:00:00Z",
                "2026-01-02T10:00:00Z",
            ]),
        Row(
            name: "a repetition counts real time over a repeated hour", start: "2026-11-01T00:30:00",
            recurrence: .once, repetition: .init(interval: .seconds(3600)), zone: "America/New_York",
            after: "2026-11-01T04:30:00Z",
            due: ["2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z", "2026-11-01T07:30:00Z"]),
        Row(
            name: "the end boundary is the last instant", start: "2026-01-01T00:00:00Z",
            end: "2026-01-02T00:00:00Z",
            recurrence: .daily(interval: 1), after: "2026-01-01T00:00:00Z", due: ["2026-01-02T00:00:00Z"],
            isAll: true),
        Row(
            name: "a local end boundary beside a start with Z", start: "2026-01-01T00:00:00Z",
            end: "2026-01-02T00:00:00", recurrence: .daily(interval: 1), zone: "Asia/Tokyo",
            after: "2026-01-01T00:00:00Z", due: [], isAll: true),
    ]

    @Test("the next occurrences", arguments: rows)
    func next(row: Row) throws {
        let zone = try ZoneFiles.zone(row.zone)
        let trigger = try TaskTrigger(
            start: .init(parsing: row.start), end: row.end.map { try .init(parsing: $0) },
            recurrence: row.recurrence,
            repetition: row.repetition)
        var instant = try Instant(parsingRFC3339: row.after)
        var found: [String] = []
        let limit = row.due.count + (row.isAll ? 1 : 0)
        while found.count < limit, let occurrence = trigger.next(after: instant, in: zone) {
            instant = occurrence.instant
            found.append(instant.rfc3339)
        }
        #expect(found == row.due)
        for (index, text) in row.due.enumerated().dropFirst() {
            let previous = trigger.previous(before: try Instant(parsingRFC3339: text), in: zone)
            #expect(previous?.instant.rfc3339 == row.due[index - 1])
        }
    }

    @Test(
        "a start in a gap moves to its end, a repeated one is the first pass",
        arguments: [
            ("2026-03-08T02:30:00", "America/New_York", "2026-03-08T03:00:00-04:00", .movedOutOfGap),
            ("2026-11-01T01:30:00", "America/New_York", "2026-11-01T01:30:00-04:00", .firstOfTwo),
            ("2026-03-29T00:10:00", "Asia/Beirut", "2026-03-29T01:00:00+03:00", .movedOutOfGap),
            ("2026-10-04T02:15:00", "Australia/Lord_Howe", "2026-10-04T02:30:00+11:00", .movedOutOfGap),
            ("2011-12-30T12:00:00", "Pacific/Apia", "2011-12-31T00:00:00+14:00", .movedOutOfGap),
            ("2026-03-29T01:00:00", "Asia/Beirut", "2026-03-29T01:00:00+03:00", .none),
        ] as [(String, String, String, Occurrence.Adjustment)])
    func daylightSaving(start: String, zone: String, due: String, adjustment: Occurrence.Adjustment) throws {
        let boundary = try TaskTrigger.Boundary(parsing: start)
        let trigger = try TaskTrigger(start: boundary, recurrence: .daily(interval: 1))
        let zone = try ZoneFiles.zone(zone)
        let occurrence = try #require(trigger.next(after: Instant(seconds: 0), in: zone))
        #expect(occurrence.instant.rfc3339(offset: zone.offset(at: occurrence.instant)) == due)
        #expect(occurrence.adjustment == adjustment)
        #expect(occurrence.local == boundary.local)
    }

    @Test("a midnight start on a day that a zone left out is one with the next day's")
    func skippedDay() throws {
        let zone = try ZoneFiles.zone("Pacific/Apia")
        let trigger = try TaskTrigger(
            start: .init(parsing: "2011-12-29T00:00:00"), recurrence: .daily(interval: 1))
        let first = try #require(trigger.next(after: Instant(seconds: 0), in: zone))
        let second = try #require(trigger.next(after: first.instant, in: zone))
        let third = try #require(trigger.next(after: second.instant, in: zone))
        #expect(second.local.description == "2011-12-31T00:00:00")
        #expect(second.adjustment == .none)
        #expect(third.local.description == "2012-01-01T00:00:00")
        #expect(trigger.previous(before: third.instant, in: zone) == second)
    }

    @Test("a trigger that is not enabled is never due")
    func disabled() throws {
        let trigger = try TaskTrigger(
            start: .init(parsing: "2026-01-01T00:00:00Z"), recurrence: .daily(interval: 1), isEnabled: false)
        #expect(trigger.next(after: Instant(seconds: 0), in: .utc) == nil)
        #expect(trigger.previous(before: .latest, in: .utc) == nil)
    }

    @Test("the random delay depends on job and occurrence alone, and fills its range")
    func randomDelay() throws {
        let trigger = try TaskTrigger(
            start: .init(parsing: "2026-01-01T00:00:00Z"), recurrence: .daily(interval: 1),
            randomDelay: .seconds(600))
        let none = try TaskTrigger(
            start: .init(parsing: "2026-01-01T00:00:00Z"), recurrence: .daily(interval: 1))
        var sum = Duration.zero
        var instant = Instant(seconds: 1_767_225_600)
        for _ in 0..<1000 {
            let occurrence = try #require(trigger.next(after: instant, in: .utc))
            let delay = trigger.delay(job: "purge", occurrence: occurrence)
            #expect(delay >= .zero && delay <= .seconds(600))
            #expect(delay == trigger.delay(job: "purge", occurrence: occurrence))
            #expect(none.delay(job: "purge", occurrence: occurrence) == .zero)
            sum += delay
            instant = occurrence.instant
        }
        #expect(sum > .seconds(600 * 450) && sum < .seconds(600 * 550))
        let occurrence = try #require(trigger.next(after: instant, in: .utc))
        #expect(
            trigger.delay(job: "purge", occurrence: occurrence)
                != trigger.delay(job: "voice", occurrence: occurrence))
    }

    @Test(
        "values that Task Scheduler's schema refuses are refused",
        arguments: [
            (.daily(interval: 0), .daysInterval(0)), (.daily(interval: 366), .daysInterval(366)),
            (.weekly(interval: 53, weekdays: [1]), .weeksInterval(53)),
            (.weekly(interval: 1, weekdays: []), .daysOfWeek),
            (.weekly(interval: 1, weekdays: [7]), .daysOfWeek),
            (.monthly(days: [], lastDay: false, months: [1]), .daysOfMonth),
            (.monthly(days: [0], lastDay: true, months: [1]), .daysOfMonth),
            (.monthly(days: [1], lastDay: false, months: []), .months),
            (.monthlyWeekday(weeks: [5], lastWeek: false, weekdays: [1], months: [1]), .weeks),
            (.monthlyWeekday(weeks: [], lastWeek: true, weekdays: [], months: [1]), .daysOfWeek),
        ] as [(TaskTrigger.Recurrence, TaskTriggerError)])
    func refuses(recurrence: TaskTrigger.Recurrence, expected: TaskTriggerError) throws {
        let start = try TaskTrigger.Boundary(parsing: "2026-01-01T00:00:00Z")
        let error = #expect(throws: TaskTriggerError.self) {
            try TaskTrigger(start: start, recurrence: recurrence)
        }
        #expect(error == expected)
        #expect(error?.hint.isEmpty == false && error?.description.isEmpty == false)
    }

    @Test("repetitions and delays outside of their ranges are refused")
    func refusesRepetitions() throws {
        let start = try TaskTrigger.Boundary(parsing: "2026-01-01T00:00:00Z")
        for repetition in [
            TaskTrigger.Repetition(interval: .seconds(59)), .init(interval: .seconds(31 * 86_400 + 1)),
            .init(interval: .seconds(60), duration: .seconds(59)),
        ] {
            #expect(throws: TaskTriggerError.self) {
                try TaskTrigger(start: start, recurrence: .once, repetition: repetition)
            }
        }
        #expect(throws: TaskTriggerError.randomDelay) {
            try TaskTrigger(start: start, recurrence: .once, randomDelay: .seconds(-1))
        }
    }
}
