import CivilTime
import JobCatalog
import RandomInput
import Scheduling
import Testing

@Suite struct JobTests {
    private static let line = "10 0 * * *  purge:  POST /api/cron/purge_old  as=admin accept=200,204"

    private func job(_ line: String) throws -> Job {
        let file = read(line)
        #expect(file.diagnostics.filter { $0.severity == .error } == [], "\(line)")
        return try #require(file.jobs.first)
    }

    @Test("the identity of a definition is the same in every process")
    func pinnedHash() throws {
        #expect(try job(Self.line).configHash == "98f140c13e6cb4e240629d5efa2ea9ea")
    }

    @Test("spelling, place and file do not change the identity of a definition")
    func sameHash() throws {
        let hash = try job(Self.line).configHash
        #expect(
            try job("# x\n10 00 * * * purge: POST /api/cron/purge_old accept=204,200 as=admin").configHash
                == hash)
        #expect(try job("CRON_TZ=UTC\n" + Self.line + " retry=2 timeout=1m").configHash == hash)
    }

    @Test("each fact of a definition changes its identity")
    func everyFact() throws {
        let lines =
            [
                Self.line, "11" + Self.line.dropFirst(2), Self.line.replacing("POST", with: "PUT"),
                Self.line.replacing("purge_old", with: "purge"), Self.line.replacing("as=admin", with: ""),
                Self.line.replacing("accept=200,204", with: ""),
            ]
            + [
                "decline=503", "retry=3", "backoff=1s", "timeout=2m", "deadline=1h", "overlap=queue",
                "catch-up=all",
                "catch-up-window=1h", "jitter=1s", "tz=+03:00", "header='A: b'", "header='A: c'", "body=x",
                "body=", "enabled=no", "overdue-after=1h", "retry-on=unsent", "on-demand=no",
            ].map { Self.line + " " + $0 }
        let hashes = try lines.map { try job($0).configHash }
        #expect(Set(hashes).count == lines.count)
    }

    @Test("task triggers that differ in one fact make different identities")
    func triggers() throws {
        let day = try #require(CivilDate(year: 2026, month: 1, day: 1))
        func time(_ hour: Int) -> CivilDateTime {
            CivilDateTime(secondsSinceEpoch: Int64(day.dayNumber * 86400 + hour * 3600))
        }
        let triggers = try [
            TaskTrigger(start: .local(time(1)), recurrence: .once),
            TaskTrigger(start: .local(time(2)), recurrence: .once),
            TaskTrigger(start: .fixed(time(1), offset: 0), recurrence: .once),
            TaskTrigger(start: .fixed(time(1), offset: 60), recurrence: .once),
            TaskTrigger(start: .local(time(1)), end: .local(time(9)), recurrence: .once),
            TaskTrigger(start: .local(time(1)), recurrence: .daily(interval: 1)),
            TaskTrigger(start: .local(time(1)), recurrence: .daily(interval: 2)),
            TaskTrigger(start: .local(time(1)), recurrence: .weekly(interval: 1, weekdays: [1])),
            TaskTrigger(start: .local(time(1)), recurrence: .weekly(interval: 1, weekdays: [2])),
            TaskTrigger(start: .local(time(1)), recurrence: .monthly(days: [1], lastDay: false, months: [1])),
            TaskTrigger(start: .local(time(1)), recurrence: .monthly(days: [1], lastDay: true, months: [1])),
            TaskTrigger(
                start: .local(time(1)), recurrence: .once, repetition: .init(interval: .seconds(60))),
            TaskTrigger(
                start: .local(time(1)), recurrence: .once,
                repetition: .init(interval: .seconds(60), duration: .seconds(600))),
            TaskTrigger(start: .local(time(1)), recurrence: .once, randomDelay: .seconds(60)),
            TaskTrigger(start: .local(time(1)), recurrence: .once, isEnabled: false),
        ]
        let base = try job(Self.line)
        let hashes = triggers.map { trigger in
            var job = base
            job.schedule = Schedule(.triggers([trigger]), zone: .utc, key: "purge")
            return job.configHash
        }
        #expect(Set(hashes).count == triggers.count)
    }

    @Test("a job as a line is the shortest that says it")
    func cronLine() throws {
        #expect(
            try job(Self.line).cronLine
                == "10 0 * * *  purge:  POST /api/cron/purge_old as=admin accept=200,204")
        #expect(
            try job("@daily a: GET https://h/x tz=+03:00 header='A: b \"c\"' body=\"it's\\n\"").cronLine
                == #"0 0 * * *  a:  GET https://h/x tz=+03:00 "header=A: b \"c\"" "body=it's\n""#)
    }

    @Test("a job that no line can say has none")
    func noCronLine() throws {
        var job = try job(Self.line)
        job.request.headers = []
        #expect(job.cronLine == nil)
        job.schedule = nil
        #expect(job.cronLine == nil)
    }

    @Test("the line of a job gives the same job again")
    func roundTrip() throws {
        var random = SeededRandom(seed: 9)
        for _ in 0..<3000 {
            let line = Self.randomLine(&random)
            let first = try job(line)
            var second = try job(try #require(first.cronLine, "\(line)"))
            #expect(second.configHash == first.configHash, "\(line)")
            second.source = first.source
            #expect(second == first, "\(line)")
        }
    }

    private static func randomLine(_ random: inout SeededRandom) -> String {
        let choices: [[String]] = [
            ["as=admin", "as=none", "as=superadmin", "as=8b1e7f7e-0001-4000-8000-00000000000a"],
            ["accept=200,204", "accept=2xx", "accept=200-250,260"], ["decline=503", "decline=5xx,404"],
            ["retry=0", "retry=100"], ["backoff=1s..10m", "backoff=90s", "backoff=1.5s..2s"],
            ["timeout=PT90M", "timeout=1d"], ["deadline=1h"], ["overlap=allow", "overlap=replace"],
            ["catch-up=latest", "catch-up=all"], ["catch-up-window=2d"], ["jitter=0s", "jitter=5m"],
            ["tz=+03:00", "tz=UTC", "tz=+05:45"],
            [
                "header='X-Job-Token: ${JOB_TOKEN}'", "header='A: $ $$ $$$ $${x} $$${Y}'",
                "header='X-Other-ID: ${ADMIN_USER_UUID}'",
            ],
            [#"header="B: \"q\" \\ 'x'""#, "header=B:"],
            [#"body="a\tb\n\"\\ # ''""#, "body=#", "body='${A}$${B}$$${C}$$$${D} ä€'", "body="],
            ["enabled=no", "enabled=yes"], ["overdue-after=3h"], ["retry-on=unsent", "retry-on=any"],
            ["on-demand=no", "on-demand=yes"],
        ]
        let schedule = random.pick([
            "10 0 * * *", "@every 90s", "H H * * *", "*/7 1-3 L 2 *", "0 0 1 * +1", "5 0 0 * * 1#2",
        ])
        let target = random.pick([
            "/x", "/", "/x?y='z'", "https://h/x", "http://[::1]:8/x", "${API_BASE_URL}x", "${API_BASE_URL}",
            "/${ADMIN_USER_UUID}",
        ])
        var options = choices.filter { _ in random.oneIn(3) }.map { random.pick($0) }
        options.shuffle(using: &random)
        return ([schedule, "job-1:", random.pick(["GET", "POST"]), target] + options).joined(separator: " ")
    }
}
