import BlockingThread
import CivilTime
import Records
import RunModel
import RunStoreConformance
import TestFiles
import Testing

@testable import SQLiteStore

@Suite("calls that share a transaction of the embedded store")
struct SharedTransactionTests {
    @Test("calls that come while the store is busy share one transaction; one that comes alone takes one")
    func shared() async throws {
        try await withJobs(200) { path, store, jobs in
            let before = await store.transactions
            let crowd = Crowd(store)
            let seen = await crowd.results(
                jobs.map { job in
                    {
                        _ = try await store.own(StoreBench.claim(of: job))
                        // Whoever has the answer finds it committed.
                        return try sqlite(path, "select count(*) from runs where job = '\(job)'") == ["1"]
                    }
                })
            #expect(seen == Array(repeating: .success(true), count: jobs.count))
            #expect(await store.transactions == before + 1)
            _ = try await store.claim(StoreBench.claim(1, of: jobs[0]))
            #expect(await store.transactions == before + 2)
        }
    }

    @Test("a call that fails in a shared transaction fails alone, and the others last")
    func failsAlone() async throws {
        try await withJobs(3) { path, store, jobs in
            try refuse(jobs[1], with: "abort", in: path)
            let unknown = try #require(JobName("unknown"))
            let before = await store.transactions
            let outcomes = await Crowd(store).results(
                [jobs[0], jobs[1], unknown, jobs[2]].map(claim(in: store)))
            #expect(
                outcomes == [
                    .success(1), .failure("a trigger of \(path) refuses it: not today"),
                    .failure("the job unknown is not registered in the store"), .success(1),
                ])
            #expect(await store.transactions == before + 2)
            #expect(try sqlite(path, "select job from runs order by job") == ["job-0", "job-2"])
            // What the call had written before it failed is gone, too.
            #expect(
                try sqlite(path, "select job from jobs where fence <> 0 order by job") == ["job-0", "job-2"])
        }
    }

    @Test(
        "when the transaction itself is lost, all its calls fail, nothing of them lasts, and they can be repeated"
    )
    func lost() async throws {
        try await withJobs(3) { path, store, jobs in
            try refuse(jobs[1], with: "rollback", in: path)
            let outcomes = await Crowd(store).results(jobs.map(claim(in: store)))
            #expect(
                outcomes == Array(repeating: .failure("a trigger of \(path) refuses it: not today"), count: 3)
            )
            #expect(try sqlite(path, "select count(*) from runs") == ["0"])
            try sqlite(path, "drop trigger refuse")
            let repeated = await Crowd(store).results(jobs.map(claim(in: store)))
            #expect(repeated == Array(repeating: .success(1), count: 3))
        }
    }

    @Test("while another process writes, all calls of a transaction wait once, and then fail as busy")
    func busy() async throws {
        try await withJobs(3) { path, _, jobs in
            let store = SQLiteRunStore(path: path, busyTimeout: .milliseconds(1), clock: { fixedNow })
            let before = await store.transactions
            try await holding(path, "begin immediate") {
                let outcomes = await Crowd(store).results(jobs.map(claim(in: store)))
                #expect(
                    outcomes == Array(repeating: .failure("\(path) is locked by another process"), count: 3))
            }
            #expect(await store.transactions == before + 1)
            let repeated = await Crowd(store).results(jobs.map(claim(in: store)))
            #expect(repeated == Array(repeating: .success(1), count: 3))
        }
    }

    @Test("calls of one run keep their order within a transaction")
    func order() async throws {
        try await withJobs(1) { _, store, jobs in
            let before = await store.transactions
            let claim = StoreBench.claim(of: jobs[0])
            let owned = OwnedRun(id: claim.run.id, fence: 1)
            let at = fixedNow
            let end = Completion(
                outcome: .succeeded, finishedAt: at + .seconds(2),
                attempt: AttemptRecord(
                    number: 1, startedAt: at, finishedAt: at + .seconds(2), httpStatus: 200),
                httpStatus: 200)
            let calls: [@Sendable () async throws -> Bool] = [
                { try await store.finish(owned, end) },
                { try await store.claim(claim) == .claimed(owned) },
                { try await store.startAttempt(owned, number: 1, at: at) },
                { try await store.finish(owned, end) },
                { try await store.startAttempt(owned, number: 2, at: at) },
            ]
            let answers = await Crowd(store).results(calls)
            #expect(answers == [false, true, true, true, false].map { .success($0) })
            #expect(await store.transactions == before + 1)
            let stored = try #require(try await store.run(owned.id))
            #expect(stored.record.outcome == .succeeded)
            #expect(stored.attempts == [end.attempt])
        }
    }

    @Test("a caller that is cancelled while its call waits gets the answer all the same")
    func cancellation() async throws {
        try await withJobs(3) { path, store, jobs in
            let outcomes = await Crowd(store).results(jobs.map(claim(in: store)), isCancelled: true)
            #expect(outcomes == Array(repeating: .success(1), count: 3))
            let written = try sqlite(path, "select count(*) from runs")
            #expect(written == ["3"])
        }
    }

    @Test("entries of the journal that come at once share a transaction, and are numbered as they came")
    func journal() async throws {
        try await withJobs(0) { _, store, _ in
            let before = await store.transactions
            let numbers = await Crowd(store).results(
                (1...50).map { number in
                    {
                        try await store.append(
                            JournalledOperation(
                                owned: nil, recordedAt: fixedNow, version: 1, payload: "\(number)"))
                    }
                })
            #expect(numbers == (1...50).map { .success($0) })
            #expect(await store.transactions == before + 1)
            let entries = try await store.entries(after: 0, limit: 100)
            #expect(entries.map(\.operation.payload) == (1...50).map(String.init))
        }
    }

    @Test("every commit is synced to disk")
    func synchronous() async throws {
        try await withJobs(0) { _, store, _ in
            let synchronous = try await store.setting("pragma synchronous")
            #expect(synchronous == [[.integer(2)]])
            let journal = try await store.setting("pragma journal_mode")
            #expect(journal == [[.text("wal")]])
        }
    }

    /// A call that claims and answers the fence.
    private func claim(in store: SQLiteRunStore) -> (JobName) -> @Sendable () async throws -> Int64 {
        { job in { try await store.own(StoreBench.claim(of: job)).fence } }
    }

    /// Has runs of the job refused, with or without the whole transaction.
    private func refuse(_ job: JobName, with what: String, in path: String) throws {
        try sqlite(
            path,
            """
            create trigger refuse after update of fence on jobs when new.job = '\(job)'
            begin select raise(\(what), 'not today'); end
            """)
    }

    private func withJobs(
        _ count: Int, _ body: (_ path: String, SQLiteRunStore, [JobName]) async throws -> Void
    ) async throws {
        try await withTemporaryDirectory { directory in
            let path = directory + "/runs.sqlite"
            let store = SQLiteRunStore(path: path, clock: { fixedNow })
            let jobs = (0..<count).compactMap { JobName("job-\($0)") }
            let registrations = jobs.map { JobRegistration(job: $0, configHash: "1") }
            _ = try await store.register(registrations, by: nil, now: fixedNow - .seconds(60))
            try await body(path, store, jobs)
        }
    }
}

extension SQLiteRunStore {
    fileprivate func setting(_ pragma: String) throws(StoreError) -> [[ColumnValue]] {
        try withConnection { connection throws(StoreError) in try connection.rows(pragma) }
    }
}
