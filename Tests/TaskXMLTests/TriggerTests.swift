import CivilTime
import Scheduling
import TaskXML
import Testing

@Suite("triggers")
struct TriggerTests {
    static let start = "<StartBoundary>2026-01-05T01:30:00Z</StartBoundary>"

    static func calendar(_ schedule: String) -> String {
        "<CalendarTrigger>\(start)\(schedule)</CalendarTrigger>"
    }

    static let forms: [(String, TaskTrigger.Recurrence)] = [
        ("<ScheduleByDay/>", .daily(interval: 1)),
        ("<ScheduleByDay><DaysInterval>365</DaysInterval></ScheduleByDay>", .daily(interval: 365)),
        (
            "<ScheduleByWeek><DaysOfWeek><Friday/><Sunday/></DaysOfWeek></ScheduleByWeek>",
            .weekly(interval: 1, weekdays: [0, 5])
        ),
        (
            "<ScheduleByWeek><WeeksInterval>52</WeeksInterval><DaysOfWeek><Monday></Monday></DaysOfWeek></ScheduleByWeek>",
            .weekly(interval: 52, weekdays: [1])
        ),
        (
            "<ScheduleByMonth><Months><January/><December/></Months><DaysOfMonth><Day>31</Day><Day>Last</Day></DaysOfMonth></ScheduleByMonth>",
            .monthly(days: [31], lastDay: true, months: [1, 12])
        ),
        (
            "<ScheduleByMonth><DaysOfMonth><Day>Last</Day></DaysOfMonth><Months><May/></Months></ScheduleByMonth>",
            .monthly(days: [], lastDay: true, months: [5])
        ),
        (
            "<ScheduleByMonthDayOfWeek><Weeks><Week>2</Week><Week>Last</Week></Weeks><DaysOfWeek><Tuesday/></DaysOfWeek><Months><June/></Months></ScheduleByMonthDayOfWeek>",
            .monthlyWeekday(weeks: [2], lastWeek: true, weekdays: [2], months: [6])
        ),
    ]

    @Test("every form of a calendar trigger is read", arguments: forms)
    func calendarForms(_ schedule: String, _ recurrence: TaskTrigger.Recurrence) {
        let file = Fixtures.read(Fixtures.task(triggers: Self.calendar(schedule)))
        #expect(file.allDiagnostics.isEmpty)
        #expect(file.tasks.first?.clockTriggers.map(\.recurrence) == [recurrence])
    }

    @Test("all parts of a trigger are read, in any order")
    func parts() throws {
        let file = Fixtures.read(
            Fixtures.task(
                triggers: """
                    <TimeTrigger id="a"><RandomDelay>PT5M</RandomDelay><ExecutionTimeLimit>PT1H</ExecutionTimeLimit>
                    <Repetition><StopAtDurationEnd>true</StopAtDurationEnd><Duration>PT1H</Duration><Interval>PT10M</Interval></Repetition>
                    <EndBoundary>2027-01-01T00:00:00+02:00</EndBoundary><Enabled>true</Enabled>
                    <StartBoundary>2026-01-05T01:30:00.5Z</StartBoundary></TimeTrigger>
                    """))
        #expect(file.allDiagnostics.map(\.code) == [.refusedElement] && file.isUsable)
        let definition = try #require(file.tasks.first?.triggers.first)
        #expect(
            definition.id == "a" && definition.executionTimeLimit == .seconds(3600) && definition.isEnabled)
        let trigger = try #require(file.tasks.first?.clockTriggers.first)
        #expect(trigger.recurrence == .once && trigger.randomDelay == .seconds(300))
        #expect(
            trigger.repetition
                == TaskTrigger.Repetition(
                    interval: .seconds(600), duration: .seconds(3600), stopAtDurationEnd: true))
        #expect(try trigger.end == TaskTrigger.Boundary(parsing: "2027-01-01T00:00:00+02:00"))
        #expect(!definition.needsZone)
        #expect(file.tasks.first?.timeLimit == .seconds(3600))
    }

    @Test("boot and registration triggers carry their delay, and the others are refused by name")
    func eventTriggers() throws {
        let file = Fixtures.read(
            Fixtures.task(
                triggers: """
                    <BootTrigger><Delay>PT30S</Delay></BootTrigger>
                    <RegistrationTrigger><StartBoundary>2026-01-01T00:00:00</StartBoundary></RegistrationTrigger>
                    <LogonTrigger><UserId>x</UserId></LogonTrigger>
                    <IdleTrigger/>
                    <EventTrigger><Subscription>q</Subscription></EventTrigger>
                    <SessionStateChangeTrigger><StateChange>SessionLock</StateChange></SessionStateChangeTrigger>
                    <WnfStateChangeTrigger><StateName>7</StateName></WnfStateChangeTrigger>
                    """))
        let task = try #require(file.tasks.first)
        #expect(file.isUsable && task.needsZone)
        #expect(
            task.triggers.map(\.kind) == [
                .event(try EventTrigger(.boot, delay: .seconds(30))),
                .event(
                    try EventTrigger(
                        .registration, start: try TaskTrigger.Boundary(parsing: "2026-01-01T00:00:00"))),
                .refused("LogonTrigger"), .refused("IdleTrigger"), .refused("EventTrigger"),
                .refused("SessionStateChangeTrigger"), .refused("WnfStateChangeTrigger"),
            ])
        #expect(
            file.allDiagnostics.map { "\($0.position.line) \($0.code.rawValue)" }
                == ["4 local-boundary"] + (5...9).map { "\($0) refused-trigger" })
        #expect(task.verdicts.filter { $0.ruling == .refused }.count == 9)
    }

    static let faultyTriggers: [(String, TaskDiagnostic.Code)] = [
        ("<TimeTrigger/>", .missingElement),
        ("<CalendarTrigger>\(start)</CalendarTrigger>", .missingElement),
        (calendar("<ScheduleByDay/><ScheduleByWeek/>"), .missingElement),
        (calendar("<ScheduleByDay/><ScheduleByDay/>"), .duplicateElement),
        (calendar("<ScheduleByDay><DaysInterval>0</DaysInterval></ScheduleByDay>"), .invalidValue),
        (calendar("<ScheduleByDay><DaysInterval>366</DaysInterval></ScheduleByDay>"), .invalidValue),
        (calendar("<ScheduleByWeek/>"), .invalidValue),
        (calendar("<ScheduleByWeek><WeeksInterval>53</WeeksInterval></ScheduleByWeek>"), .invalidValue),
        (calendar("<ScheduleByMonth><Months><May/></Months></ScheduleByMonth>"), .invalidValue),
        (
            calendar(
                "<ScheduleByMonth><DaysOfMonth><Day>32</Day></DaysOfMonth><Months><May/></Months></ScheduleByMonth>"
            ), .invalidValue
        ),
        ("<TimeTrigger><StartBoundary>2026-02-29T00:00:00</StartBoundary></TimeTrigger>", .invalidValue),
        ("<TimeTrigger><StartBoundary>tomorrow</StartBoundary></TimeTrigger>", .invalidValue),
        (
            "<TimeTrigger>\(start)<Repetition><Interval>PT10S</Interval></Repetition></TimeTrigger>",
            .invalidValue
        ),
        (
            "<TimeTrigger>\(start)<Repetition><Interval>P32D</Interval></Repetition></TimeTrigger>",
            .invalidValue
        ),
        (
            "<TimeTrigger>\(start)<Repetition><Duration>PT1H</Duration></Repetition></TimeTrigger>",
            .missingElement
        ),
        ("<TimeTrigger>\(start)<Enabled>FALSE</Enabled></TimeTrigger>", .invalidValue),
        (String(repeating: "<TimeTrigger>\(start)</TimeTrigger>", count: 49), .limit),
    ]

    @Test("faulty triggers are refused", arguments: faultyTriggers)
    func faults(_ triggers: String, _ code: TaskDiagnostic.Code) {
        let file = Fixtures.read(Fixtures.task(triggers: triggers))
        #expect(file.allDiagnostics.contains { $0.code == code }, "\(file.allDiagnostics)")
        #expect(!file.isUsable)
    }

    @Test("48 triggers are not too many")
    func triggersAtTheLimit() {
        let trigger = "<TimeTrigger>\(Self.start)</TimeTrigger>"
        let file = Fixtures.read(Fixtures.task(triggers: String(repeating: trigger, count: 48)))
        #expect(file.isUsable && file.tasks.first?.triggers.count == 48)
    }

    @Test("a set of months that names none is read as all of them, with a warning")
    func noMonths() {
        let schedule = "<ScheduleByMonth><DaysOfMonth><Day>1</Day></DaysOfMonth></ScheduleByMonth>"
        let file = Fixtures.read(Fixtures.task(triggers: Self.calendar(schedule)))
        #expect(file.allDiagnostics.map(\.code) == [.emptySet])
        #expect(
            file.tasks.first?.clockTriggers.first?.recurrence
                == .monthly(days: [1], lastDay: false, months: NumberSet(1...12)))
    }

    @Test("a task that nothing starts says so")
    func nothingStartsIt() {
        let disabled = "<TimeTrigger>\(Self.start)<Enabled>false</Enabled></TimeTrigger>"
        #expect(Fixtures.read(Fixtures.task(triggers: "")).allDiagnostics.map(\.code) == [.noTrigger])
        let file = Fixtures.read(Fixtures.task(triggers: disabled))
        #expect(Set(file.allDiagnostics.map(\.code)) == [.noTrigger, .disabledTrigger])
        #expect(file.tasks.first?.clockTriggers.isEmpty == true)
    }
}
