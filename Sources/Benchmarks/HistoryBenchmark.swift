import CivilTime
import Glibc
import PostgresStore
import Records
import RunModel

/// How fast a long history of runs in PostgreSQL answers.
enum HistoryBenchmark {
    /// What a question may take, in milliseconds.
    private static let limit = 50.0

    /// Fills the database of `ALMANAC_TEST_DSN`, which must hold no job yet, with about so many runs, and asks.
    static func run(rows: Int) async {
        guard let address = getenv("ALMANAC_TEST_DSN").map({ String(cString: $0) }), !address.isEmpty else {
            print("history: skipped, for ALMANAC_TEST_DSN names no PostgreSQL server")
            print("hint: make bench-history")
            return
        }
        do {
            let store = try PostgresRunStore(connectionString: address, applicationName: "almanac benchmark")
            _ = try await store.migrateUp()
            guard try await store.summaries(until: .latest).isEmpty else {
                Terminal.fail("the database of ALMANAC_TEST_DSN holds runs: give an empty one")
            }
            let server = try Server(address)
            let took = try ContinuousClock().measure { try fill(server, rows: rows) }
            let count = try server.value("select count(*) from almanac.runs")
            print("\(count) runs of \(jobCount) jobs, written in \(took)")
            let slowest = try await ask(store, server)
            if slowest > limit {
                Terminal.fail("a question took \(Terminal.decimal(slowest, 1)) ms, more than \(limit)")
            }
        } catch {
            Terminal.fail("\(error)")
        }
    }

    /// 15 jobs that are due each minute, 100 each hour, the others each day; the first is over for most of the time.
    private static let jobCount = 1000

    private static func fill(_ server: Server, rows: Int) throws {
        // A day has 15 · 1440 + 100 · 24 + 885 runs, less those of the job that is over.
        let days = max(1, rows / 23_500)
        let indexes = try server.column(
            """
            select indexdef from pg_indexes where schemaname = 'almanac' and tablename = 'runs'
                and indexname <> 'runs_pkey'
            """)
        try server.column(
            """
            set maintenance_work_mem = '512MB'; set synchronous_commit = off;
            do $$ declare name text; begin
                for name in select indexname from pg_indexes where schemaname = 'almanac' and tablename = 'runs'
                    and indexname <> 'runs_pkey' loop execute 'drop index almanac.' || name; end loop;
            end $$;
            insert into almanac.jobs (job, last_scheduled_for)
            select 'job-' || number, now() from generate_series(0, \(jobCount - 1)) as number
            """)
        try server.column(
            """
            insert into almanac.runs (run_id, job, trigger, dry_run, scheduled_for, occurrences, due_at, state,
                outcome, reason, attempts, attempts_max, host, config_hash, zone_data, created_at, started_at,
                finished_at, http_status, response_bytes, response_excerpt, exclusive, fence)
            select gen_random_uuid(), 'job-' || job, 'schedule', false, at, 1, at, 'finished', outcome,
                case when outcome <> 'succeeded' then 'status' end, 1, 3, 'alpha/1', 'c0ffee', '2026c', at, at,
                at + interval '1 second', 200, 15, '{"deleted": 12}', true, minute + 1
            from generate_series(0, \(days) * 1440 - 1) as minute,
                lateral (select timestamptz '2026-01-01Z' + minute * interval '1 minute' as at) as time,
                lateral (
                    select job from generate_series(0, 14) as job where job > 0 or minute < 7200
                    union all select job from generate_series(15, 114) as job where minute % 60 = job % 60
                    union all select job from generate_series(115, \(jobCount - 1)) as job
                        where minute % 1440 = job) as due,
                lateral (select case when job = 0 then 'failed' when (minute + job) % 97 = 0 then 'failed'
                    when minute = 7200 then 'timed_out' else 'succeeded' end as outcome) as ended
            """)
        for index in indexes { try server.column(index) }
        try server.column("vacuum analyze almanac.runs")
    }

    /// Asks each question several times, as anybody would who looks: what the slowest took, in milliseconds.
    private static func ask(_ store: PostgresRunStore, _ server: Server) async throws -> Double {
        guard let often = JobName("job-7"), let over = JobName("job-0"),
            let id = RunID(
                try server.value("select run_id from almanac.runs where job = 'job-500' limit 1"))
        else { Terminal.fail("there are no runs") }
        let day = Instant(seconds: 1_767_225_600)
        let next = day + .seconds(86_400)
        let queries: [(String, HistoryQuery)] = [
            ("all", HistoryQuery(limit: 50)),
            ("a day", HistoryQuery(since: day, until: next, limit: 50)),
            ("a job", HistoryQuery(job: often, limit: 50)),
            ("a job that is over", HistoryQuery(job: over, limit: 50)),
            ("a job's day", HistoryQuery(job: often, since: day, until: next, limit: 50)),
            ("all that failed", HistoryQuery(outcome: .failed, limit: 50)),
            ("all of an outcome that never was", HistoryQuery(outcome: .unknown, limit: 50)),
            (
                "a day's of a rare outcome",
                HistoryQuery(since: day, until: next, outcome: .timedOut, limit: 50)
            ),
            ("all that succeeded", HistoryQuery(outcome: .succeeded, limit: 50)),
            ("a job's failures", HistoryQuery(job: often, outcome: .failed, limit: 50)),
            ("a job's, of an outcome that never was", HistoryQuery(job: often, outcome: .unknown, limit: 50)),
            (
                "a job's successes, of which there are none",
                HistoryQuery(job: over, outcome: .succeeded, limit: 50)
            ),
            (
                "a job's day of failures",
                HistoryQuery(job: often, since: day, until: next, outcome: .failed, limit: 50)
            ),
        ]
        var slowest = 0.0
        var table = [["question", "runs", "median ms", "slowest ms"]]
        for (name, query) in queries {
            let (row, most) = try await time(name) { try await store.history(query).count }
            table.append(row)
            slowest = max(slowest, most)
        }
        let (row, most) = try await time("a run with its attempts") { try await store.run(id) == nil ? 0 : 1 }
        table.append(row)
        // Not a question about the history but about every job, for the daemon's board.
        table.append(
            try await time("all jobs, with their last runs") {
                try await store.summaries(until: .latest).count
            }.row)
        Terminal.table("questions about a long history, through the store", table)
        return max(slowest, most)
    }

    private static func time(
        _ name: String, _ question: () async throws -> Int
    ) async throws -> (row: [String], slowest: Double) {
        var times: [Double] = []
        var count = 0
        for _ in 1...20 {
            let took = try await ContinuousClock().measure { count = try await question() }
            times.append(took / .milliseconds(1))
        }
        times.sort()
        let row = [name, String(count), Terminal.decimal(times[10], 1), Terminal.decimal(times[19], 1)]
        return (row, times[19])
    }
}
