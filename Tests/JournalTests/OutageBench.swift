import CivilTime
import Journal
import Records
import RunEngine
import RunModel
import RunStoreConformance
import Synchronization

let purge = StoreBench.purge
let refresh = StoreBench.refresh

/// A store that can fail, a journal that can fail, and the daemons of one host between them.
final class OutageBench: Sendable {
    static let host = StoreBench.here
    static let midnight = StoreBench.midnight

    let records: InMemoryRunStore
    let storeFaults = Faults()
    /// Of a store that answers, and has no space or right for a run.
    let claimFaults = Faults()
    let journalFaults = Faults()
    let journal: any OperationJournal
    let delivered = MemoryJournal()
    let news = Mutex<[JournalNews]>([])
    private let elapsed = Mutex(Duration.zero)

    init(journal: (any OperationJournal)? = nil) {
        self.journal = journal ?? MemoryJournal(faults: journalFaults)
        records = InMemoryRunStore(clock: { Self.midnight })
    }

    /// Lets time pass.
    func pass(_ duration: Duration) {
        elapsed.withLock { $0 += duration }
    }

    var now: Instant { Self.midnight + elapsed.withLock { $0 } }

    /// A daemon's store, as it is before the start.
    func open(_ policy: StoreOutagePolicy = .run) -> JournaledStore {
        JournaledStore(
            primary: FailingStore(store: records, faults: storeFaults, claimFaults: claimFaults),
            host: Self.host,
            journal: journal, delivered: delivered, policy: policy,
            lease: .seconds(60), clock: { self.now }, uptime: { self.elapsed.withLock { $0 } },
            report: { news in self.news.withLock { $0.append(news) } },
            jobs: { Self.jobs }, rest: Self.rest)
    }

    /// What is left of a row of several hourly occurrences, when one of the definitions made them due.
    static func rest(
        of row: RunRecord, after mark: Instant, by definitions: [StoredDefinition]
    ) -> RunRecord? {
        guard definitions.contains(where: { $0.configHash == row.configHash }) else { return nil }
        var rest = row
        while let first = rest.scheduledFor, first <= mark {
            rest.scheduledFor = first + .seconds(3600)
            rest.occurrences -= 1
        }
        guard let first = rest.scheduledFor, rest.occurrences > 0 else { return nil }
        rest.id = RunID(job: row.job, scheduledFor: first)
        rest.dueAt = first
        if rest.occurrences == 1 { rest.scheduledUntil = nil }
        return rest
    }

    /// A daemon's store after its start, with both jobs.
    func start(_ policy: StoreOutagePolicy = .run) async throws -> JournaledStore {
        let store = open(policy)
        try await store.start()
        // The first occurrence is due after that.
        _ = try await store.register(Self.jobs, by: Self.host, now: now - .seconds(60))
        _ = try await store.summaries()
        return store
    }

    /// Takes the store away, and lets so much time pass that jobs run without it.
    func beginOutage(of store: JournaledStore) async throws {
        storeFaults.setAway(true)
        _ = try await store.renew([], lease: .seconds(60))
        pass(OutageLimits.patience)
    }

    static let jobs = [purge, refresh].map { JobRegistration(job: $0, configHash: "c0ffee") }

    /// The claim of the `number`-th hourly occurrence of a job.
    static func claim(_ number: Int64 = 0, of job: JobName = purge, on host: HostID = host) -> Claim {
        StoreBench.claim(number, of: job, on: host)
    }

    /// The row of some hourly occurrences that were missed, from the `number`-th on.
    static func missed(_ number: Int64, count: Int, on host: HostID = host) -> RunRecord {
        var row = claim(number, on: host).run
        row.state = .finished
        row.outcome = .missed
        row.reason = .down
        row.finishedAt = row.dueAt
        row.occurrences = count
        if count > 1 { row.scheduledUntil = row.dueAt + .seconds(3600) * (count - 1) }
        return row
    }

    /// The end of the `number`-th attempt.
    static func end(
        _ number: Int = 1, _ outcome: Outcome = .succeeded, reason: Reason? = nil, at: Instant = midnight
    ) -> Completion {
        Completion(
            outcome: outcome, reason: reason, detail: "“done”\n\u{0}", finishedAt: at,
            attempt: AttemptRecord(number: number, startedAt: at, finishedAt: at, httpStatus: 200),
            httpStatus: 200, responseBytes: 2, responseExcerpt: "{}")
    }

    /// Claims a run, makes an attempt of it, and ends it.
    @discardableResult
    func complete(_ claim: Claim, in store: any RunStore) async throws -> Bool {
        guard case .claimed(let owned) = try await store.claim(claim) else { return false }
        guard try await store.startAttempt(owned, number: 1, at: claim.run.dueAt) else { return false }
        return try await store.finish(owned, Self.end(at: claim.run.dueAt))
    }

    /// All rows with their attempts, oldest first.
    func rows() async throws -> [Row] {
        var rows: [Row] = []
        for record in await records.history(HistoryQuery(limit: 1000)).reversed() {
            rows.append(Row(record: record, attempts: await records.run(record.id)?.attempts ?? []))
        }
        return rows
    }

    struct Row: Equatable {
        var record: RunRecord
        var attempts: [AttemptRecord]
    }
}
