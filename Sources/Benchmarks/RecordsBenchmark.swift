import CSQLite
import CivilTime
import Glibc
import PostgresStore
import Records
import RunModel
import SQLiteStore
import TestFiles

/// How fast runs are recorded: a claim with its first attempt, and a finish, each of them durable.
enum RecordsBenchmark {
    /// Measures with so many runs in flight, against the database of `ALMANAC_TEST_DSN`, which must hold no job yet.
    static func postgres(inFlight: [Int]) async {
        guard let address = MeasuredStore.testServer else {
            print("records: skipped, for ALMANAC_TEST_DSN names no PostgreSQL server")
            print("hint: make bench-records")
            return
        }
        do {
            let server = try Server(address)
            let store = try PostgresRunStore(connectionString: address, applicationName: "almanac benchmark")
            _ = try await store.migrateUp()
            for setting in [
                "server_version", "fsync", "synchronous_commit", "wal_sync_method", "shared_buffers",
            ] {
                print("\(setting) = \(try server.value("show \(setting)"))")
            }
            try await measure(
                RecordedStore(
                    name: "PostgreSQL", store: store, transactions: { await store.roundTrips },
                    flushes: { try server.number("select wal_sync from pg_stat_wal") }),
                inFlight: inFlight)
        } catch {
            Terminal.fail("\(error)")
        }
    }

    /// Measures with so many runs in flight, in a new file below `/tmp`.
    static func sqlite(inFlight: [Int]) async {
        do {
            try await withTemporaryDirectory { directory in
                let path = directory + "/almanac.db"
                let store = SQLiteRunStore(path: path, clock: { Instant(seconds: 0) })
                print("sqlite_version = \(String(cString: sqlite3_libversion()))")
                try await measure(
                    RecordedStore(name: "SQLite", store: store, transactions: { await store.transactions }),
                    inFlight: inFlight)
            }
        } catch {
            Terminal.fail("\(error)")
        }
    }

    private static func measure(_ store: RecordedStore, inFlight: [Int]) async throws {
        guard try await store.store.summaries(until: .latest).isEmpty else {
            Terminal.fail("the store holds jobs: give an empty one")
        }
        let jobs = (0..<jobCount).compactMap { JobName("job-\($0)") }
        let registrations = jobs.map { JobRegistration(job: $0, configHash: "c0ffee") }
        _ = try await store.store.register(registrations, by: nil, now: Instant(seconds: 0))
        var rows = [
            [
                "runs in flight", "runs/s", "transactions a run", "p50 ms", "p99 ms",
                "processor µs a run", "of it the busiest thread", "server's flushes a run",
            ]
        ]
        for (round, inFlight) in inFlight.enumerated() {
            let load = Load(
                store: store, jobs: jobs,
                first: Instant(seconds: Int64(1_800_000_000 + round * 1_000_000)),
                count: inFlight == 1 ? runCount / 20 : runCount, inFlight: inFlight)
            rows.append([String(inFlight)] + (try await load.measure()))
        }
        Terminal.table("runs recorded in \(store.name): claimed with the first attempt, finished", rows)
    }

    private static let jobCount = 1000
    private static let runCount = 20_000
}

/// A store, and what it counts.
private struct RecordedStore {
    let name: String
    let store: any RunStore
    let transactions: () async -> Int
    /// Of a server: how often it has flushed to disk.
    var flushes: (() throws -> Double)?
}

/// Runs of many jobs, so many at once.
private struct Load {
    let store: RecordedStore
    let jobs: [JobName]
    let first: Instant
    let count: Int
    let inFlight: Int

    /// The row of the table.
    func measure() async throws -> [String] {
        let clock = ContinuousClock()
        let transactionsBefore = await store.transactions()
        let flushesBefore = try store.flushes?()
        let processorBefore = try ProcessFigures.processorTime(getpid())
        let threadsBefore = ProcessFigures.threadTimes(getpid())
        let began = clock.now
        var latencies = try await recordAll()
        let took = clock.now - began
        let thread = ProcessFigures.threadTimes(getpid()).map { $0.value - (threadsBefore[$0.key] ?? 0) }
            .max()
        let processor = try ProcessFigures.processorTime(getpid()) - processorBefore
        latencies.sort()
        let transactions = await store.transactions() - transactionsBefore
        let flushes = try store.flushes.map { try $0() - (flushesBefore ?? 0) }
        return [
            Terminal.decimal(Double(count) / (took / .seconds(1))),
            Terminal.decimal(Double(transactions) / Double(count), 3),
            Terminal.decimal(latencies[count / 2] / .milliseconds(1), 1),
            Terminal.decimal(latencies[count * 99 / 100] / .milliseconds(1), 1),
            Terminal.decimal(processor / .microseconds(1) / Double(count)),
            Terminal.decimal((thread ?? 0) / 1000 / Double(count)),
            flushes.map { Terminal.decimal($0 / Double(count), 3) } ?? "-",
        ]
    }

    /// How long each run took.
    private func recordAll() async throws -> [Duration] {
        let clock = ContinuousClock()
        let recording = Recording(store: store.store, jobs: jobs, first: first)
        var latencies: [Duration] = []
        try await withThrowingTaskGroup(of: Duration.self) { group in
            for number in 0..<count {
                if number >= inFlight, let latency = try await group.next() { latencies.append(latency) }
                group.addTask {
                    let began = clock.now
                    try await recording.record(number)
                    return clock.now - began
                }
            }
            for try await latency in group { latencies.append(latency) }
        }
        return latencies
    }
}

/// What becomes of each run.
private struct Recording: Sendable {
    let store: any RunStore
    let jobs: [JobName]
    let first: Instant

    /// One run from its claim to its end.
    func record(_ number: Int) async throws {
        let job = jobs[number % jobs.count]
        let at = first + .seconds(Int64(number / jobs.count) * 60)
        let run = RunRecord(
            id: RunID(job: job, scheduledFor: at), job: job, trigger: .schedule, scheduledFor: at,
            nominalLocal: "\(at)", dueAt: at, state: .running, attempts: 1, attemptsMax: 3,
            host: HostID("alpha/1"), configHash: "c0ffee", zoneData: "2026c", createdAt: at, startedAt: at)
        let claim = Claim(run: run, isExclusive: true, lease: .seconds(60))
        guard case .claimed(let owned) = try await store.claim(claim) else {
            Terminal.fail("\(job) was not claimed at \(at)")
        }
        let end = at + .seconds(1)
        let attempt = AttemptRecord(number: 1, startedAt: at, finishedAt: end, httpStatus: 200)
        let completion = Completion(
            outcome: .succeeded, finishedAt: end, attempt: attempt, httpStatus: 200, responseBytes: 15,
            responseExcerpt: #"{"deleted": 12}"#)
        guard try await store.finish(owned, completion) else { Terminal.fail("\(job) was lost at \(at)") }
    }
}
