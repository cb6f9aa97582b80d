import TaskXML
import Testing

@Suite("settings, verdicts and several tasks")
struct SettingsTests {
    @Test("a task without settings has Task Scheduler's defaults")
    func defaults() throws {
        let settings = try #require(Fixtures.read(Fixtures.task()).tasks.first).settings
        #expect(settings.executionTimeLimit == .seconds(72 * 3600))
        #expect(settings.multipleInstances == .ignoreNew && !settings.startWhenAvailable)
        #expect(settings.isEnabled && settings.allowStartOnDemand)
        #expect(settings.restartOnFailure == nil && settings.deleteExpiredTaskAfter == nil)
    }

    @Test("the settings that are policies are read")
    func policies() throws {
        let file = Fixtures.read(
            Fixtures.task(
                settings: """
                    <MultipleInstancesPolicy>StopExisting</MultipleInstancesPolicy><StartWhenAvailable>true</StartWhenAvailable>
                    <ExecutionTimeLimit>PT0S</ExecutionTimeLimit><Enabled>false</Enabled>
                    <AllowStartOnDemand>false</AllowStartOnDemand>
                    <RestartOnFailure><Count>3</Count><Interval>PT1M</Interval></RestartOnFailure>
                    """))
        #expect(file.allDiagnostics.isEmpty)
        let settings = try #require(file.tasks.first).settings
        #expect(settings.executionTimeLimit == nil && settings.multipleInstances == .stopExisting)
        #expect(settings.startWhenAvailable && !settings.isEnabled && !settings.allowStartOnDemand)
        #expect(settings.restartOnFailure == .init(interval: .seconds(60), count: 3))
    }

    @Test(
        "durations are those of XML Schema",
        arguments: [
            ("PT10M", 600), ("P1D", 86400), ("P1DT2H3M4S", 93784), ("PT90S", 90), ("PT72H", 259200),
            ("PT0S", nil),
            ("P1M", 30 * 86400), ("P1Y", 360 * 86400), ("P1M4DT2H5M", 34 * 86400 + 7500), ("PT03M", 180),
        ] as [(String, Int?)])
    func durations(_ text: String, _ seconds: Int?) {
        let file = Fixtures.read(Fixtures.task(settings: "<ExecutionTimeLimit>\(text)</ExecutionTimeLimit>"))
        #expect(file.isUsable)
        #expect(file.tasks.first?.settings.executionTimeLimit == seconds.map { .seconds($0) })
        let hasMonths = text.hasPrefix("P1M") || text.hasPrefix("P1Y")
        #expect(file.allDiagnostics.map(\.code) == (hasMonths ? [.calendarDuration] : []))
    }

    @Test(
        "what is no duration is refused",
        arguments: [
            "", "10m", "P", "PT", "-PT1M", "PT1M1H", "pt1m", "P1W", "PT1.5M", "PT1MT1S", "P1H",
            "PT99999999999H",
        ])
    func wrongDurations(_ text: String) {
        let file = Fixtures.read(Fixtures.task(settings: "<ExecutionTimeLimit>\(text)</ExecutionTimeLimit>"))
        #expect(file.allDiagnostics.map(\.code) == [.invalidValue])
    }

    @Test(
        "values out of range are refused",
        arguments: [
            "<MultipleInstancesPolicy>Never</MultipleInstancesPolicy>",
            "<StartWhenAvailable>TRUE</StartWhenAvailable>",
            "<RestartOnFailure><Count>256</Count><Interval>PT1M</Interval></RestartOnFailure>",
            "<RestartOnFailure><Count>1</Count><Interval>PT59S</Interval></RestartOnFailure>",
        ])
    func wrongValues(_ settings: String) {
        let file = Fixtures.read(Fixtures.task(settings: settings))
        #expect(file.allDiagnostics.map(\.code) == [.invalidValue] && !file.isUsable)
    }

    @Test("conditions that a server cannot keep are refused by name, and the task still works")
    func conditions() {
        let file = Fixtures.read(
            Fixtures.task(
                settings: """
                    <WakeToRun>true</WakeToRun><RunOnlyIfIdle>true</RunOnlyIfIdle><Volatile>true</Volatile>
                    <MaintenanceSettings><Period>P1D</Period></MaintenanceSettings>
                    <Hidden>true</Hidden><IdleSettings><StopOnIdleEnd>false</StopOnIdleEnd></IdleSettings>
                    <DisallowStartOnRemoteAppSession>false</DisallowStartOnRemoteAppSession>
                    <UseUnifiedSchedulingEngine>true</UseUnifiedSchedulingEngine>
                    """))
        #expect(file.isUsable)
        #expect(file.allDiagnostics.map(\.code) == Array(repeating: .refusedElement, count: 4))
    }

    @Test("deleting an expired task needs an end boundary")
    func expiry() {
        let expiry = "<DeleteExpiredTaskAfter>P30D</DeleteExpiredTaskAfter>"
        let trigger = """
            <TimeTrigger><StartBoundary>2026-01-01T00:00:00Z</StartBoundary>\
            <EndBoundary>2027-01-01T00:00:00Z</EndBoundary></TimeTrigger>
            """
        #expect(
            Fixtures.read(Fixtures.task(settings: expiry)).allDiagnostics.map(\.code) == [.expiryWithoutEnd])
        let file = Fixtures.read(Fixtures.task(triggers: trigger, settings: expiry))
        #expect(file.allDiagnostics.isEmpty)
        #expect(file.tasks.first?.settings.deleteExpiredTaskAfter == .seconds(30 * 86400))
    }

    @Test("every element and attribute has exactly one verdict")
    func verdicts() throws {
        let text = try String(decoding: Fixtures.template("cron_purge_daily.xml"), as: UTF8.self)
        let task = try #require(Fixtures.read(text).tasks.first)
        let elements = text.matches(of: /<[A-Za-z]+/).count
        #expect(task.verdicts.count { !$0.path.contains("@") } == elements)
        #expect(Set(task.verdicts.map(\.path)).count == task.verdicts.count)
        #expect(task.verdicts.first { $0.path.hasSuffix("DaysInterval") }?.position.line == 12)
        #expect(
            task.verdicts.contains { $0.path == "/Task/Principals/Principal/@id" && $0.ruling == .ignored })
    }

    @Test("unknown elements are named and left out")
    func unknown() throws {
        let file = Fixtures.read(
            Fixtures.task(settings: "<Colour>red</Colour>", registration: "<x:URI xmlns:x='urn:x'>a</x:URI>"))
        #expect(file.allDiagnostics.map(\.code) == [.unknownElement, .unknownElement])
        let task = try #require(file.tasks.first)
        #expect(task.name == nil && file.isUsable)
        #expect(task.verdicts.first { $0.path == "/Task/Settings/Colour" }?.ruling == .refused)
    }

    @Test("an element in another namespace does not stand for the one that is missing")
    func otherNamespace() {
        let actions = Fixtures.task().replacing("<Actions>", with: "<Actions xmlns='urn:x'>")
        let boundary = Fixtures.task().replacing("<StartBoundary>", with: "<StartBoundary xmlns='urn:x'>")
        for text in [actions, boundary] {
            let file = Fixtures.read(text)
            #expect(
                Set(file.allDiagnostics.map(\.code)) == [.unknownElement, .missingElement] && !file.isUsable)
        }
    }

    @Test("unknown attributes are named, wherever they stand")
    func unknownAttributes() {
        let file = Fixtures.read(
            Fixtures.task(settings: "<Hidden x='1'>true</Hidden><Enabled y='2'>true</Enabled>"))
        #expect(file.allDiagnostics.map(\.code) == [.unknownElement])
        let rulings = file.tasks.first?.verdicts.filter {
            $0.path.contains("Settings") && $0.path.contains("@")
        }
        #expect(
            rulings?.map { "\($0.path) \($0.ruling)" } == [
                "/Task/Settings/Hidden/@x ignored", "/Task/Settings/Enabled/@y refused",
            ])
    }

    /// What becomes of every part of the schema; of the rest, what is under it shares its verdict.
    static let everyPart: [(path: String, ruling: TaskVerdict.Ruling)] = [
        ("/Task", .honoured), ("/Task/@version", .ignored), ("/Task/RegistrationInfo/URI", .honoured),
        ("/Task/RegistrationInfo/SecurityDescriptor", .ignored), ("/Task/RegistrationInfo/Date", .ignored),
        ("/Task/Triggers/TimeTrigger/Repetition/Interval", .honoured),
        ("/Task/Triggers/TimeTrigger/RandomDelay", .translated),
        ("/Task/Triggers/TimeTrigger/ExecutionTimeLimit", .translated),
        ("/Task/Triggers/CalendarTrigger[2]/ScheduleByWeek/DaysOfWeek/Saturday", .honoured),
        ("/Task/Triggers/CalendarTrigger[3]/ScheduleByMonth/DaysOfMonth/Day[2]", .honoured),
        ("/Task/Triggers/CalendarTrigger[4]/ScheduleByMonthDayOfWeek/Weeks/Week[2]", .honoured),
        ("/Task/Triggers/BootTrigger", .honoured), ("/Task/Triggers/BootTrigger/Delay", .honoured),
        ("/Task/Triggers/RegistrationTrigger/Delay", .honoured),
        ("/Task/Triggers/IdleTrigger/Enabled", .refused),
        ("/Task/Triggers/LogonTrigger/UserId", .refused),
        ("/Task/Triggers/SessionStateChangeTrigger", .refused),
        ("/Task/Triggers/EventTrigger/ValueQueries/Value/@name", .refused),
        ("/Task/Triggers/WnfStateChangeTrigger/StateName", .refused),
        ("/Task/Settings/AllowStartOnDemand", .honoured),
        ("/Task/Settings/RestartOnFailure/Count", .honoured),
        ("/Task/Settings/RestartOnFailure", .translated),
        ("/Task/Settings/MultipleInstancesPolicy", .translated),
        ("/Task/Settings/StartWhenAvailable", .translated),
        ("/Task/Settings/NetworkProfileName", .refused), ("/Task/Settings/NetworkSettings/Id", .refused),
        ("/Task/Settings/WakeToRun", .ignored), ("/Task/Settings/Enabled", .honoured),
        ("/Task/Settings/DeleteExpiredTaskAfter", .ignored),
        ("/Task/Settings/IdleSettings/Duration", .ignored),
        ("/Task/Settings/ExecutionTimeLimit", .translated),
        ("/Task/Settings/MaintenanceSettings/Deadline", .refused),
        ("/Task/Settings/Volatile", .ignored), ("/Task/Data/may/stand/@here", .ignored),
        ("/Task/Principals/Principal/RequiredPrivileges/Privilege", .ignored),
        ("/Task/Actions/@Context", .ignored), ("/Task/Actions/Exec/Arguments", .translated),
        ("/Task/Actions/Exec/WorkingDirectory", .ignored), ("/Task/Actions/ComHandler/ClassId", .refused),
        ("/Task/Actions/SendEmail/HeaderFields/HeaderField/Name", .refused),
        ("/Task/Actions/ShowMessage/@id", .refused),
    ]

    @Test("every element and attribute of the schema has one verdict, at its place")
    func wholeSchema() throws {
        let text = try String(decoding: Fixtures.field("every_element.xml"), as: UTF8.self)
        let file = Fixtures.read(text)
        #expect(!file.allDiagnostics.contains { $0.code == .unknownElement }, "\(file.allDiagnostics)")
        let task = try #require(file.tasks.first)
        for (path, ruling) in Self.everyPart {
            #expect(task.verdicts.filter { $0.path == path }.map(\.ruling) == [ruling], "\(path)")
        }
        #expect(Set(task.verdicts.map(\.path)).count == task.verdicts.count)
        // One for each tag that opens, and for each attribute but the namespace.
        let tags = text.split(separator: "<").filter { $0.first?.isLetter == true }.count
        let attributes = text.split(separator: "=\"").count - 1 - 3
        #expect(task.verdicts.count == tags + attributes)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        for verdict in task.verdicts {
            let line = lines[verdict.position.line - 1].dropFirst(verdict.position.column - 1)
            let name = verdict.path.split(separator: "/").last.map { String($0.prefix { $0 != "[" }) } ?? ""
            let wanted = name.hasPrefix("@") ? name.dropFirst() + "=" : "<" + name
            #expect(line.hasPrefix(wanted), "\(verdict.path) at \(verdict.position)")
            #expect(verdict.ruling != .refused || !verdict.note.isEmpty)
        }
    }

    @Test("a list of tasks, with a declaration before each, is read whole")
    func severalTasks() {
        let one = Fixtures.task(registration: "<URI>\\A\\one</URI>")
        let two = Fixtures.task(registration: "<URI>\\A\\two</URI>")
        let declaration = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n"
        let text =
            declaration + "<Tasks>\n<!-- \\A\\one -->\n" + declaration + one + "\n" + declaration + two
            + "</Tasks>"
        let file = Fixtures.read([0xff, 0xfe] + TextDecodingTests.utf16(text, false))
        #expect(file.tasks.map(\.name) == ["one", "two"] && file.isUsable)
        #expect(file.diagnostics.map(\.code) == [.extraDeclaration, .extraDeclaration])
        #expect(file.diagnostics.map(\.position.line) == [4, 11])
        #expect(file.tasks.last?.position == TaskPosition(line: 12, column: 1))
        #expect(file.tasks.last?.verdicts.first?.path == "/Tasks/Task[2]")
    }

    @Test("several actions, and actions that are no program, are refused")
    func actions() {
        let exec = "<Exec><Command>curl</Command><Arguments>-f https://a/x</Arguments></Exec>"
        for actions in [
            exec + exec, "<ComHandler><ClassId>{0}</ClassId></ComHandler>",
            "<ShowMessage><Body>x</Body></ShowMessage>",
            "<SendEmail/>",
        ] {
            let file = Fixtures.read(Fixtures.task(actions: actions))
            #expect(file.allDiagnostics.map(\.code) == [.refusedAction] && !file.isUsable)
        }
        let unknown = Fixtures.read(Fixtures.task(actions: "<Launch/>"))
        #expect(
            unknown.allDiagnostics.map(\.code) == [.missingElement, .unknownElement] && !unknown.isUsable)
        #expect(Fixtures.read(Fixtures.task(actions: "")).allDiagnostics.map(\.code) == [.missingElement])
        #expect(
            Fixtures.read(Fixtures.task(actions: "<Exec/>")).allDiagnostics.map(\.code) == [.missingElement])
    }

    @Test(
        "versions 1.0 to 1.6, or none, are read; others are not",
        arguments: ["1.0", "1.2", "1.6", "1.2.3", "1.7", "2.0", "x", "1", "1.", "1.-1"])
    func versions(_ version: String) {
        let text = Fixtures.task().replacing("version=\"1.2\"", with: "version=\"\(version)\"")
        #expect(Fixtures.read(text).isUsable == ["1.0", "1.2", "1.6", "1.2.3"].contains(version))
    }
}
