import CivilTime
import Glibc
import PostgresStore
import RunModel

/// How fast runs are recorded in PostgreSQL: claim, start of an attempt, and finish, each of them durable.
enum RecordsBenchmark {
    private static let jobCount = 1000
    private static let runCount = 20_000

    /// Measures with so many runs in flight, against the database of `ALMANAC_TEST_DSN`, which must hold no job yet.
    static func run(inFlight: [Int]) async {
        guard let address = getenv("ALMANAC_TEST_DSN").map({ String(cString: $0) }), !address.isEmpty else {
            print("records: skipped, for ALMANAC_TEST_DSN names no PostgreSQL server")
            print("hint: make bench-records")
            return
        }
        do {
            let server = try Server(address)
            let store = try PostgresRunStore(connectionString: address, applicationName: "almanac benchmark")
            _ = try await store.migrateUp()
            guard try await store.summaries(until: .latest).isEmpty else {
                Terminal.fail("the database of ALMANAC_TEST_DSN holds runs: give an empty one")
            }
            let jobs = (0..<jobCount).compactMap { JobName("job-\($0)") }
            let registrations = jobs.map { JobRegistration(job: $0, configHash: "c0ffee") }
            _ = try await store.register(registrations, by: nil, now: Instant(seconds: 0))
            for setting in [
                "server_version", "fsync", "synchronous_commit", "wal_sync_method", "shared_buffers",
            ] {
                print("\(setting) = \(try server.value("show \(setting)"))")
            }
            var rows = [
                [
                    "runs in flight", "runs/s", "round trips a run", "p50 ms", "p99 ms",
                    "server's flushes a run",
                ]
            ]
            for (round, inFlight) in inFlight.enumerated() {
                let load = Load(
                    store: store, jobs: jobs,
                    first: Instant(seconds: Int64(1_800_000_000 + round * 1_000_000)),
                    count: inFlight == 1 ? runCount / 20 : runCount, inFlight: inFlight)
                rows.append([String(inFlight)] + (try await load.measure(server)))
            }
            Terminal.table("runs recorded: claimed, one attempt started, finished", rows)
        } catch {
            Terminal.fail("\(error)")
        }
    }
}

/// Runs of many jobs, so many at once.
private struct Load {
    let store: PostgresRunStore
    let jobs: [JobName]
    let first: Instant
    let count: Int
    let inFlight: Int

    /// The row of the table.
    func measure(_ server: Server) async throws -> [String] {
        let clock = ContinuousClock()
        let tripsBefore = await store.roundTrips
        let flushesBefore = try server.number("select wal_sync from pg_stat_wal")
        var latencies: [Duration] = []
        let began = clock.now
        try await withThrowingTaskGroup(of: Duration.self) { group in
            for number in 0..<count {
                if number >= inFlight, let latency = try await group.next() { latencies.append(latency) }
                group.addTask { [self] in
                    let began = clock.now
                    try await record(number)
                    return clock.now - began
                }
            }
            for try await latency in group { latencies.append(latency) }
        }
        let took = clock.now - began
        latencies.sort()
        let trips = await store.roundTrips - tripsBefore
        let flushes = try server.number("select wal_sync from pg_stat_wal") - flushesBefore
        return [
            Terminal.decimal(Double(count) / (took / .seconds(1))),
            Terminal.decimal(Double(trips) / Double(count), 3),
            Terminal.decimal(latencies[count / 2] / .milliseconds(1), 1),
            Terminal.decimal(latencies[count * 99 / 100] / .milliseconds(1), 1),
            Terminal.decimal(flushes / Double(count), 3),
        ]
    }

    /// One run from its claim to its end.
    private func record(_ number: Int) async throws {
        let job = jobs[number % jobs.count]
        let at = first + .seconds(Int64(number / jobs.count) * 60)
        let run = RunRecord(
            id: RunID(job: job, scheduledFor: at), job: job, trigger: .schedule, scheduledFor: at,
            nominalLocal: "\(at)", dueAt: at, state: .claimed, attemptsMax: 3, host: HostID("alpha/1"),
            configHash: "c0ffee", zoneData: "2026c", createdAt: at)
        let claim = Claim(run: run, isExclusive: true, lease: .seconds(60))
        guard case .claimed(let owned) = try await store.claim(claim, rehearse: false) else {
            Terminal.fail("\(job) was not claimed at \(at)")
        }
        let end = at + .seconds(1)
        let attempt = AttemptRecord(number: 1, startedAt: at, finishedAt: end, httpStatus: 200)
        let completion = Completion(
            outcome: .succeeded, finishedAt: end, attempt: attempt, httpStatus: 200, responseBytes: 15,
            responseExcerpt: #"{"deleted": 12}"#)
        guard try await store.startAttempt(owned, number: 1, at: at),
            try await store.finish(owned, completion)
        else {
            Terminal.fail("\(job) was lost at \(at)")
        }
    }
}
