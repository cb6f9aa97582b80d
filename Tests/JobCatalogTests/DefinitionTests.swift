import CivilTime
import JobCatalog
import RunModel
import Scheduling
import Testing

@Suite("definitions as they are kept")
struct DefinitionTests {
    private func name(_ text: String) throws -> JobName { try #require(JobName(text)) }

    private func recorded(_ job: Job) throws -> Job? {
        let text = try #require(job.definitionText)
        return try Job.recorded(text, of: job.name, since: testNow, zones: TestZones())
    }

    @Test(
        "a line is kept as a line, which makes the same job",
        arguments: [
            "10 0 * * *  purge: POST /api/cron/purge_old  as=admin accept=200,204",
            "H H(2-5) * * *  hashed: POST /x jitter=5m", "@every 90s  often: GET https://example.org/x",
            "0 3 * * 1  zoned: POST /x tz=+05:45 enabled=no", "0 0 12 1 6 ? 2020  over: POST /x",
        ])
    func lines(_ line: String) throws {
        let job = try #require(read(line).jobs.first)
        let again = try #require(try recorded(job))
        #expect(again.configHash == job.configHash)
        #expect(again.name == job.name)
    }

    @Test("a task is kept without a secret, and is due at the same instants after the same delays")
    func tasks() throws {
        let start = CivilDateTime(
            date: try #require(CivilDate(year: 2026, month: 1, day: 5)), secondOfDay: 7200)
        let triggers = try [
            TaskTrigger(start: .local(start), recurrence: .daily(interval: 3), randomDelay: .seconds(1800)),
            TaskTrigger(start: .fixed(start, offset: 0), recurrence: .weekly(interval: 2, weekdays: [1, 4])),
            TaskTrigger(
                start: .local(start),
                recurrence: .monthly(days: [1, 15], lastDay: true, months: [1, 2, 3, 7]),
                repetition: .init(interval: .seconds(600), duration: .seconds(3600), stopAtDurationEnd: false)
            ),
        ]
        var job = try #require(read("10 0 * * *  purge: POST /api/cron/purge_old  as=admin").jobs.first)
        for trigger in triggers {
            job.schedule = Schedule(.triggers([trigger]), zone: .fixed(offset: 3 * 3600), key: "purge")
            let text = try #require(job.definitionText)
            #expect(text.hasPrefix("# zone +03:00\n<?xml"))
            let again = try #require(try recorded(job)?.schedule)
            let schedule = try #require(job.schedule)
            let far = Instant(microseconds: .max)
            let due = schedule.occurrences(after: testNow, through: far, limit: 40)
            #expect(due.count == 40)
            #expect(again.occurrences(after: testNow, through: far, limit: 40) == due)
            for occurrence in due {
                #expect(again.randomDelay(of: occurrence) == schedule.randomDelay(of: occurrence))
            }
        }
    }

    @Test("a task at local times is kept with its zone, also one with clock changes")
    func localTask() throws {
        let start = CivilDateTime(
            date: try #require(CivilDate(year: 2026, month: 1, day: 5)), secondOfDay: 9000)
        let trigger = try TaskTrigger(start: .local(start), recurrence: .daily(interval: 1))
        let newYork = try TestZones().zone(named: "America/New_York")
        var job = try #require(read("10 0 * * *  purge: POST /x").jobs.first)
        job.schedule = Schedule(.triggers([trigger]), zone: newYork, key: "purge")
        let due = job.schedule?.occurrences(after: testNow, through: Instant(microseconds: .max), limit: 400)
        let again = try #require(try recorded(job)?.schedule)
        #expect(again.occurrences(after: testNow, through: Instant(microseconds: .max), limit: 400) == due)
    }

    @Test(
        "a secret that stands in clear text is not kept",
        arguments: [
            "10 0 * * *  purge: POST /x 'header=X-Api-Key: 5ecret'",
            "10 0 * * *  purge: POST /x?token=5ecret",
            #"10 0 * * *  purge: POST /x 'body={"password": "5ecret"}'"#,
        ])
    func clearSecret(_ line: String) throws {
        var job = try #require(read(line).jobs.first)
        #expect(try #require(job.definitionText).contains("***"))
        let trigger = try TaskTrigger(
            start: TaskTrigger.Boundary(parsing: "2026-01-01T00:10:00Z"), recurrence: .daily(interval: 1))
        job.schedule = Schedule(.triggers([trigger]), zone: .utc, key: "purge")
        let text = try #require(job.definitionText)
        #expect(text.contains("***") && !text.contains("5ecret") && text.contains("<Task"))
    }

    @Test("a job that runs by hand only is due never, then as now")
    func byHand() throws {
        var job = try #require(read("10 0 * * *  purge: POST /x").jobs.first)
        job.schedule = nil
        #expect(try recorded(job) == nil)
    }

    @Test(
        "a definition that is not understood says why",
        arguments: [
            ("10 0 * * *  purge: POST /x tz=Atlantis/Capital", "no time zone is called “Atlantis/Capital”"),
            ("", "it defines no job"), ("# zone +03:00\n<Task", "it defines no job"),
            ("99 0 * * *  purge: POST /x", "minute 99 is outside 0–59"),
        ])
    func refusal(_ text: String, _ wanted: String) throws {
        do {
            let job = try Job.recorded(text, of: name("purge"), since: testNow, zones: TestZones())
            Issue.record("it was read: \(String(describing: job?.name))")
        } catch let error as DefinitionError {
            #expect(error.message == wanted || text.hasPrefix("# zone"), "\(error.message)")
        }
    }
}
