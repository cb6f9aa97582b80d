import CivilTime
import PostgresStore
import Records
import RunModel
import RunStoreConformance
import Testing

@Suite("several at once in PostgreSQL", .enabled(if: TestServer.isThere, TestServer.absence))
struct PostgresContentionTests {
    private static let host = HostID("alpha/1")
    private static let long = Instant(seconds: 1_000_000_000)

    @Test("pruning, ends and takeovers at once leave each run with one end, and nothing live is pruned")
    func pruningAtOnce() async throws {
        try await withJob { database, store, job in
            // Each run was claimed long ago with a lease that has run out, and ends long ago.
            for number in Int64(0)..<60 { _ = try await own(number, of: job, in: store) }
            let stores = try (0..<4).map { _ in try database.openStore() }
            let ended = try await withThrowingTaskGroup(of: Int.self) { group in
                for store in stores[..<2] {
                    group.addTask { try await endAll(taking: 7, with: store) }
                }
                for store in stores[2...] {
                    group.addTask {
                        for _ in 1...40 { _ = try await store.prune(Retention(), limit: 5) }
                        return 0
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(ended == 60)
            while try await !store.prune(Retention(), limit: 5).isEmpty {}
            #expect(try await store.history(HistoryQuery(limit: 1)) == [])
            let pruned = try database.sql("select pruned_until = last_scheduled_for from almanac.jobs")
            #expect(pruned == ["t"])
            for number in Int64(0)..<60 {
                let again = try await stores[0].claim(claim(number, of: job))
                #expect(again == .alreadyDecided)
            }
        }
    }

    @Test(
        "after an outage all runs without a host are taken over, more than a batch, in the order they were due"
    )
    func orphans() async throws {
        try await withJob { database, store, job in
            try database.sql(
                """
                insert into almanac.runs (run_id, job, trigger, dry_run, scheduled_for, occurrences, due_at, state,
                    attempts, attempts_max, host, config_hash, created_at, exclusive, fence, lease_until)
                select gen_random_uuid(), 'purge', 'schedule', false, at, 1, at, 'claimed', 0, 1, 'gone', '1',
                    at, false, 1, at
                from generate_series(timestamptz '2026-01-01', '2026-01-02', interval '1 minute') as at
                """)
            var due: [Instant] = []
            while true {
                let taken = try await store.takeOver(
                    host: Self.host, hostRestarted: false, except: [], lease: .seconds(600), limit: 100)
                if taken.isEmpty { break }
                due += taken.map(\.record.dueAt)
            }
            #expect(due.count == 1441)
            #expect(due == due.sorted())
        }
    }

    @Test("hosts that note a new catalog at once note each definition once, and none of them fails")
    func registeringAtOnce() async throws {
        try await withJob { database, _, _ in
            let stores = try (0..<3).map { _ in try database.openStore() }
            let names = (0..<40).compactMap { JobName("job\($0)") }
            for round in Int64(1)...20 {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for (number, store) in stores.enumerated() {
                        let jobs = names.map { JobRegistration(job: $0, configHash: "\(round)") }
                        group.addTask {
                            _ = try await store.register(
                                number == 1 ? jobs.reversed() : jobs, by: HostID("host/\(number)"),
                                now: Self.long + .seconds(round))
                        }
                    }
                    try await group.waitForAll()
                }
            }
            let noted = try database.sql("select count(*) from almanac.definitions where job <> 'purge'")
            #expect(noted == ["800"])
        }
    }

    @Test("somebody who holds a job's row holds back that job alone, and loses nothing by it")
    func heldRow() async throws {
        try await withJob { database, store, job in
            let other = try #require(JobName("voice-refresh"))
            _ = try await store.register(
                [JobRegistration(job: other, configHash: "1")], by: nil, now: Self.long)
            let heartbeat = Heartbeat(
                host: Self.host, instance: DaemonInstance(number: "1"), version: "1", startedAt: Self.long,
                at: Self.long, catalogHash: "1", jobs: 2,
                nextDue: [job: Self.long])
            let held = claim(0, of: job)
            try await database.holding("begin; select from almanac.jobs where job = 'purge' for update") {
                let error = await #expect(throws: StoreError.self) {
                    try await store.claim(held)
                }
                #expect(error?.reason == .busy)
                // The query of the hint finds who it is, although we wait no more.
                let question = try #require(error?.hint?.split(separator: ": ").last)
                let holder = "select state from (\(question)) as found"
                #expect(try database.sql(holder).contains("idle in transaction"))
                _ = try await own(0, of: other, in: store)
                let late = await #expect(throws: StoreError.self) { try await store.heartbeat(heartbeat) }
                #expect(late?.reason == .busy)
                #expect(try await store.hosts().map(\.isAlive) == [true])
                _ = try await store.prune(Retention(), limit: 10)
            }
            _ = try await store.heartbeat(heartbeat)
            _ = try await own(0, of: job, in: store)
            #expect(try await store.claim(claim(0, of: job)) != .alreadyDecided)
            #expect(try database.sql("select count(*) from almanac.runs where job = 'purge'") == ["1"])
            #expect(
                try database.sql("select next_due_at is not null from almanac.jobs where job = 'purge'")
                    == ["t"])
        }
    }

    @Test("somebody who holds a job's row keeps its runs alone from being taken over")
    func heldJob() async throws {
        try await withJob { database, store, job in
            let other = try #require(JobName("voice-refresh"))
            _ = try await store.register(
                [JobRegistration(job: other, configHash: "1")], by: nil, now: Self.long)
            for name in [job, other] {
                _ = try await own(0, of: name, in: store)
            }
            try await database.holding("begin; select from almanac.jobs where job = 'purge' for update") {
                let taken = try await store.takeOver(
                    host: Self.host, hostRestarted: false, except: [], lease: .seconds(60), limit: 10)
                #expect(taken.map(\.record.job) == [other])
            }
            let taken = try await store.takeOver(
                host: Self.host, hostRestarted: false, except: [], lease: .seconds(60), limit: 10)
            #expect(taken.map(\.record.job) == [job])
            #expect(try database.sql("select fence from almanac.jobs order by job") == ["2", "2"])
        }
    }

    @Test("a request that starts while a takeover waits for its job's row may have been sent")
    func lateStart() async throws {
        try await withJob { database, store, job in
            let owned = try await own(0, of: job, in: store)
            let taker = try database.openStore()
            let waiting = """
                select count(*) from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock'
                """
            var taking: Task<[AbandonedRun], any Error>?
            try await database.holding("begin; select from almanac.jobs where job = 'purge' for update") {
                taking = Task {
                    // Each try waits for a while only.
                    while true {
                        let taken = try await taker.takeOver(
                            host: Self.host, hostRestarted: false, except: [], lease: .seconds(60), limit: 10)
                        if !taken.isEmpty { return taken }
                    }
                }
                while try database.sql(waiting) == ["0"] { await Task.yield() }
                #expect(try await store.startAttempt(owned, number: 1, at: Self.long))
            }
            #expect(try await taking?.value.map(\.requestMayHaveBeenSent) == [true])
        }
    }

    @Test("a host that was silent for three minutes is gone, and after a month forgotten")
    func silence() async throws {
        try await withJob { database, store, _ in
            for name in ["alpha/1", "beta/1", "gamma/1"] {
                _ = try await store.heartbeat(heartbeat(of: HostID(name)))
            }
            try database.sql(
                """
                update almanac.hosts set seen_at = seen_at - case host
                    when 'beta/1' then interval '181 seconds' else interval '31 days' end where host > 'b'
                """)
            #expect(try await store.hosts().map(\.isAlive) == [true, false, false])
            let known = try await store.heartbeat(heartbeat(of: HostID("alpha/1")))
            #expect(known.map(\.host.description) == ["alpha/1", "beta/1"])
        }
    }

    @Test("a heartbeat sets when jobs are due next, and a job without a next occurrence has none")
    func nextDue() async throws {
        try await withJob { database, store, job in
            let due = "select concat_ws(' ', job, extract(epoch from next_due_at)::bigint) from almanac.jobs"
            _ = try await store.heartbeat(heartbeat(of: Self.host, nextDue: [job: Self.long]))
            #expect(try database.sql(due) == ["purge 1000000000"])
            _ = try await store.heartbeat(heartbeat(of: Self.host))
            #expect(try database.sql(due) == ["purge 1000000000"])
            let gone: [JobName: Instant?] = [job: nil]
            _ = try await store.heartbeat(heartbeat(of: Self.host, nextDue: gone))
            #expect(try database.sql(due) == ["purge"])
        }
    }

    /// Takes over runs and ends them long ago, until there are none; answers how many.
    private func endAll(taking limit: Int, with store: PostgresRunStore) async throws -> Int {
        var count = 0
        while true {
            let taken = try await store.takeOver(
                host: Self.host, hostRestarted: false, except: [], lease: .seconds(600), limit: limit)
            if taken.isEmpty { return count }
            for run in taken {
                let end = Completion(outcome: .unknown, reason: .lost, finishedAt: Self.long)
                if try await store.finish(run.owned, end) { count += 1 }
            }
        }
    }

    private func withJob(
        _ body: (TestDatabase, PostgresRunStore, JobName) async throws -> Void
    ) async throws {
        try await withDatabase { database in
            let store = try database.openStore()
            _ = try await store.migrateUp()
            let job = try #require(JobName("purge"))
            let registration = JobRegistration(job: job, configHash: "1")
            _ = try await store.register([registration], by: nil, now: Self.long)
            try await body(database, store, job)
        }
    }

    private func heartbeat(of host: HostID, nextDue: [JobName: Instant?] = [:]) -> Heartbeat {
        Heartbeat(
            host: host, instance: DaemonInstance(number: "1"), version: "1", startedAt: Self.long,
            at: Self.long, catalogHash: "1", jobs: 1,
            nextDue: nextDue)
    }

    private func own(
        _ number: Int64, of job: JobName, in store: PostgresRunStore
    ) async throws -> OwnedRun {
        try await store.own(claim(number, of: job))
    }

    private func claim(_ number: Int64, of job: JobName) -> Claim {
        let at = Self.long + .seconds(60 + number)
        let run = RunRecord(
            id: RunID(job: job, scheduledFor: at), job: job, trigger: .schedule, scheduledFor: at, dueAt: at,
            state: .claimed, host: Self.host, configHash: "1", createdAt: at)
        return Claim(run: run, isExclusive: false, lease: .zero)
    }
}
