import CivilTime
import JobCatalog
import PostgresStore
import RandomInput
import Records
import RunEngine
import RunModel
import RunStoreConformance
import Scheduling
import Testing

@Suite("the views in PostgreSQL", .enabled(if: TestServer.isThere, TestServer.absence))
struct PostgresViewsTests {
    private static let host = HostID("alpha/1")

    @Test("what is overdue in SQL is what health says is overdue", arguments: 1...4)
    func agreement(seed: Int) async throws {
        try await withClock { database, store, now in
            var random = SeededRandom(seed: seed)
            var jobs: [Job] = []
            for number in 0..<60 {
                let job = try hourly("j\(number)", at: now)
                try await populate(job, in: store, now: now, &random)
                jobs.append(job)
            }
            var wanted: [String] = []
            let summaries = try await store.summaries(until: now)
            let pauses = try await store.pauses()
            var facts = HealthFacts(
                host: Self.host, version: "1", storeKind: "postgres", startedAt: now,
                catalog: Catalog(jobs: jobs, zoneData: nil))
            facts.learn(summaries)
            _ = try await store.heartbeat(
                facts.heartbeat(at: now, isStopping: false, moved: jobs.map(\.name)))
            for (job, summary) in zip(jobs.sorted { $0.name < $1.name }, summaries) {
                let status = JobStatus(job: job, summary: summary, pauses: pauses, now: now)
                guard let due = status.overdueSince else { continue }
                // Of several that nobody decided SQL knows the first alone.
                var at = due > summary.watermark ? job.next(after: summary.watermark)?.instant : due
                // Of a row that reaches into the future the first.
                if let newest = summary.lastOccurrence, newest.scheduledUntil ?? .earliest > now {
                    at = newest.scheduledFor
                }
                let minutes = at.map { ($0 - now).components.seconds / 60 } ?? 0
                wanted.append("\(job.name) \(minutes) \(status.pause != nil)")
            }
            let found = try database.sql(
                """
                select concat_ws(' ', job, trunc(extract(epoch from due_at - to_timestamp(\(now.seconds))) / 60),
                    case when paused then 'true' else 'false' end)
                from almanac.overdue order by job collate "C"
                """)
            #expect(found == wanted)
            #expect(wanted.count > 5 && wanted.count < 55, "the test shows little")
        }
    }

    @Test("rows of a clock that was ahead do not make a job well")
    func future() async throws {
        try await withClock { database, store, now in
            let job = try hourly("purge", at: now)
            _ = try await store.register([registration(job)], by: Self.host, now: now - .seconds(86_400))
            try await store.record([row(job, occurrence(2, at: now), .succeeded, nil)])
            var early = row(job, occurrence(1, at: now), .succeeded, nil)
            early.finishedAt = now + .seconds(3600)
            try await store.record([early])
            let question = "select why from almanac.overdue"
            #expect(try database.sql(question) == ["its run has not ended"])
            try await store.record([row(job, occurrence(-1, at: now), .succeeded, nil)])
            #expect(try database.sql(question) == ["its run has not ended"])
            try await store.record([row(job, occurrence(0, at: now), .succeeded, nil)])
            #expect(try database.sql(question) == [])
        }
    }

    @Test("a job that nobody decides is overdue although every daemon is dead, and says who was there last")
    func nobody() async throws {
        try await withClock { database, store, now in
            let job = try hourly("purge", at: now)
            _ = try await store.register([registration(job)], by: Self.host, now: now - .seconds(86_400))
            var heartbeat = HealthFacts(
                host: Self.host, version: "1", storeKind: "postgres", startedAt: now,
                catalog: Catalog(jobs: [job], zoneData: nil)
            ).heartbeat(at: now, isStopping: false, moved: [])
            let due = now - .seconds(7200)
            heartbeat.nextDue = [job.name: due]
            _ = try await store.heartbeat(heartbeat)
            let question = """
                select concat_ws('; ', why, last_host, overdue_since - due_at, last_outcome, paused)
                from almanac.overdue
                """
            #expect(try database.sql(question) == ["nobody decided it; alpha/1; 00:05:00; f"])
            heartbeat.nextDue = [job.name: now - .seconds(60)]
            _ = try await store.heartbeat(heartbeat)
            #expect(try database.sql(question) == [])
        }
    }

    @Test(
        "a daemon that dies just after the next occurrence was decided leaves behind when the following is due"
    )
    func following() async throws {
        try await withClock { database, store, now in
            let job = try hourly("purge", at: now)
            _ = try await store.register([registration(job)], by: Self.host, now: now - .seconds(86_400))
            _ = try await store.heartbeat(
                Heartbeat(
                    host: Self.host, instance: DaemonInstance(number: "1"), version: "1", startedAt: now,
                    at: now, catalogHash: "1", jobs: 1,
                    nextDue: [job.name: occurrence(5, at: now)],
                    followingDue: [job.name: occurrence(4, at: now)]))
            let due =
                "select extract(epoch from due_at)::bigint from almanac.overdue where why = 'nobody decided it'"
            for (decided, following) in [(Int64(5), Int64(4)), (4, 3), (2, 1)] {
                try await store.record([row(job, occurrence(decided, at: now), .succeeded, nil)])
                #expect(try database.sql(due) == [String(occurrence(following, at: now).seconds)])
            }
            try await store.record([row(job, occurrence(0, at: now), .succeeded, nil)])
            #expect(try database.sql(due) == [])
        }
    }

    @Test("a job whose newest run has not ended is overdue for that, however the run before it ended")
    func unfinished() async throws {
        try await withClock { database, store, now in
            let job = try hourly("purge", at: now)
            _ = try await store.register([registration(job)], by: Self.host, now: now - .seconds(86_400))
            try await store.record([row(job, occurrence(2, at: now), .succeeded, nil)])
            var run = row(job, occurrence(1, at: now), .succeeded, nil)
            (run.state, run.outcome, run.finishedAt) = (.claimed, nil, nil)
            _ = try await store.own(Claim(run: run, isExclusive: false, lease: .seconds(60)))
            let question = "select concat_ws('; ', why, last_outcome) from almanac.overdue"
            #expect(try database.sql(question) == ["its run has not ended; succeeded"])
        }
    }

    @Test("a job whose definition was changed owes nothing for the schedule it had")
    func changed() async throws {
        try await withClock { database, store, now in
            let job = try hourly("purge", at: now)
            var registration = registration(job)
            _ = try await store.register([registration], by: Self.host, now: now - .seconds(86_400))
            try await store.record([row(job, occurrence(2, at: now), .failed, .status)])
            let question = "select why from almanac.overdue"
            #expect(try database.sql(question) == ["the last run failed (status)"])
            registration.configHash = "other"
            _ = try await store.register([registration], by: Self.host, now: now)
            #expect(try database.sql(question) == [])
        }
    }

    @Test("history tells in words what ran, and how long it took")
    func history() async throws {
        try await withClock { database, store, now in
            let job = try hourly("purge", at: now)
            _ = try await store.register([registration(job)], by: Self.host, now: now - .seconds(86_400))
            var run = row(job, occurrence(2, at: now), .succeeded, nil)
            run.startedAt = run.dueAt
            run.attempts = 1
            run.httpStatus = 204
            try await store.record([run])
            let found = try database.sql(
                """
                select concat_ws(' ', job, trigger, outcome, reason, http_status, attempts, host, duration)
                from almanac.history order by decided desc
                """)
            #expect(found == ["purge schedule succeeded 204 1 alpha/1 00:00:01"])
        }
    }

    @Test("neither view reads the whole history")
    func plans() async throws {
        try await withClock { database, store, _ in
            try database.sql(PostgresPlanTests.longHistory)
            try database.sql(
                """
                update almanac.jobs set overdue_after = '5 minutes';
                analyze almanac.jobs, almanac.runs, almanac.attempts
                """)
            for question in [
                "select * from almanac.overdue",
                "select * from almanac.history where job = 'purge' order by decided desc limit 10",
            ] {
                let plan = try database.sql("explain " + question)
                #expect(!plan.contains { $0.contains("Seq Scan on runs") }, "\(plan)")
            }
            let rare =
                "select * from almanac.history where outcome = 'unknown' order by decided desc limit 10"
            let plan = try database.sql("explain " + rare)
            #expect(plan.contains { $0.contains("Index Cond: (outcome = 'unknown'::text)") }, "\(plan)")
        }
    }

    /// A job that is due each hour, half an hour from now at the nearest, and must have ended well 5 minutes later.
    private func hourly(_ name: String, at now: Instant) throws -> Job {
        struct OnlyUTC: ZoneSource {
            let dataVersion: String? = nil
            let machineZone: Zone? = nil
            func zone(named name: String) throws(ZoneLookupError) -> Zone { .utc }
        }
        let minute = (now.seconds / 60 + 30) % 60
        let line = "\(minute) * * * * \(name): POST https://example.org/x overdue-after=5m"
        let file = ScheduleFile(Array(line.utf8), file: "t.cron", zones: OnlyUTC(), now: now)
        return try #require(file.jobs.first, "\(file.diagnostics.map(\.rendered))")
    }

    /// The occurrence of `hourly` that was so many hours and half an hour ago, about.
    private func occurrence(_ hours: Int64, at now: Instant) -> Instant {
        Instant(seconds: (now.seconds / 60 - 30) * 60) - .seconds(3600 * hours)
    }

    private func registration(_ job: Job) -> JobRegistration {
        JobRegistration(job: job.name, configHash: job.configHash, overdueAfter: job.policy.overdueGrace)
    }

    private func row(_ job: Job, _ at: Instant, _ outcome: Outcome, _ reason: Reason?) -> RunRecord {
        RunRecord(
            id: RunID(job: job.name, scheduledFor: at), job: job.name, trigger: .schedule, scheduledFor: at,
            dueAt: at, state: .finished, outcome: outcome, reason: reason, host: Self.host,
            // A row that is made later than now is refused.
            configHash: job.configHash, createdAt: at - .seconds(86_400), finishedAt: at + .seconds(1))
    }

    /// Gives the job a past of some hours: what became of each occurrence, runs by hand, a pause, or nobody there.
    private func populate(
        _ job: Job, in store: PostgresRunStore, now: Instant, _ random: inout SeededRandom
    ) async throws {
        let oldest = Int64.random(in: 0...5, using: &random)
        // A job is known some time before its first occurrence.
        _ = try await store.register(
            [registration(job)], by: nil, now: occurrence(oldest, at: now) - .seconds(600))
        try await define(job, in: store)
        let last = Int64.random(in: 0...oldest, using: &random)
        for hours in (last...oldest).reversed() {
            let at = occurrence(hours, at: now)
            switch Int.random(in: 0..<9, using: &random) {
            case 0...2: try await store.record([row(job, at, .succeeded, nil)])
            case 3: try await store.record([row(job, at, .failed, .status)])
            case 4: try await store.record([row(job, at, .declined, .status)])
            case 5: try await store.record([row(job, at, .missed, .down)])
            case 6: try await store.record([row(job, at, .skipped, .paused)])
            case 7:
                var run = row(job, at, .succeeded, nil)
                (run.state, run.outcome, run.finishedAt) = (.claimed, nil, nil)
                _ = try await store.claim(
                    Claim(run: run, isExclusive: false, lease: .seconds(60)))
            default: return
            }
            guard hours == last, Int.random(in: 0..<4, using: &random) == 0 else { continue }
            var byHand = row(job, at + .seconds(900), .succeeded, nil)
            byHand.id = RunID(random: UInt128.random(in: 0 ... .max, using: &random))
            byHand.trigger = .manual
            byHand.scheduledFor = nil
            if Bool.random(using: &random) {
                (byHand.outcome, byHand.reason) = (.failed, .connect)
            }
            try await store.record([byHand])
        }
        if Int.random(in: 0..<4, using: &random) == 0 {
            // A clock was ahead by some hours: it missed what is due until then, and ran the next.
            var missed = row(job, occurrence(last - 1, at: now), .missed, .down)
            missed.occurrences = Int(last) + 2
            missed.scheduledUntil = occurrence(-2, at: now)
            missed.finishedAt = occurrence(-3, at: now)
            try await store.record([missed, row(job, occurrence(-3, at: now), .succeeded, nil)])
        }
        guard Int.random(in: 0..<6, using: &random) == 0 else { return }
        // After the newest occurrence, also at a full minute.
        try await store.pause(Pause(scope: .job(job.name), at: now - .seconds(1740), by: "amina"))
    }

    /// Puts the job's definition in force, without taking out those of other jobs: a host of its own.
    private func define(_ job: Job, in store: PostgresRunStore) async throws {
        _ = try await store.register(
            [registration(job)], by: HostID("\(job.name)/1"), now: Instant(seconds: 0))
    }

    private func withClock(
        _ body: (TestDatabase, PostgresRunStore, Instant) async throws -> Void
    ) async throws {
        try await withDatabase { database in
            let store = try database.openStore()
            _ = try await store.migrateUp()
            let now = try #require(Int64(database.sql("select floor(extract(epoch from now()))::bigint")[0]))
            try await body(database, store, Instant(seconds: now))
        }
    }
}
