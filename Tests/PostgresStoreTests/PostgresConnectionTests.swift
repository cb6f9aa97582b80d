import CivilTime
import PostgresStore
import Records
import RunModel
import RunStoreConformance
import Testing

@Suite("the connection to PostgreSQL", .enabled(if: TestServer.isThere, TestServer.absence))
struct PostgresConnectionTests {
    @Test("a connection that the server ended is made again by the next call")
    func terminated() async throws {
        try await withMigratedDatabase { database, store in
            for _ in 1...3 {
                _ = try await store.summaries()
                try database.sql(backends("pg_terminate_backend(pid, 10000)", of: database))
                _ = try await store.summaries()
            }
        }
    }

    @Test("a database whose schema was made anew is not written to before it is met")
    func replaced() async throws {
        try await withMigratedDatabase { database, store in
            let job = StoreBench.purge
            #expect(await !store.meet())
            try await register([job], in: store)
            try database.sql(backends("pg_terminate_backend(pid, 10000)", of: database))
            _ = try await store.claim(StoreBench.claim(0, of: job))
            try database.sql("drop schema almanac cascade")
            let gone = await #expect(throws: StoreError.self) {
                try await store.claim(StoreBench.claim(1, of: job))
            }
            #expect(gone?.reason == .schema)
            let operatorsStore = try database.openStore()
            _ = try await operatorsStore.migrateUp()
            try await register([job], in: operatorsStore)
            await #expect(throws: StoreError.replaced) { try await store.claim(StoreBench.claim(1, of: job)) }
            #expect(try database.sql("select count(*) from almanac.runs") == ["0"])
            #expect(await store.meet())
            guard case .claimed = try await store.claim(StoreBench.claim(1, of: job)) else {
                Issue.record("not claimed"); return
            }
        }
    }

    @Test("calls that come at once share one connection")
    func oneConnection() async throws {
        try await withMigratedDatabase { database, store in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 1...20 { group.addTask { _ = try await store.summaries() } }
                try await group.waitForAll()
            }
            #expect(try database.sql(backends("count(*)", of: database)) == ["1"])
        }
    }

    @Test("writes that come at once share round trips; one that comes alone takes one")
    func roundTrips() async throws {
        try await withMigratedDatabase { database, store in
            let jobs = (0..<200).compactMap { JobName("job-\($0)") }
            try await register(jobs, in: store)
            // The first claim makes a connection; the others come meanwhile.
            await store.close()
            let before = await store.roundTrips
            try await withThrowingTaskGroup(of: Void.self) { group in
                for job in jobs {
                    group.addTask { _ = try await store.claim(claim(of: job)) }
                }
                try await group.waitForAll()
            }
            let crowd = await store.roundTrips
            #expect(crowd - before <= jobs.count / 4)
            _ = try await store.claim(claim(of: jobs[0]))
            #expect(await store.roundTrips == crowd + 1)
        }
    }

    @Test("when a connection breaks, all calls that share its transaction are told, and can be repeated")
    func brokenTogether() async throws {
        try await withMigratedDatabase { database, store in
            let jobs = (0..<100).compactMap { JobName("job-\($0)") }
            try await register(jobs, in: store)
            try database.sql(
                """
                create function almanac.end_session() returns trigger language plpgsql as
                    $$ begin perform pg_terminate_backend(pg_backend_pid()); return new; end $$;
                create trigger end_session before insert on almanac.runs for each row
                    when (new.job = 'job-7') execute function almanac.end_session()
                """)
            // The first claim makes a connection; the others come meanwhile.
            await store.close()
            let reasons = try await withThrowingTaskGroup(of: StoreError.Reason?.self) { group in
                for job in jobs {
                    group.addTask {
                        do throws(StoreError) {
                            _ = try await store.claim(claim(of: job))
                            return nil
                        } catch {
                            return error.reason
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let failures = reasons.compactMap(\.self)
            #expect(failures.count > 1)
            #expect(failures.allSatisfy { $0 == .unreachable })
            try database.sql("drop trigger end_session on almanac.runs")
            for job in jobs { _ = try await store.own(claim(of: job)) }
        }
    }

    @Test("no transaction is left open, neither by a call that was refused nor by a rehearsal")
    func idle() async throws {
        try await withMigratedDatabase { database, store in
            let claim = sampleClaim
            await #expect(throws: StoreError.self) { try await store.claim(claim) }
            #expect(try database.sql(backends("state", of: database)) == ["idle"])
            try await register([claim.run.job], in: store)
            _ = try await store.rehearse(claim)
            #expect(try database.sql(backends("state", of: database)) == ["idle"])
        }
    }

    @Test("a connection made while the database was read-only is not kept when it may be written again")
    func readOnly() async throws {
        try await withMigratedDatabase { database, store in
            let claim = sampleClaim
            try await register([claim.run.job], in: store)
            await store.close()
            let operators = TestServer.connectionString(database: nil)
            let setting = "alter database \(database.name)"
            try query(operators, "\(setting) set default_transaction_read_only = on")
            let error = await #expect(throws: StoreError.self) { try await store.own(claim) }
            try query(operators, "\(setting) reset default_transaction_read_only")
            #expect(error?.reason == .refused)
            // Also reading, which went well all the time, keeps no such connection.
            _ = try await store.summaries()
            _ = try await store.own(claim)
        }
    }

    @Test("a refusal of any kind ends the connection, and another error keeps it")
    func endedByRefusal() async throws {
        try await withMigratedDatabase { database, store in
            let claim = sampleClaim
            _ = try await store.summaries()
            let session = try database.sql(backends("pid", of: database))
            // Not registered, which is the caller's fault.
            await #expect(throws: StoreError.self) { try await store.own(claim) }
            #expect(try database.sql(backends("pid", of: database)) == session)
            try await register([claim.run.job], in: store)
            for state in ["25006", "42501", "53100", "P0001", "23514", "22023"] {
                try database.sql(Self.refusing(state))
                _ = try await store.summaries()
                let before = try database.sql(backends("pid", of: database))
                let error = await #expect(throws: StoreError.self) { try await store.own(claim) }
                #expect(error?.reason == .refused, "\(state)")
                #expect(error?.hint?.contains("bug") == false)
                #expect(state == "53100" || error?.hint?.contains("almanac.refuse() line 1 at RAISE") == true)
                _ = try await store.summaries()
                #expect(try database.sql(backends("pid", of: database)) != before, "\(state)")
            }
        }
    }

    @Test("calls that the database refuses together cost two transactions, not one each")
    func refusedTogether() async throws {
        try await withMigratedDatabase { database, store in
            let jobs = (0..<100).compactMap { JobName("job-\($0)") }
            try await register(jobs, in: store)
            try database.sql(Self.refusing("25006"))
            // The first claim makes a connection; the others come meanwhile.
            await store.close()
            let before = await store.roundTrips
            let reasons = await withTaskGroup(of: StoreError.Reason?.self) { group in
                for job in jobs {
                    group.addTask {
                        do throws(StoreError) {
                            _ = try await store.claim(claim(of: job))
                            return nil
                        } catch {
                            return error.reason
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(reasons == Array(repeating: .refused, count: jobs.count))
            #expect(await store.roundTrips - before <= jobs.count / 4)
        }
    }

    /// SQL after which no run can be made, for the reason that a SQLSTATE tells.
    private static func refusing(_ state: String) -> String {
        """
        create or replace function almanac.refuse() returns trigger language plpgsql as
            $$ begin raise exception sqlstate '\(state)' using message = 'not today'; end $$;
        create or replace trigger refuse before insert on almanac.runs for each row
            execute function almanac.refuse()
        """
    }

    @Test("while somebody holds a job's row, a call waits its turn, and then says that the database is busy")
    func busy() async throws {
        try await withMigratedDatabase { database, store in
            let claim = sampleClaim
            try await register([claim.run.job], in: store)
            try await database.holding("begin; select from almanac.jobs for update") {
                let error = await #expect(throws: StoreError.self) {
                    try await store.claim(claim)
                }
                #expect(error?.reason == .busy)
            }
            // The row is free now.
            _ = try await store.own(claim)
        }
    }

    @Test("the outcome of a run can be asked for in SQL")
    func question() async throws {
        try await withMigratedDatabase { database, store in
            let claim = sampleClaim
            try await register([claim.run.job], in: store)
            _ = try await store.claim(claim)
            let rows = try database.sql(
                """
                select concat_ws(
                    ' ', job, scheduled_for at time zone 'UTC', outcome is null, http_status is null)
                from almanac.runs
                """)
            #expect(rows == ["purge 2026-11-23 00:10:00 t t"])
        }
    }

    @Test("a database that does not exist, or a user that may not in, is refused with a hint")
    func refused() async throws {
        let store = try TestDatabase(name: "almanac_no_such_database").openStore()
        let error = await #expect(throws: StoreError.self) { try await store.summaries() }
        #expect(error?.reason == .refused)
        #expect(error?.message.contains("almanac_no_such_database") == true)
        #expect(error?.hint?.isEmpty == false)
    }

    /// A query of the sessions of stores on the database.
    private func backends(_ expression: String, of database: TestDatabase) -> String {
        """
        select \(expression) from pg_stat_activity
        where datname = '\(database.name)' and application_name = '\(database.applicationName)'
        """
    }

    private func withMigratedDatabase(
        _ body: (TestDatabase, PostgresRunStore) async throws -> Void
    ) async throws {
        try await withDatabase { database in
            let store = try database.openStore()
            _ = try await store.migrateUp()
            try await body(database, store)
        }
    }

    private func register(_ jobs: [JobName], in store: PostgresRunStore) async throws {
        _ = try await store.register(
            jobs.map { JobRegistration(job: $0, configHash: "1") }, by: nil, now: sampleClaim.run.dueAt)
    }

    private var sampleClaim: Claim {
        guard let job = JobName("purge") else { preconditionFailure("purge is a job's name") }
        return claim(of: job)
    }

    private func claim(of job: JobName) -> Claim {
        let at = Instant(seconds: 1_795_392_600)
        let run = RunRecord(
            id: RunID(job: job, scheduledFor: at), job: job, trigger: .schedule, scheduledFor: at, dueAt: at,
            state: .claimed, host: HostID("alpha/1"), configHash: "1", createdAt: at)
        return Claim(run: run, isExclusive: true, lease: .seconds(60))
    }
}

@Suite("a database that is away")
struct PostgresOutageTests {
    @Test("a server that does not answer is unreachable, and is not asked again at once")
    func unreachable() async throws {
        // Port 1 of loopback: refused at once wherever nobody serves TCPMUX.
        let store = try PostgresRunStore(
            connectionString: "postgres://someone:s3cret@127.0.0.1:1/almanac", applicationName: "almanac test"
        )
        let first = await #expect(throws: StoreError.self) { try await store.summaries() }
        #expect(first?.reason == .unreachable)
        #expect(first?.message.contains("127.0.0.1") == true)
        #expect(first?.message.contains("s3cret") == false)
        #expect(first?.hint?.isEmpty == false)
        let second = await #expect(throws: StoreError.self) { try await store.summaries() }
        #expect(second == first)
    }
}
