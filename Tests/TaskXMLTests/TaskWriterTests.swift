import CivilTime
import CommandRequests
import RandomInput
import RequestText
import Scheduling
import Testing

@testable import TaskXML

@Suite("writing task files")
struct TaskWriterTests {
    static let request = CommandRequest(
        method: "POST", url: TemplateText(literal: "https://api.example/api/cron/purge_old"),
        headers: [
            .init(name: "X-Job-Token", value: TemplateText([.reference("JOB_TOKEN")]), isSecret: true),
            .init(
                name: "X-User-ID", value: TemplateText(literal: "11111111-2222-4333-8444-555555555555"),
                isSecret: false),
        ], timeout: .seconds(600), failsOnStatus: true)

    static func task() throws -> TaskDefinition {
        let start = try TaskTrigger.Boundary(parsing: "2026-01-01T00:10:00Z")
        var settings = TaskSettings()
        settings.startWhenAvailable = true
        settings.executionTimeLimit = .seconds(600)
        return TaskDefinition(
            registration: .init(uri: #"\Almanac\purge"#, description: "Purge <old> & dead"),
            triggers: [.init(kind: .clock(try TaskTrigger(start: start, recurrence: .daily(interval: 1))))],
            settings: settings, request: request)
    }

    @Test("a file is written as Task Scheduler exports it")
    func wholeFile() throws {
        let text = try TaskWriter.text(of: Self.task())
        let expected = """
            <?xml version="1.0" encoding="UTF-16"?>
            <Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
              <RegistrationInfo>
                <Description>Purge &lt;old&gt; &amp; dead</Description>
                <URI>\\Almanac\\purge</URI>
              </RegistrationInfo>
              <Triggers>
                <CalendarTrigger>
                  <StartBoundary>2026-01-01T00:10:00Z</StartBoundary>
                  <Enabled>true</Enabled>
                  <ScheduleByDay>
                    <DaysInterval>1</DaysInterval>
                  </ScheduleByDay>
                </CalendarTrigger>
              </Triggers>
              <Principals>
                <Principal id="Author">
                  <UserId>S-1-5-18</UserId>
                  <RunLevel>LeastPrivilege</RunLevel>
                </Principal>
              </Principals>
              <Settings>
                <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
                <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
                <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
                <AllowHardTerminate>true</AllowHardTerminate>
                <StartWhenAvailable>true</StartWhenAvailable>
                <RunOnlyIfNetworkAvailable>true</RunOnlyIfNetworkAvailable>
                <AllowStartOnDemand>true</AllowStartOnDemand>
                <Enabled>true</Enabled>
                <Hidden>false</Hidden>
                <RunOnlyIfIdle>false</RunOnlyIfIdle>
                <WakeToRun>false</WakeToRun>
                <ExecutionTimeLimit>PT10M</ExecutionTimeLimit>
                <Priority>7</Priority>
              </Settings>
              <Actions Context="Author">
                <Exec>
                  <Command>%SystemRoot%\\System32\\curl.exe</Command>
                  <Arguments>-fsS -X POST --max-time 600 "https://api.example/api/cron/purge_old" \
            -H @C:\\ProgramData\\Almanac\\job-token.header \
            -H "X-User-ID: 11111111-2222-4333-8444-555555555555"</Arguments>
                </Exec>
              </Actions>
            </Task>

            """
        #expect(text == expected.replacing("\n", with: "\r\n"))
    }

    @Test("the bytes are UTF-16LE with a byte order mark")
    func bytes() throws {
        var task = try Self.task()
        task.registration.description = "é€🕰"
        let bytes = try TaskWriter.bytes(of: task)
        #expect(bytes.prefix(4) == [0xff, 0xfe, 0x3c, 0x00])
        let file = Fixtures.read(bytes)
        #expect(file.encoding == .utf16LittleEndian && file.allDiagnostics.isEmpty)
        #expect(file.tasks.first?.registration.description == "é€🕰")
    }

    @Test("what was written reads back as it was", arguments: 0..<400)
    func roundTrip(_ seed: Int) throws {
        var random = SeededRandom(state: UInt64(seed))
        let task = try Self.arbitraryTask(&random)
        let file = Fixtures.read(try TaskWriter.bytes(of: task))
        #expect(file.allDiagnostics.allSatisfy { $0.severity == .warning || $0.severity == .note })
        let read = try #require(file.tasks.first)
        #expect(read.registration == task.registration)
        #expect(read.settings == task.settings)
        #expect(read.triggers.map(\.kind) == task.triggers.map(\.kind))
        #expect(read.triggers.map(\.isEnabled) == task.triggers.map(\.isEnabled))
        #expect(read.triggers.map(\.executionTimeLimit) == task.triggers.map(\.executionTimeLimit))
        #expect(read.request == task.request)
        #expect(try TaskWriter.text(of: read) == TaskWriter.text(of: task))
    }

    static func arbitraryTask(_ random: inout SeededRandom) throws -> TaskDefinition {
        var settings = TaskSettings()
        settings.multipleInstances = TaskSettings.MultipleInstances.allCases[random.below(4)]
        settings.startWhenAvailable = random.below(2) == 0
        settings.executionTimeLimit = random.below(3) == 0 ? nil : .seconds(60 * (1 + random.below(5000)))
        settings.isEnabled = random.below(4) != 0
        settings.allowStartOnDemand = random.below(4) != 0
        if random.below(3) == 0 {
            settings.restartOnFailure = .init(
                interval: .seconds(60 + random.below(9000)), count: 1 + random.below(255))
        }
        if random.below(3) == 0 { settings.deleteExpiredTaskAfter = .seconds(random.below(100) * 86400) }
        let triggers = try (0..<random.below(4)).map { _ in try arbitraryTrigger(&random) }
        let options = random.below(3) == 0 ? TaskDefinition.Options("accept=200 decline=503") : nil
        return TaskDefinition(
            registration: .init(
                uri: #"\Almanac\job-\#(random.below(100))"#, author: random.below(2) == 0 ? nil : "A & B <c>",
                description: random.below(2) == 0 ? nil : "über \"all\" 'things'"),
            triggers: triggers, settings: settings, options: options, request: arbitraryRequest(&random))
    }

    static func arbitraryTrigger(_ random: inout SeededRandom) throws -> TaskTriggerDefinition {
        let isEnabled = random.below(5) != 0
        let limit: Duration? = random.below(4) == 0 ? .seconds(60 * (1 + random.below(600))) : nil
        let repetition =
            random.below(3) == 0
            ? TaskTrigger.Repetition(
                interval: .seconds(60 + random.below(9000)),
                duration: random.below(2) == 0 ? nil : .seconds(60 + random.below(90000)),
                stopAtDurationEnd: random.below(2) == 0) : nil
        let start = boundary(&random)
        let end = random.below(3) == 0 ? boundary(&random) : nil
        if random.below(6) == 0 {
            let event = try EventTrigger(
                random.below(2) == 0 ? .boot : .registration, delay: .seconds(random.below(900)),
                start: start,
                end: end, repetition: repetition)
            return .init(kind: .event(event), isEnabled: isEnabled, executionTimeLimit: limit)
        }
        let recurrence: TaskTrigger.Recurrence =
            switch random.below(5) {
            case 0: .once
            case 1: .daily(interval: 1 + random.below(365))
            case 2: .weekly(interval: 1 + random.below(52), weekdays: set(0...6, &random))
            case 3:
                .monthly(
                    days: set(1...31, &random), lastDay: random.below(2) == 0, months: set(1...12, &random))
            default:
                .monthlyWeekday(
                    weeks: set(1...4, &random), lastWeek: random.below(2) == 0, weekdays: set(0...6, &random),
                    months: set(1...12, &random))
            }
        let clock = try TaskTrigger(
            start: start, end: end, recurrence: recurrence, repetition: repetition,
            randomDelay: random.below(3) == 0 ? .seconds(random.below(3600)) : .zero, isEnabled: isEnabled)
        return .init(kind: .clock(clock), isEnabled: isEnabled, executionTimeLimit: limit)
    }

    static func arbitraryRequest(_ random: inout SeededRandom) -> CommandRequest {
        let texts = [
            "", "plain", "two words", #"a "quoted" word"#, #"back\slash\"#, "a&b<c>", "100%", "q=%20%41",
            "{\"a\":[1]}", "ü",
        ]
        var headers: [CommandRequest.Header] = []
        for number in 0..<random.below(4) {
            headers.append(
                .init(
                    name: "X-\(number)", value: TemplateText(literal: texts[random.below(texts.count)]),
                    isSecret: false))
        }
        if random.below(2) == 0 { headers += request.headers.prefix(1) }
        if random.below(3) == 0 {
            headers.append(
                .init(
                    name: "Authorization",
                    value: TemplateText([.literal("Bearer "), .reference("API_TOKEN")]),
                    isSecret: true))
        }
        var body: TemplateText?
        if random.below(2) == 0 {
            body = TemplateText(literal: "@" + texts[random.below(texts.count)])
            headers.append(
                .init(name: "Content-Type", value: TemplateText(literal: "text/plain"), isSecret: false))
        }
        let url =
            random.below(2) == 0
            ? TemplateText(literal: "https://a/x?y=%20&[1]")
            : TemplateText([.reference("API_BASE_URL"), .literal("/x")])
        return CommandRequest(
            method: ["GET", "POST", "PUT", body == nil ? "HEAD" : "PATCH"][random.below(4)], url: url,
            headers: headers, body: body,
            timeout: random.below(2) == 0 ? nil : .milliseconds(1 + random.below(600_000)),
            failsOnStatus: random.below(4) != 0,
            retry: random.below(2) == 0
                ? nil
                : .init(
                    count: 1 + random.below(9),
                    delay: random.below(2) == 0 ? nil : .seconds(1 + random.below(99))))
    }

    private static func set(_ range: ClosedRange<Int>, _ random: inout SeededRandom) -> NumberSet {
        var set = NumberSet(range.filter { _ in random.below(3) == 0 })
        if set.isEmpty { set.insert(range.lowerBound) }
        return set
    }

    private static func boundary(_ random: inout SeededRandom) -> TaskTrigger.Boundary {
        let local = CivilDateTime(secondsSinceEpoch: 1_767_225_600 + Int64(random.below(400_000_000)))
        return switch random.below(3) {
        case 0: .local(local)
        case 1: .fixed(local, offset: 0)
        default: .fixed(local, offset: (random.below(49) - 24) * 1800)
        }
    }

    @Test("what cannot be written is refused, and says why")
    func refusals() throws {
        let cases: [(String, (inout TaskDefinition) -> Void)] = [
            ("makes no request", { $0.request = nil }),
            ("49 triggers", { $0.triggers = Array(repeating: $0.triggers[0], count: 49) }),
            ("LogonTrigger", { $0.triggers[0].kind = .refused("LogonTrigger") }),
            ("does not allow", { $0.registration.description = "\u{1}" }),
            ("does not allow", { $0.registration.description = "two\nlines" }),
            ("for a variable", { $0.request?.body = TemplateText(literal: "$(Arg0)") }),
            ("for a variable", { $0.request?.url = TemplateText(literal: "https://a/%PATH%") }),
            ("line end", { $0.request?.body = TemplateText(literal: "a\nb") }),
            (
                "fewer than",
                { $0.request?.body = TemplateText(literal: String(repeating: "x", count: 33_000)) }
            ),
        ]
        for (words, change) in cases {
            var task = try Self.task()
            change(&task)
            let error = #expect(throws: TaskWriteError.self) { try TaskWriter.text(of: task) }
            #expect(error?.description.contains(words) == true)
        }
    }
}
