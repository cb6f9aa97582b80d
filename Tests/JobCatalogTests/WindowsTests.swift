import CivilTime
import CommandRequests
import JobCatalog
import RandomInput
import RequestText
import Scheduling
import TaskXML
import Testing

@Suite("jobs as task files, and back")
struct WindowsTests {
    private static let day = CivilDate(uncheckedYear: 2026, month: 1, day: 16)

    private func job(_ line: String) throws -> Job {
        let file = read(line)
        return try #require(file.jobs.first, "\(line) \(file.diagnostics.map(\.rendered))")
    }

    private static func randomLine(_ random: inout SeededRandom) -> String {
        let options: [[String]] = [
            ["as=admin", "as=superadmin", "as=8b1e7f7e-0001-4000-8000-00000000000a"],
            ["accept=200,204", "accept=200"], ["decline=503", "decline=404"],
            ["retry=0", "retry=100", "retry=1"],
            ["retry-on=unsent", "retry-on=any"], ["backoff=1s..10m", "backoff=90s", "backoff=5m..2h"],
            ["timeout=PT90M", "timeout=1d", "timeout=366d", "timeout=30s", "timeout=8d"], ["deadline=1h"],
            ["overlap=allow", "overlap=replace", "overlap=queue"], ["catch-up=latest", "catch-up=all"],
            ["catch-up-window=2d"], ["jitter=5m"], ["header='A: b'", "header='X-Api-Key: ${API_KEY}'"],
            ["body='{}'", "body=x", "body='a \"b\" \\\\'"], ["header='content-type: text/html'"],
            ["enabled=no"],
            ["on-demand=no"], ["overdue-after=3h"], ["tz=+03:00"],
        ]
        let schedule = random.pick([
            "10 0 * * *", "0 1 1 * *", "*/15 8-17 * * MON-FRI", "@every 90s", "0 0 L * *",
        ])
        let chosen = options.filter { _ in random.oneIn(3) }.map { random.pick($0) }
        return
            "\(schedule)  purge:  \(random.pick(["POST", "GET", "DELETE"])) /api/x?a=b \(chosen.joined(separator: " "))"
    }

    @Test("what was written as a task is read as the same job", arguments: 0..<300)
    func lossless(_ seed: Int) throws {
        var random = SeededRandom(state: UInt64(seed) &* 104_729)
        let line = Self.randomLine(&random)
        let written = try job(line)
        let task = try written.task(from: Self.day, machineZone: nil) { _ in nil }
        let found = tasks(try TaskWriter.bytes(of: task))
        #expect(found.diagnostics.filter { $0.severity >= .warning } == [], "\(line)")
        let back = try #require(found.jobs.first, "\(line)")
        #expect(back.name == written.name && back.isEnabled == written.isEnabled, "\(line)")
        #expect(back.policy == written.policy, "\(line)")
        #expect(back.request == written.request, "\(line)")
        // The triggers count from midnight of the next day on.
        let start = Instant(seconds: Int64(Self.day.dayNumber + 1) * 86400)
        let wanted = try #require(written.schedule).occurrences(after: start, through: .latest, limit: 5)
        let got = try #require(back.schedule).occurrences(after: start, through: .latest, limit: 5)
        #expect(got.map(\.instant) == wanted.map(\.instant), "\(line)")
        // Nothing is lost when it is written again either.
        #expect(
            try TaskWriter.text(of: try back.task(from: Self.day, machineZone: nil) { _ in nil }).count > 0)
    }

    static let losses: [(String, [String])] = [
        ("retry=0", []),
        ("accept=200 decline=503", ["declined statuses", "below 400", "does not retry"]),
        ("retry-on=unsent", ["once curl has started"]),
        ("deadline=1h jitter=5m catch-up=all", ["however late", "without jitter", "last missed run"]),
        (
            "header='Authorization: Bearer ${API_KEY}'",
            ["%API_KEY% of the header Authorization on the command line"]
        ),
        ("header='Authorization: Bearer abc'", ["the value of the header Authorization on the command line"]),
    ]

    @Test("what Windows does otherwise is said", arguments: losses)
    func lost(_ options: String, _ words: [String]) throws {
        let found = try job("10 0 * * *  purge:  POST /x \(options)").lossesOnWindows
        #expect(found.count == words.count)
        for (loss, word) in zip(found, words) { #expect(loss.contains(word) && loss.hasPrefix("Windows ")) }
    }

    @Test("a task of a job bounds all attempts, and each of them")
    func limits() throws {
        let task = try job("10 0 * * *  purge:  POST /x timeout=10m").task(from: Self.day, machineZone: nil) {
            _ in nil
        }
        #expect(task.settings.executionTimeLimit == .seconds(1860) && task.request?.timeout == .seconds(600))
        let unsent = try job("10 0 * * *  purge:  POST /x timeout=10m retry=3 retry-on=unsent backoff=2m")
            .task(from: Self.day, machineZone: nil) { _ in nil }
        #expect(unsent.settings.restartOnFailure == .init(interval: .seconds(120), count: 3))
        #expect(unsent.request?.retry == nil && unsent.settings.executionTimeLimit == .seconds(600))
    }

    @Test("a body is sent as the same type by Windows as here, also when no header says which")
    func contentType() throws {
        for (body, type) in [("{}", "application/json"), ("a=b", "text/plain; charset=utf-8")] {
            let written = try job("10 0 * * *  purge:  POST /x body='\(body)'")
            let task = try written.task(from: Self.day, machineZone: nil) { _ in nil }
            #expect(task.request?.headers.last?.name == "Content-Type")
            #expect(task.request?.headers.last?.value.literal == type)
        }
        let form = try taskJob(taskText(arguments: "-f -d a=b https://a/x"))
        #expect(
            form.request.headers.map { "\($0.name): \($0.value)" } == [
                "Content-Type: application/x-www-form-urlencoded"
            ])
    }

    @Test("times of a task file keep their zone when they are written again, or the file is refused")
    func zones() throws {
        let text = taskText(triggers: daily(at: "2026-01-01T00:10:00"))
        let job = try #require(tasks(text, zone: "+03:00").jobs.first)
        let pinned = try job.task(from: Self.day, machineZone: nil) { _ in nil }
        #expect(try TaskWriter.text(of: pinned).contains("<StartBoundary>2026-01-01T00:10:00+03:00<"))
        let local = try job.task(from: Self.day, machineZone: "+03:00") { _ in nil }
        #expect(try TaskWriter.text(of: local).contains("<StartBoundary>2026-01-01T00:10:00<"))
    }

    private static let dailyLine = ["10 0 * * *  purge:  GET https://api.example/x retry=0"]

    static let lines: [(String, [String]?)] = [
        (daily(at: "2026-01-01T00:10:00Z"), dailyLine),
        ("<BootTrigger/>", nil), ("", nil),
        (
            "<TimeTrigger><StartBoundary>2027-03-04T05:06:00Z</StartBoundary></TimeTrigger>",
            ["0 6 5 4 3 * 2027  purge:  GET https://api.example/x retry=0"]
        ),
        (
            "<TimeTrigger><StartBoundary>2026-01-01T00:00:00Z</StartBoundary><Repetition><Interval>PT5M</Interval>"
                + "</Repetition></TimeTrigger>", ["@every 5m  purge:  GET https://api.example/x retry=0"]
        ),
        (
            "<TimeTrigger><StartBoundary>2026-01-01T00:01:00Z</StartBoundary><Repetition><Interval>PT10M</Interval>"
                + "</Repetition></TimeTrigger>",
            ["1-51/10 0-23 * * *  purge:  GET https://api.example/x retry=0"]
        ),
        (
            "<CalendarTrigger><StartBoundary>2026-01-01T00:10:00Z</StartBoundary><RandomDelay>PT3M</RandomDelay>"
                + "<ScheduleByDay/></CalendarTrigger>",
            ["10 0 * * *  purge:  GET https://api.example/x retry=0 jitter=3m"]
        ),
        // Due once where triggers meet, and never again where they have ended.
        (daily(at: "2026-01-01T00:10:00Z") + daily(at: "2025-07-01T00:10:00Z"), dailyLine),
        (
            "<TimeTrigger><StartBoundary>2025-03-04T05:06:00Z</StartBoundary></TimeTrigger>"
                + daily(at: "2026-01-01T00:10:00Z"), dailyLine
        ),
        // A line cannot wait for a first day.
        (daily(at: "2026-01-17T00:10:00Z"), nil),
    ]

    @Test(
        "a secret in clear text gets into no line",
        arguments: [
            "-H X-Job-Token:5ecret https://a/x", "-H Cookie:a=5ecret;b=%U_1% https://a/x",
            "https://a/x?token=5ecret",
            "--json {password:1,\\&quot;password\\&quot;:\\&quot;5ecret\\&quot;} https://a/x",
        ])
    func clearSecrets(_ arguments: String) throws {
        let found = tasks(taskText(arguments: "-f " + arguments))
        let error = #expect(throws: TaskWriteError.self) { try found.jobs.first?.cronLines(from: testNow) }
        #expect(error?.description.contains("clear text") == true && found.jobs.count == 1)
        #expect(!found.diagnostics.contains { $0.rendered.contains("5ecret") })
        // In a URL a reference to the secret would be refused as well.
        #expect(error?.hint?.contains("%NAME%") == !arguments.contains("?token="))
    }

    @Test("a task that is over has no line")
    func over() throws {
        let once = "<TimeTrigger><StartBoundary>2025-03-04T05:06:00Z</StartBoundary></TimeTrigger>"
        let job = try #require(tasks(taskText(triggers: once)).jobs.first)
        #expect(try job.cronLines(from: testNow).isEmpty)
    }

    @Test(
        "a request that no line can say is refused with the reason, and no line is printed that cannot be read",
        arguments: [
            ("-X OPTIONS https://a/x", "“OPTIONS” is no HTTP method"),
            ("https://a/{{REGION}}/x", "the URL holds REGION"),
            ("-H X-Job-Token:%OTHER_TOKEN% https://a/x", "the job token must not stand in a file"),
        ])
    func noLine(_ arguments: String, _ why: String) throws {
        let job = try #require(tasks(taskText(arguments: "-f " + arguments)).jobs.first)
        let error = #expect(throws: TaskWriteError.self) { try job.cronLines(from: testNow) }
        #expect(error?.description.contains(why) == true && error?.hint != nil, "\(error?.description ?? "")")
    }

    @Test("a task becomes the line that means the same, or is refused", arguments: lines)
    func cronLines(_ triggers: String, _ wanted: [String]?) throws {
        let found = tasks(
            taskText(triggers: triggers, settings: "<ExecutionTimeLimit>PT1M</ExecutionTimeLimit>"))
        var job = try #require(found.jobs.first)
        job.policy.overdueAfter = nil
        // The line says by itself that the request is bounded by a minute.
        let written = try? job.cronLines(from: testNow)
        #expect(written == wanted)
        for line in wanted ?? [] {
            let again = try #require(try self.job(line).schedule)
            let first = try #require(job.schedule)
            #expect(
                again.occurrences(after: testNow, through: .latest, limit: 9).map(\.instant)
                    == first.occurrences(after: testNow, through: .latest, limit: 9).map(\.instant))
        }
    }

    private static func randomTrigger(_ random: inout SeededRandom) -> String {
        let time = "0\(random.below(4)):\(random.pick(["00", "10", "30", "45"])):00"
        let repetition =
            random.oneIn(3)
            ? "<Repetition><Interval>\(random.pick(["PT15M", "PT1H", "PT90M"]))</Interval>"
                + random.pick(["", "<Duration>PT2H</Duration>", "<Duration>P1D</Duration>"]) + "</Repetition>"
            : ""
        let first = "<StartBoundary>202\(random.pick(["5-05-31", "6-01-15", "6-01-16"]))T\(time)"
        let boundary = first + (random.oneIn(3) ? "Z" : "") + "</StartBoundary>"
        let days = random.pick([
            "<ScheduleByDay/>",
            "<ScheduleByWeek><DaysOfWeek><Sunday/><Monday/></DaysOfWeek></ScheduleByWeek>",
            "<ScheduleByMonth><DaysOfMonth><Day>31</Day><Day>Last</Day></DaysOfMonth></ScheduleByMonth>",
            "<ScheduleByMonthDayOfWeek><Weeks><Week>2</Week><Week>Last</Week></Weeks><DaysOfWeek><Sunday/></DaysOfWeek>"
                + "</ScheduleByMonthDayOfWeek>",
        ])
        return "<CalendarTrigger>\(repetition)\(boundary)\(days)</CalendarTrigger>"
    }

    @Test("the lines of a task are due when the task is, also when the clocks change", arguments: 0..<200)
    func sameInstants(_ seed: Int) throws {
        var random = SeededRandom(state: UInt64(seed) &* 15_485_863)
        let zone = random.pick(["UTC", "+05:45", "America/New_York", "Asia/Beirut"])
        let triggers = (0...random.below(2)).map { _ in Self.randomTrigger(&random) }.joined()
        let job = try #require(tasks(taskText(triggers: triggers), zone: zone).jobs.first)
        guard let lines = try? job.cronLines(from: testNow) else { return }
        let end = testNow + .seconds(330 * 86400)
        let due = try #require(job.schedule).occurrences(after: testNow, through: end, limit: 4000)
        var found: Set<Instant> = []
        for line in lines {
            let schedule = try #require(try self.job(line).schedule)
            found.formUnion(schedule.occurrences(after: testNow, through: end, limit: 4000).map(\.instant))
        }
        #expect(Array(found.sorted().prefix(4000)) == due.map(\.instant), "\(zone) \(triggers) \(lines)")
    }
}

extension Instant {
    fileprivate static let latest = Instant(microseconds: .max)
}
