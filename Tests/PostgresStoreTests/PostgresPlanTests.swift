import CivilTime
import RunModel
import Testing

@testable import PostgresStore

@Suite("how PostgreSQL finds rows", .enabled(if: TestServer.isThere, TestServer.absence))
struct PostgresPlanTests {
    @Test("no statement reads the whole history")
    func plans() async throws {
        try await withDatabase { database in
            _ = try await database.openStore().migrateUp()
            try database.sql(Self.longHistory)
            try database.sql("analyze almanac.jobs, almanac.runs, almanac.attempts")
            for (what, statement, parameters) in Self.statements {
                var script = statement
                for (number, parameter) in parameters.enumerated().reversed() {
                    script = script.split(separator: "$\(number + 1)", omittingEmptySubsequences: false)
                        .joined(separator: "'" + parameter + "'")
                }
                let plan = try database.sql("explain " + script)
                #expect(!plan.isEmpty)
                #expect(
                    !plan.contains { $0.contains("Seq Scan on runs") || $0.contains("Seq Scan on attempts") },
                    "\(what): \(plan)")
            }
        }
    }

    private static let statements = [
        ("a claim", Statements.claim, [run, "60000000", "{}"]), ("a decision", Statements.record, [run]),
        ("the jobs of runs to take over", Statements.lockAbandonedJobs, ["alpha", "true"]),
        ("a takeover", Statements.takeOver, ["alpha", "true", "10", "60000000"]),
        ("an attempt", Statements.startAttempt, [owned, attempt]),
        ("an end", Statements.finish, [owned, attempt]),
        ("a renewal", Statements.renew, [owned, "60000000"]), ("the jobs", Statements.jobs, []),
        ("last runs", Statements.lastRuns, []), ("last successes", Statements.lastSuccesses, []),
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

    /// A fortnight of a job that is due each minute.
    private static let longHistory = """
        insert into almanac.jobs (job, last_scheduled_for) values ('purge', now());
        insert into almanac.runs (run_id, job, trigger, dry_run, scheduled_for, occurrences, due_at, state,
            outcome, attempts, attempts_max, host, config_hash, created_at, started_at, finished_at,
            exclusive, fence)
        select gen_random_uuid(), 'purge', 'schedule', false, at, 1, at, 'finished', 'succeeded',
            1, 1, 'alpha', '1', at, at, at, true, 1
        from generate_series(timestamptz '2026-11-01', '2026-11-15', interval '1 minute') as at;
        insert into almanac.attempts (run_id, number, started_at, finished_at)
        select run_id, 1, started_at, finished_at from almanac.runs
        """
}
