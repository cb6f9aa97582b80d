import CivilTime
import Records
import RunModel
import Testing

@testable import PostgresStore

@Suite("how PostgreSQL finds rows", .enabled(if: TestServer.isThere, TestServer.absence))
struct PostgresPlanTests {
    @Test("no statement reads the whole history")
    func plans() async throws {
        try await withLongHistory { database in
            for (what, statement, parameters) in Self.statements {
                let plan = try explain(Statement(sql: statement, parameters: parameters), in: database)
                #expect(!plan.isEmpty)
                #expect(!plan.contains("Seq Scan on runs"), "\(what): \(plan)")
                #expect(!plan.contains("Seq Scan on attempts"), "\(what): \(plan)")
            }
        }
    }

    @Test("each form of the history has its index, whose order is the answer's, and looks at no other row")
    func history() async throws {
        try await withLongHistory { database in
            for (query, index) in try Self.queries {
                let statement = Statements.history(query)
                // Also by a plan that knows neither the job nor the outcome, as some poolers make it.
                for mode in ["force_custom_plan", "force_generic_plan"] {
                    let plan = try explain(statement, in: database, options: "analyze, ", mode: mode)
                    #expect(plan.contains(" using \(index) on runs"), "\(query): \(plan)")
                    #expect(!plan.contains("Sort"), "\(query): \(plan)")
                    #expect(!plan.contains("Rows Removed"), "\(query): \(plan)")
                }
            }
        }
    }

    @Test("the marks of jobs are found by the index of each job, and the newest rows are counted by theirs")
    func marks() async throws {
        try await withLongHistory { database in
            let asked: [(String, [String], String)] = [
                (Statements.lastMarks, ["{gone,purge}", "2026-11-20T00:00:00Z", "60"], "runs_of_job"),
                (
                    Statements.endedMarks, ["{gone,purge}", "{failed,missed}", Self.time, "48"],
                    "runs_of_job_by_outcome"
                ),
                (Statements.tally, [Self.time, "100"], "runs_newest"),
            ]
            for (sql, parameters, index) in asked {
                for mode in ["force_custom_plan", "force_generic_plan"] {
                    let statement = Statement(sql: sql, parameters: parameters)
                    let plan = try explain(statement, in: database, options: "analyze, ", mode: mode)
                    #expect(plan.contains(" using \(index) on runs"), "\(plan)")
                    #expect(!plan.contains("Rows Removed"), "\(plan)")
                }
            }
        }
    }

    @Test("the view of what is overdue looks once at the history of a job that is well")
    func overdue() async throws {
        try await withLongHistory { database in
            try database.sql(
                """
                update almanac.jobs set overdue_after = interval '1 hour', last_scheduled_for = '2026-11-15 00:00Z',
                    next_due_at = now() + interval '1 minute', following_due_at = now() + interval '2 minutes'
                where job = 'purge'
                """)
            let view = Statement(sql: "select * from almanac.overdue", parameters: [])
            let plan = try explain(view, in: database, options: "analyze, ")
            let looks = plan.split(separator: "\n").filter { $0.contains(" on runs") }
            #expect(looks.count == 4 && looks.count { $0.contains("(never executed)") } == 3, "\(plan)")
        }
    }

    /// Every form, among them outcomes that never were and a job whose runs are long over.
    private static var queries: [(HistoryQuery, String)] {
        get throws {
            let purge = try #require(JobName("purge"))
            let gone = try #require(JobName("gone"))
            let day = Instant(seconds: 1_793_491_200)
            return [
                (HistoryQuery(limit: 20), "runs_newest"),
                (HistoryQuery(since: day, until: day + .seconds(86_400), limit: 2000), "runs_newest"),
                (HistoryQuery(job: gone, limit: 20), "runs_of_job"),
                (HistoryQuery(job: purge, until: day, limit: 20), "runs_of_job"),
                (HistoryQuery(outcome: .unknown, limit: 20), "runs_of_outcome"),
                (HistoryQuery(since: day, outcome: .failed, limit: 20), "runs_of_outcome"),
                (HistoryQuery(outcome: .succeeded, limit: 20), "runs_newest"),
                (HistoryQuery(job: purge, outcome: .unknown, limit: 20), "runs_of_job_by_outcome"),
                (HistoryQuery(job: gone, outcome: .succeeded, limit: 20), "runs_of_job_by_outcome"),
                (
                    HistoryQuery(job: purge, since: day, outcome: .succeeded, limit: 20),
                    "runs_of_job_by_outcome"
                ),
            ]
        }
    }

    private func withLongHistory(_ body: (TestDatabase) async throws -> Void) async throws {
        try await withDatabase { database in
            _ = try await database.openStore().migrateUp()
            try database.sql(Self.longHistory)
            try database.sql("analyze almanac.jobs, almanac.runs, almanac.attempts")
            try await body(database)
        }
    }

    /// The plan of a statement under the settings of every transaction.
    private func explain(
        _ statement: Statement, in database: TestDatabase, options: String = "", mode: String = "auto"
    ) throws -> String {
        let values = statement.parameters.map { $0.map { "'\($0)'" } ?? "null" }.joined(separator: ", ")
        let call = values.isEmpty ? "asked" : "asked(\(values))"
        let plan = try database.sql(
            """
            begin; \(Statements.settings(statementTimeout: .seconds(10)).sql); set local plan_cache_mode = \(mode);
            prepare asked as \(statement.sql);
            explain (\(options)costs off) execute \(call)
            """)
        return plan.joined(separator: "\n")
    }

    private static let statements = [
        ("a claim", Statements.claim, [run, "60000000", "{}"]), ("a decision", Statements.record, [run]),
        (
            "a takeover beside a held row", Statements.takeOverOfFreeJobs,
            ["alpha", "true", "10", "60000000", "{}"]
        ),
        ("a takeover", Statements.takeOver, ["alpha", "true", "10", "60000000", "{}"]),
        ("an attempt", Statements.startAttempt, [owned, attempt]),
        ("an end", Statements.finish, [owned, attempt]),
        ("a renewal", Statements.renew, [owned, "60000000"]), ("the jobs", Statements.jobs, ["{purge}"]),
        ("last runs", Statements.lastRuns, [time, "{purge}"]),
        ("last successes", Statements.lastSuccesses, [time, "{purge}"]),
        ("last occurrences", Statements.lastOccurrences, [time, "{purge}"]),
        ("what others changed", Statements.changedJobs, [time, "alpha"]),
        ("the live runs", Statements.liveRuns, []),
        (
            "the newest ends",
            "select * from almanac.history where finished is not null order by finished desc limit 9", []
        ),
        ("pruning runs", Statements.pruneRuns, ["1000000", "100"]),
        ("pruning attempts", Statements.pruneAttempts, ["1000000", "100"]),
        ("pruning excerpts", Statements.pruneExcerpts, ["1000000", "100"]),
        ("rows of occurrences", Statements.occurrences, ["purge", time, time, "9"]),
        ("an occurrence", Statements.covering, ["purge", time]),
        ("the last occurrence", Statements.lastOccurrence, ["purge", time]),
        ("a run", Statements.run, ["b26d0a18-cd4f-8073-b215-00586e46d919"]),
    ]

    private static let time = "2026-11-14T00:10:00Z"
    private static let owned = #"[{"run_id": "b26d0a18-cd4f-8073-b215-00586e46d919", "fence": 1}]"#
    private static let attempt = #"[{"run_id": "b26d0a18-cd4f-8073-b215-00586e46d919", "number": 1}]"#
    private static let run = #"""
        [{"run_id": "b26d0a18-cd4f-8073-b215-00586e46d919", "job": "purge", "trigger": "schedule",
        "dry_run": false, "scheduled_for": "2026-11-23T00:10:00Z", "due_at": "2026-11-23T00:10:00Z",
        "host": "alpha", "exclusive": true}]
        """#

    /// A fortnight of a job that is due each minute and always succeeds but on its first day, after a day of a job that
    /// is no more and always failed.
    static let longHistory = """
        insert into almanac.jobs (job, last_scheduled_for) values ('purge', now()), ('gone', now());
        insert into almanac.runs (run_id, job, trigger, dry_run, scheduled_for, occurrences, due_at, state,
            outcome, reason, attempts, attempts_max, host, config_hash, created_at, started_at, finished_at,
            exclusive, fence)
        select gen_random_uuid(), case when has_failed and number <= 1440 then 'gone' else 'purge' end,
            'schedule', false, at, 1, at, 'finished', case when has_failed then 'failed' else 'succeeded' end,
            case when has_failed then 'status' end, 1, 1, 'alpha', '1', at, at, at, true, 1
        from generate_series(timestamptz '2026-11-01 00:00Z', '2026-11-15 00:00Z', interval '1 minute')
            with ordinality as series (at, number), lateral (select number <= 2880 as has_failed) as day;
        insert into almanac.attempts (run_id, number, started_at, finished_at)
        select run_id, 1, started_at, finished_at from almanac.runs
        """
}
