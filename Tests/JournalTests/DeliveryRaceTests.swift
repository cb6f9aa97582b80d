import CivilTime
import Journal
import Records
import RunModel
import RunStoreConformance
import Testing

/// What happens between a question and its answer, while an outage begins or ends.
@Suite("an answer that comes when the world has gone on")
struct DeliveryRaceTests {
    @Test(
        "what is on its way into the journal while the claim of its run is delivered is not left without a proof"
    )
    func lateStart() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        let owned = try await store.own(OutageBench.claim())
        // After the mark, the leases and the probe the claim is delivered, and the daemon ends before the start is.
        let goOn = bench.journalFaults.hang()
        let starting = Task { try await store.startAttempt(owned, number: 1, at: bench.now) }
        while !bench.journalFaults.isHanging { await Task.yield() }
        bench.storeFaults.heal()
        bench.storeFaults.crash(at: 5, .before)
        let recovering = Task { await store.recover() }
        while try await bench.journal.backlog().count > 0 { await Task.yield() }
        goOn()
        #expect(try await starting.value)
        #expect(await !recovering.value)
        bench.storeFaults.heal()
        _ = try await bench.start()
        #expect(try await bench.rows().map(\.attempts.count) == [1])
    }

    @Test("what is journalled while the journal is found empty is delivered before the outage ends")
    func lateOperation() async throws {
        let journal = LateJournal()
        let bench = OutageBench(journal: journal)
        let store = try await bench.start()
        let owned = try await store.own(OutageBench.claim())
        try await bench.beginOutage(of: store)
        await journal.whenEmpty { () throws(StoreError) in
            _ = try await store.startAttempt(owned, number: 1, at: bench.now)
        }
        bench.storeFaults.heal()
        #expect(await store.recover())
        #expect(try await bench.rows().map(\.attempts.count) == [1])
        #expect(store.status == JournalStatus(policy: .run))
        #expect(try await journal.backlog().count == 0)
        #expect(try await store.finish(owned, OutageBench.end()))
        #expect(try await bench.rows().map(\.record.outcome) == [.succeeded])
    }
}

/// A journal in whose answer that it is empty something is journalled, which the answer does not hold.
private actor LateJournal: OperationJournal {
    private let journal = MemoryJournal()
    private var body: (@Sendable () async throws(StoreError) -> Void)?

    /// Does `body` before the next empty answer is given.
    func whenEmpty(_ body: @escaping @Sendable () async throws(StoreError) -> Void) { self.body = body }

    func entries(after number: Int64, limit: Int) async throws(StoreError) -> [JournalEntry] {
        let entries = try await journal.entries(after: number, limit: limit)
        guard entries.isEmpty, let body else { return entries }
        self.body = nil
        try await body()
        return entries
    }

    func append(_ operation: JournalledOperation) async throws(StoreError) -> Int64 {
        try await journal.append(operation)
    }
    func backlog() async throws(StoreError) -> JournalBacklog { try await journal.backlog() }
    func remove(through number: Int64, settingAside problems: [Int64: String]) async throws(StoreError) {
        try await journal.remove(through: number, settingAside: problems)
    }
}
