import CivilTime
import JobCatalog
import Scheduling
import TaskXML
import Testing

@Suite("jobs of task files")
struct TaskJobsTests {
    @Test("a time without a zone is refused with its next occurrences in UTC and on this machine's clock")
    func localBoundary() throws {
        let found = tasks("<!-- at 00:10 UTC -->" + taskText(triggers: daily(at: "2026-01-01T00:10:00")))
        #expect(found.jobs.isEmpty)
        let error = try #require(found.diagnostics.first { $0.severity == .error })
        #expect(error.code == "local-boundary" && error.location.line == 3 && error.location.column == 43)
        #expect(
            error.details == [
                "read in UTC: next 2026-01-16T00:10:00Z, 2026-01-17T00:10:00Z, 2026-01-18T00:10:00Z",
                "read in +03:00, as this machine's clock: next 2026-01-16T00:10:00+03:00,"
                    + " 2026-01-17T00:10:00+03:00, 2026-01-18T00:10:00+03:00",
            ])
        let hint = try #require(error.hint)
        #expect(hint.contains("ALMANAC_TASK_TIME_ZONE=UTC or ALMANAC_TASK_TIME_ZONE=+03:00"))
        #expect(hint.contains("line 1 says that UTC is meant"))
        #expect(error.rendered.split(separator: "\n").count == 4)
    }

    @Test("on a machine in UTC, and on one that tells no zone, there is one reading, and that is said")
    func oneReading() {
        let text = taskText(triggers: daily(at: "2026-01-01T00:10:00"))
        for (zone, words) in [(Zone.utc, "is UTC as well"), (nil, "cannot be told")] as [(Zone?, String)] {
            let error = tasks(text, zones: TestZones(machineZone: zone)).diagnostics.first
            #expect(error?.details.last?.hasSuffix(words) == true)
            #expect(error?.hint?.contains("says that UTC") == false)
        }
    }

    @Test("in a zone that is named, the times are that zone's")
    func zone() throws {
        let text = taskText(triggers: daily(at: "2026-01-01T00:10:00"))
        let job = try #require(tasks(text, zone: "+03:00").jobs.first)
        #expect(job.schedule?.next(after: testNow)?.instant.rfc3339 == "2026-01-15T21:10:00Z")
        let repair = try #require(tasks(text, zone: "+03:00").diagnostics.first)
        #expect(repair.severity == .repair && repair.message.hasSuffix("runs it; read in +03:00"))
        #expect(tasks(text, zone: "Nowhere").diagnostics.contains { $0.code == "time-zone" })
    }

    static let rules: [(String, String, String)] = [
        ("", "-fsS https://a/x", "retry=0 overlap=skip catch-up=none timeout=3d overdue-after=70m"),
        (
            "<ExecutionTimeLimit>PT10M</ExecutionTimeLimit><StartWhenAvailable>true</StartWhenAvailable>",
            "https://a/x",
            "retry=0 timeout=10m catch-up=latest"
        ),
        (
            "<ExecutionTimeLimit>PT10M</ExecutionTimeLimit>"
                + "<RestartOnFailure><Interval>PT5M</Interval><Count>3</Count></RestartOnFailure>",
            "https://a/x", "retry=3 retry-on=unsent backoff=5m timeout=10m"
        ),
        (
            "<ExecutionTimeLimit>PT10M</ExecutionTimeLimit>"
                + "<RestartOnFailure><Interval>PT5M</Interval><Count>100</Count></RestartOnFailure>",
            "https://a/x", "retry=100 retry-on=unsent backoff=5m timeout=10m"
        ),
        (
            "<ExecutionTimeLimit>PT10M</ExecutionTimeLimit>"
                + "<RestartOnFailure><Interval>PT5M</Interval><Count>3</Count></RestartOnFailure>",
            "--retry 1 --retry-delay 7 --max-time 90 https://a/x", "retry=1 backoff=7s timeout=90s"
        ),
        (
            "<ExecutionTimeLimit>PT10M</ExecutionTimeLimit><AllowStartOnDemand>false</AllowStartOnDemand>",
            "https://a/x", "retry=0 timeout=10m on-demand=no"
        ),
    ]

    @Test("a task that asks for more tries than a job makes says so")
    func manyRestarts() throws {
        let settings = "<RestartOnFailure><Interval>PT5M</Interval><Count>101</Count></RestartOnFailure>"
        let found = tasks(taskText(settings: settings))
        #expect(found.jobs.first?.policy.retries == 100)
        let warning = try #require(found.diagnostics.first)
        #expect(found.diagnostics.count == 1 && warning.code == "restart-count")
        #expect(warning.location.line == 4 && warning.location.column == 54)
    }

    @Test(
        "the limit of a trigger goes before the task's, and the shortest of several counts",
        arguments: [("", 600), ("PT2H", 7200), ("PT5M", 300), ("PT2H PT1H", 3600), ("PT2H -", 600)])
    func triggerLimits(_ limits: String, _ seconds: Int) throws {
        let triggers = (limits.isEmpty ? ["-"] : limits.split(separator: " ")).map { limit in
            let element = limit == "-" ? "" : "<ExecutionTimeLimit>\(limit)</ExecutionTimeLimit>"
            return "<TimeTrigger>\(element)<StartBoundary>2027-01-01T00:00:00Z</StartBoundary></TimeTrigger>"
        }
        let found = tasks(
            taskText(
                triggers: triggers.joined() + "<LogonTrigger/>",
                settings: "<ExecutionTimeLimit>PT10M</ExecutionTimeLimit>"))
        #expect(found.jobs.first?.policy.timeout == .seconds(seconds))
    }

    @Test("settings and curl's options become the rules of the job", arguments: rules)
    func policies(_ settings: String, _ arguments: String, _ options: String) throws {
        let job = try taskJob(taskText(settings: settings, arguments: arguments))
        let line = read("10 0 * * *  purge:  GET https://a/x \(options)")
        #expect(job.policy == (try #require(line.jobs.first).policy))
    }

    @Test("options in <Data> go over what the elements state")
    func options() throws {
        let limit = "<ExecutionTimeLimit>PT2H</ExecutionTimeLimit>"
        let job = try taskJob(
            taskText(settings: limit, more: "<Data> almanac: accept=200 decline=503 retry=2 </Data>"))
        #expect(job.policy.accept == StatusSet("200") && job.policy.decline == StatusSet("503"))
        #expect(job.policy.retries == 2 && job.policy.timeout == .seconds(7200))
        #expect(job.policy.overdueAfter == nil)
        let other = try taskJob(taskText(settings: limit, more: "<Data>accept=200<x y='1'/></Data>"))
        #expect(other.policy.accept == .successful && other.policy.overdueAfter == .seconds(4200))
    }

    @Test(
        "options in <Data> that are none are refused at their place",
        arguments: [
            ("acept=200", "no rule"), ("as=admin", "no rule"), ("retry", "no rule"),
            ("retry=1 retry=2", "repeated"),
            ("retry=x", "no value"), ("accept=503 decline=503", "both"), ("accept='200", "quote"),
        ])
    func wrongOptions(_ options: String, _ why: String) throws {
        let found = tasks(taskText(more: "\n<Data>almanac: \(options)</Data>"))
        let error = try #require(found.diagnostics.first)
        #expect(found.jobs.isEmpty && error.code == "task-options" && error.message.contains(why))
        #expect(error.location.line == 5 && error.location.column == 16 && error.hint != nil)
    }

    static func ending(_ settings: String) -> String {
        taskText(
            triggers: "<TimeTrigger><StartBoundary>2025-01-01T00:00:00Z</StartBoundary>"
                + "<EndBoundary>2026-01-15T00:00:00Z</EndBoundary></TimeTrigger>", settings: settings)
    }

    @Test(
        "a task whose triggers have ended is loaded with a warning, whenever Windows would delete it",
        arguments: [
            "", "<DeleteExpiredTaskAfter>PT0S</DeleteExpiredTaskAfter>",
            "<DeleteExpiredTaskAfter>P30D</DeleteExpiredTaskAfter>",
        ])
    func ended(_ settings: String) throws {
        let found = tasks(Self.ending(settings))
        let job = try #require(found.jobs.first)
        #expect(found.jobs.count == 1 && job.isOver(at: testNow) && job.next(after: testNow) == nil)
        #expect(found.diagnostics.map { "\($0.severity) \($0.code)" } == ["warning over"])
        #expect(
            found.diagnostics.first?.message.hasSuffix("its last occurrence was at 2025-01-01T00:00:00Z")
                == true)
        #expect(found.diagnostics.first?.hint == "remove the file, or correct its boundaries")
    }

    @Test("a disabled task whose triggers have ended is disabled, and not over")
    func endedAndDisabled() throws {
        let found = tasks(Self.ending("<Enabled>false</Enabled>"))
        let job = try #require(found.jobs.first)
        #expect(found.diagnostics.isEmpty && !job.isOver(at: testNow))
    }

    @Test("a task that has ended and stands beside another is to be removed from the file")
    func endedBesideAnother() throws {
        let found = tasks("<Tasks>" + Self.ending("") + taskText() + "</Tasks>")
        let over = try #require(found.diagnostics.first { $0.code == "over" })
        #expect(over.hint == "remove the task from the file, or correct its boundaries")
    }

    @Test("a task with no start within its boundaries is an error, before them and after")
    func neverDue() {
        let trigger = """
            <TimeTrigger><StartBoundary>2026-02-01T00:00:00Z</StartBoundary>\
            <EndBoundary>2026-01-20T00:00:00Z</EndBoundary></TimeTrigger>
            """
        for settings in ["", "<DeleteExpiredTaskAfter>PT0S</DeleteExpiredTaskAfter>"] {
            let found = tasks(taskText(triggers: trigger, settings: settings))
            #expect(found.jobs.isEmpty && found.diagnostics.map(\.code) == ["never"])
        }
    }

    @Test("a boot trigger whose boundaries have passed is over, and one that may still fire is not")
    func endedBoot() throws {
        for (end, isOver) in [("2006-01-01T00:00:00Z", true), ("2036-01-01T00:00:00Z", false)] {
            let found = tasks(
                taskText(triggers: "<BootTrigger><EndBoundary>\(end)</EndBoundary></BootTrigger>"))
            let job = try #require(found.jobs.first)
            #expect(job.isOver(at: testNow) == isOver)
            #expect(found.diagnostics.map(\.code) == (isOver ? ["over"] : []))
        }
    }

    @Test("boot and registration triggers make a job due when their events happen, beside the clock")
    func events() throws {
        let triggers = """
            <BootTrigger><Delay>PT30S</Delay></BootTrigger>\
            <RegistrationTrigger><Repetition><Interval>PT1M</Interval><Duration>PT2M</Duration></Repetition>\
            </RegistrationTrigger>
            """
        let job = try taskJob(taskText(triggers: daily(at: "2026-01-01T00:10:00Z") + triggers))
        var schedule = try #require(job.schedule)
        #expect(
            schedule.words
                == "every day at 00:10 UTC; 30s after the host boots; when the job is new or changed,"
                + " then every minute for 2 minutes")
        func next(_ count: Int) -> [String] {
            schedule.occurrences(after: testNow, through: Instant(microseconds: .max), limit: count).map {
                $0.instant.rfc3339.dropFirst(11) + " " + ($0.event?.rawValue ?? "clock")
            }
        }
        #expect(next(1) == ["00:10:00Z clock"])
        schedule.eventTimes = EventTimes(boot: testNow, registration: testNow + .microseconds(1_000_000))
        #expect(
            next(5) == [
                "12:00:01Z registration", "12:00:30Z boot", "12:01:01Z registration",
                "12:02:01Z registration",
                "00:10:00Z clock",
            ])
        #expect(schedule.previous(before: testNow + .seconds(3600))?.event == .registration)
        #expect(schedule.previous(before: testNow + .seconds(31))?.event == .boot)
        #expect(try taskJob(taskText(triggers: triggers)).schedule?.next(after: testNow) == nil)
    }

    @Test("an event outside the boundaries of its trigger starts nothing")
    func eventBoundaries() throws {
        let boot = """
            <BootTrigger><StartBoundary>2026-01-15T12:00:00Z</StartBoundary>\
            <EndBoundary>2026-01-15T13:00:00Z</EndBoundary><Delay>PT10M</Delay></BootTrigger>
            """
        var schedule = try #require(try taskJob(taskText(triggers: boot)).schedule)
        for (seconds, isDue) in [(-1, false), (0, true), (3000, true), (3001, false)] {
            schedule.eventTimes.boot = testNow + .seconds(seconds)
            #expect((schedule.next(after: testNow - .seconds(86400)) != nil) == isDue, "\(seconds)")
            #expect((schedule.previous(before: testNow + .seconds(86400)) != nil) == isDue, "\(seconds)")
        }
    }
}
