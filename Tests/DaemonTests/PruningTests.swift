import CivilTime
import Glibc
import PostgresStore
import Records
import RunModel
import SQLiteStore
import StandInAPI
import Testing

@Suite struct PruningTests {
    @Test("a daemon takes old records out of the embedded store, and nothing else")
    func embedded() async throws {
        try await withBench { bench in
            let directory = bench.directory + "/state"
            try #require(mkdir(directory, 0o700) == 0)
            let store = SQLiteRunStore(path: directory + "/almanac.db", clock: wallClock)
            try await checkPruning(bench, store)
            await store.close()
        }
    }
}

extension PostgresLifeTests {
    @Test("a daemon takes old records out of the database, and nothing else")
    func pruning() async throws {
        try await withDatabase { bench in
            try #require(try await bench.almanac("migrate", "up").status == 0)
            let store = try PostgresRunStore(
                connectionString: try #require(bench.environment["DB_DSN"]), applicationName: "test")
            try await checkPruning(bench, store)
            await store.close()
        }
    }
}

private let job = JobName("purge") ?? { preconditionFailure("purge is a job's name") }()
private let day: Duration = .seconds(86_400)

/// Puts old and younger rows into the store, lets a daemon prune, and looks at what is left.
private func checkPruning(_ bench: Bench, _ store: any Store & ReadingStore) async throws {
    let now = wallClock()
    // More than two batches; all have ended more than two days ago.
    let old = (0..<1200).map { endedRun(at: now - day * 4 + .seconds($0)) }
    // Within the catch-up window, which ends a day ago, and a period of the schedule.
    let young = (0..<3).map { endedRun(at: now - .seconds(30 * 3600 + $0)) }
    var live = endedRun(at: now - day * 5)
    (live.state, live.outcome, live.finishedAt, live.startedAt) = (.claimed, nil, nil, nil)
    (live.httpStatus, live.responseExcerpt) = (nil, nil)
    _ = try await store.register(
        [JobRegistration(job: job, configHash: "earlier")], by: nil, now: now - day * 6)
    let claim = Claim(run: live, isExclusive: false, lease: .seconds(36_000))
    guard case .claimed = try await store.claim(claim) else {
        Issue.record("the live run was not claimed")
        return
    }
    try await store.record(old + young)

    // Due in half a day.
    let hour = (now.seconds / 3600 + 12) % 24
    try bench.write(
        "10 \(hour) * * *  purge: POST /api/cron/purge_old as=admin catch-up=latest catch-up-window=1d\n")
    let daemon = try await bench.startDaemon(environment: [
        "ALMANAC_KEEP_RUNS": "2d", "ALMANAC_KEEP_ATTEMPTS": "1d", "ALMANAC_KEEP_EXCERPTS": "1d",
        "ALMANAC_PRUNE_EVERY": "1s",
    ])
    try await eventually("it has pruned all that is old") {
        daemon.errors.matches(of: /runs=(\d+)/).compactMap { Int($0.1) }.reduce(0, +) == 1200
    }
    try await bench.health()
    try await daemon.stop()

    let left = try await store.history(HistoryQuery(limit: 2000))
    #expect(Set(left.map(\.id)) == Set((young + [live]).map(\.id)))
    #expect(left.allSatisfy { $0.responseExcerpt == nil })
    #expect(try await store.prunedUntil(of: job) == old.last?.scheduledFor)
    let again = Claim(run: endedRun(at: now - day * 4), isExclusive: false, lease: day)
    #expect(try await store.rehearse(again) == .alreadyDecided)
    #expect(bench.api.requests().isEmpty)
}

/// A run that was due and ended at `instant`.
private func endedRun(at instant: Instant) -> RunRecord {
    RunRecord(
        id: RunID(job: job, scheduledFor: instant), job: job, trigger: .schedule, scheduledFor: instant,
        dueAt: instant, state: .finished, outcome: .succeeded, host: HostID("earlier/1"),
        configHash: "earlier", createdAt: instant, startedAt: instant, finishedAt: instant, httpStatus: 200,
        responseExcerpt: "done")
}
