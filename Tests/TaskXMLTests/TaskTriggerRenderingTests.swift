import CivilTime
import RandomInput
import Scheduling
import TestFiles
import Testing

@testable import TaskXML

@Suite("cron expressions as triggers")
struct TaskTriggerRenderingTests {
    static let start = CivilDate(uncheckedYear: 2026, month: 1, day: 1)
    static let startInstant = Instant(seconds: CivilDateTime(date: start, secondOfDay: 0).secondsSinceEpoch)

    static func triggers(_ text: String, in zone: Zone = .utc, machineIsInZone: Bool = false) throws
        -> [TaskTrigger]
    {
        try TaskTriggerRendering.triggers(
            for: try CronExpression(parsing: text, seed: "job"), in: zone, from: start,
            machineIsInZone: machineIsInZone)
    }

    /// The instants of several triggers in order; an instant that two of them have stands twice.
    static func instants(of triggers: [TaskTrigger], after start: Instant, in zone: Zone, count: Int)
        -> [Instant]
    {
        var found: [Instant] = []
        var next = triggers.map { $0.next(after: start, in: zone)?.instant }
        while found.count < count, let first = next.compactMap({ $0 }).min() {
            for (index, instant) in next.enumerated() where instant == first {
                found.append(first)
                next[index] = triggers[index].next(after: first, in: zone)?.instant
            }
        }
        return found
    }

    @Test(
        "schedules become the triggers that people would write",
        arguments: [
            ("10 0 * * *", [.daily(interval: 1)]),
            ("0 1 1 * *", [.monthly(days: [1], lastDay: false, months: NumberSet(1...12))]),
            ("0 9 * * MON-FRI", [.weekly(interval: 1, weekdays: [1, 2, 3, 4, 5])]),
            ("0 9 L * *", [.monthly(days: [], lastDay: true, months: NumberSet(1...12))]),
            ("0 9 * 6 *", [.monthly(days: NumberSet(1...31), lastDay: false, months: [6])]),
            (
                "0 9 * * 2#2",
                [.monthlyWeekday(weeks: [2], lastWeek: false, weekdays: [2], months: NumberSet(1...12))]
            ),
            (
                "0 9 * * 5L",
                [.monthlyWeekday(weeks: [], lastWeek: true, weekdays: [5], months: NumberSet(1...12))]
            ),
            (
                "0 9 1-7 * +MON",
                [.monthlyWeekday(weeks: [1], lastWeek: false, weekdays: [1], months: NumberSet(1...12))]
            ),
            ("0 0 6 15W 4 * 2027,2028", [.once, .once]),
            ("*/15 * * * *", [.daily(interval: 1)]), ("@every 90m", [.once]),
            ("0 8,12,19 * * *", [.daily(interval: 1), .daily(interval: 1)]),
        ] as [(String, [TaskTrigger.Recurrence])])
    func recurrences(_ text: String, _ expected: [TaskTrigger.Recurrence]) throws {
        #expect(try Self.triggers(text).map(\.recurrence) == expected)
    }

    @Test("boundaries of UTC schedules carry Z, and a repetition ends with its last start")
    func boundaries() throws {
        let trigger = try #require(try Self.triggers("30 */6 * * *").first)
        #expect(try trigger.start == TaskTrigger.Boundary(parsing: "2026-01-01T00:30:00Z"))
        #expect(
            trigger.repetition == TaskTrigger.Repetition(interval: .seconds(21600), duration: .seconds(64800))
        )
    }

    @Test(
        "schedules that a trigger cannot say are refused with the reason",
        arguments: [
            ("0 0 1 * MON", "start it twice"), ("0 0 15W * *", "nearest weekday"),
            ("0 0 LW * *", "nearest weekday"),
            ("0 0 L-3 * *", "before it"), ("0 0 * * 1#5", "fourth"), ("0 0 0 1 1 * 1999", "years are over"),
            ("0 0 0 * * * 2026", "each time of its years"),
            ("0 0 3 * +MON", "both the day"), ("@every 30s", "one minute"), ("@every 40d", "31 days"),
            ("* * * * * *", "60 triggers"), ("7,11,13 1,2,4,8,11,13,14,17,19,20,22,23 * * 1,3#2,5L", "needs"),
        ])
    func refused(_ text: String, _ why: String) {
        let error = #expect(throws: TaskWriteError.self) { try Self.triggers(text) }
        #expect(error?.description.contains(why) == true, "\(error?.description ?? "")")
    }

    @Test("written and read back, the triggers are due exactly when the expression is", arguments: 0..<300)
    func sameOccurrences(_ seed: Int) throws {
        var random = SeededRandom(state: UInt64(seed) &* 7919)
        let text = Self.arbitraryExpression(&random)
        let zone = random.below(3) == 0 ? Zone.fixed(offset: (random.below(25) - 12) * 3600) : .utc
        guard let expression = try? CronExpression(parsing: text, seed: "job") else { return }
        let triggers: [TaskTrigger]
        do { triggers = try TaskTriggerRendering.triggers(for: expression, in: zone, from: Self.start) } catch
        {
            #expect([.schedule, .tooManyTriggers].contains(error.reason))
            return
        }
        var task = try TaskWriterTests.task()
        task.triggers = triggers.map { .init(kind: .clock($0)) }
        let file = Fixtures.read(try TaskWriter.bytes(of: task))
        let read = try #require(file.tasks.first).clockTriggers
        #expect(read == triggers)
        // One second before the day in the zone, so that its first instant counts.
        let before = Instant(
            seconds: Self.startInstant.seconds - Int64(zone.offset(at: Self.startInstant)) - 1)
        let found = Self.instants(of: read, after: before, in: .utc, count: 150)
        var expected: [Instant] = []
        var last = before
        while expected.count < 150, let next = expression.next(after: last, in: zone) {
            expected.append(next.instant)
            last = next.instant
        }
        #expect(Array(found.prefix(150)) == expected, "\(text)")
    }

    static func arbitraryExpression(_ random: inout SeededRandom) -> String {
        func field(_ range: ClosedRange<Int>, _ random: inout SeededRandom) -> String {
            let low = range.lowerBound + random.below(range.count)
            switch random.below(6) {
            case 0: return "*"
            case 1: return "*/\(1 + random.below(20))"
            case 2: return "\(low),\(range.lowerBound + random.below(range.count))"
            case 3: return "\(low)-\(range.upperBound)/\(1 + random.below(7))"
            default: return "\(low)"
            }
        }
        let days = ["*", "*", "*", "1", "L", "1,15", "L,3", "8-14", "*/2", "31", "29-31"]
        let weekdays = ["*", "*", "*", "MON", "1-5", "2#2", "5L", "1,3#1", "1#1,2#1,3#4", "+FRI", "0,6"]
        let months = ["*", "*", "*", "1", "1-3", "*/4", "2"]
        let seconds = random.below(6) == 0 ? ["0,30 ", "15 ", "*/20 "][random.below(3)] : ""
        if random.oneIn(12) {
            return
                "0 \(random.below(60)) 2,3 \(days[random.below(days.count)]) 3,10 ? 2026\(random.pick(["", ",2028"]))"
        }
        return seconds + field(0...59, &random) + " " + field(0...23, &random) + " "
            + days[random.below(days.count)]
            + " " + months[random.below(months.count)] + " " + weekdays[random.below(weekdays.count)]
    }

    @Test("in a zone whose clocks change no more, boundaries carry its offset")
    func steadyZone() throws {
        let zone = try ZoneFiles.zone("Asia/Kolkata")
        let triggers = try Self.triggers("*/15 8-17 * * *", in: zone)
        #expect(
            triggers.map(\.start) == [try TaskTrigger.Boundary(parsing: "2026-01-01T08:00:00+05:30")])
        let expression = try CronExpression(parsing: "*/15 8-17 * * *", seed: "job")
        var last = Self.startInstant
        for instant in Self.instants(of: triggers, after: last, in: .utc, count: 300) {
            last = try #require(expression.next(after: last, in: zone)).instant
            #expect(last == instant)
        }
    }

    @Test("in a zone with clock changes the machine must be in it, and fixed times move alike")
    func clockChanges() throws {
        let zone = try ZoneFiles.zone("America/New_York")
        #expect(throws: TaskWriteError.self) { try Self.triggers("30 2 * * *", in: zone) }
        #expect(throws: TaskWriteError.self) {
            try Self.triggers("30 * * * *", in: zone, machineIsInZone: true)
        }
        let single = try Self.triggers("0 30 1,2 8 3 * 2026,2027", in: zone)
        #expect(
            Self.instants(of: single, after: Self.startInstant, in: zone, count: 9).map(\.rfc3339) == [
                "2026-03-08T06:30:00Z", "2026-03-08T07:00:00Z", "2027-03-08T06:30:00Z",
                "2027-03-08T07:30:00Z",
            ])
        for text in ["30 1,2 * * *", "15 2 * * SUN", "0 1-3 1,8 3,11 *"] {
            let triggers = try Self.triggers(text, in: zone, machineIsInZone: true)
            #expect(triggers.allSatisfy { if case .local = $0.start { $0.repetition == nil } else { false } })
            let expression = try CronExpression(parsing: text, seed: "job")
            let found = Self.instants(of: triggers, after: Self.startInstant, in: zone, count: 900)
            var last = Self.startInstant
            for instant in Set(found).sorted() {
                last = try #require(expression.next(after: last, in: zone)).instant
                #expect(last == instant)
            }
        }
    }
}
