import CivilTime
import Records
import RunModel
import TestFiles
import Testing

@testable import SQLiteStore

@Suite("how SQLite finds rows")
struct SQLitePlanTests {
    @Test(
        "no statement reads the whole history",
        arguments: [
            ("a claim's occurrence", Statements.decided), ("a claim's rivals", Statements.live),
            ("runs to take over", Statements.abandoned), ("jobs", Statements.jobs),
            ("what others changed", Statements.changedJobs), ("live runs", Statements.liveRuns),
            ("a job's last run", Statements.lastRun), ("a job's last success", Statements.lastSuccess),
            ("a job's newest occurrence", Statements.newestOccurrence),
            ("a run", Statements.run), ("a run's attempts", Statements.attempts),
            ("a job's definitions", Statements.definitionsOfJob), ("a job's summary", Statements.job),
            (
                "a page of history",
                Statements.history(
                    HistoryQuery(before: .init(createdAt: fixedNow, id: RunID(random: 1)), limit: 1)
                ).sql
            ),
            ("all history", Statements.history(HistoryQuery(limit: 1)).sql),
            ("a period", Statements.history(HistoryQuery(since: fixedNow, until: fixedNow, limit: 1)).sql),
            ("rows of occurrences", Statements.occurrences), ("an occurrence", Statements.covering),
            ("the last occurrence", Statements.lastOccurrence), ("identities", Statements.runsBetween),
            ("pruning runs", Statements.oldRuns), ("pruning attempts", Statements.pruneAttempts),
            ("pruning excerpts", Statements.pruneExcerpts),
            ("a job's history", Statements.history(HistoryQuery(job: purge, outcome: .failed, limit: 1)).sql),
        ])
    func plans(what: String, statement: String) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/runs.sqlite"
            _ = try await SQLiteRunStore(path: path, clock: { fixedNow }).migrateUp()
            let steps = try sqlite(path, "explain query plan " + statement, column: 3)
            #expect(!steps.isEmpty)
            for step in steps {
                let isScan = ["runs", "attempts", "definitions"].contains { step.contains("SCAN \($0)") }
                #expect(!isScan || step.contains("USING INDEX"), "\(what): \(step)")
            }
        }
    }

    @Test(
        "each form of the history has its index, whose order is the answer's",
        arguments: [
            (HistoryQuery(limit: 1), "runs_newest"), (HistoryQuery(job: purge, limit: 1), "runs_of_job"),
            (HistoryQuery(job: purge, since: fixedNow, limit: 1), "runs_of_job"),
            (HistoryQuery(outcome: .unknown, limit: 1), "runs_of_outcome"),
            (HistoryQuery(outcome: .succeeded, limit: 1), "runs_newest"),
            (HistoryQuery(job: purge, outcome: .succeeded, limit: 1), "runs_of_job_by_outcome"),
            (
                HistoryQuery(job: purge, since: fixedNow, until: fixedNow, outcome: .failed, limit: 1),
                "runs_of_job_by_outcome"
            ),
        ])
    func history(query: HistoryQuery, index: String) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/runs.sqlite"
            _ = try await SQLiteRunStore(path: path, clock: { fixedNow }).migrateUp()
            let steps = try sqlite(
                path, "explain query plan " + Statements.history(query).sql, column: 3)
            #expect(steps.count == 1)
            #expect(steps.first?.contains(" USING INDEX \(index)") == true, "\(steps)")
        }
    }
}
