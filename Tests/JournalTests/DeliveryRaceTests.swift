import CivilTime
import Journal
import RunModel
import RunStoreConformance
import Testing

/// What happens between a question and its answer, while an outage begins or ends.
@Suite("an answer that comes when the world has gone on")
struct DeliveryRaceTests {
    @Test("what is journalled of a run is delivered under the proof that came after it, and is the run's end")
    func newerProof() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        let owned = try await store.own(expiredClaim)
        #expect(try await store.startAttempt(owned, number: 1, at: bench.now))
        let goOn = bench.storeFaults.hang()
        let takingOver = Task { try await takeOver(store) }
        while !bench.storeFaults.isHanging { await Task.yield() }
        bench.pass(OutageLimits.silenceMax)
        let attempt = AttemptRecord(
            number: 1, startedAt: bench.now, finishedAt: bench.now, reason: .connect)
        #expect(try await store.awaitRetry(owned, attempt: attempt, retryAt: bench.now))
        goOn()
        // This host never let go of the run: it is not to begin it anew.
        #expect(try await takingOver.value.isEmpty)
        #expect(store.status.outageSince != nil)
        #expect(try await store.startAttempt(owned, number: 2, at: bench.now))
        #expect(try await store.finish(owned, OutageBench.end(2)))
        #expect(await store.recover())
        #expect(store.status == JournalStatus(policy: .run))
        let rows = try await bench.rows()
        #expect(rows.map(\.record.outcome) == [.succeeded])
        #expect(rows.first?.attempts.map(\.number) == [1, 2])
    }

    @Test("a daemon that ends before the delivery leaves the newer proof to the next one")
    func newerProofOfNextDaemon() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        let owned = try await store.own(expiredClaim)
        let goOn = bench.storeFaults.hang()
        let takingOver = Task { try await takeOver(store) }
        while !bench.storeFaults.isHanging { await Task.yield() }
        bench.pass(OutageLimits.silenceMax)
        #expect(try await store.startAttempt(owned, number: 1, at: bench.now))
        goOn()
        _ = try await takingOver.value
        #expect(try await store.finish(owned, OutageBench.end()))
        #expect(try await bench.start().status == JournalStatus(policy: .run))
        let rows = try await bench.rows()
        #expect(rows.map(\.record.outcome) == [.succeeded])
        #expect(rows.first?.attempts.count == 1)
    }

    @Test("what is refused while the answer to a takeover is on its way is delivered after it")
    func lateTakeover() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        let owned = try await store.own(expiredClaim)
        bench.storeFaults.meanwhile {
            bench.pass(OutageLimits.silenceMax)
            // Its error would show in the attempts.
            _ = try? await store.startAttempt(owned, number: 1, at: bench.now)
            #expect(await !store.recover())
        }
        _ = try await takeOver(store)
        #expect(try await store.finish(owned, OutageBench.end()))
        #expect(await store.recover())
        #expect(store.status == JournalStatus(policy: .run))
        let rows = try await bench.rows()
        #expect(rows.map(\.record.outcome) == [.succeeded])
        #expect(rows.first?.attempts.count == 1)
    }

    @Test("the answer to a claim that comes after a takeover of its run gives the newer proof")
    func lateClaim() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        bench.storeFaults.meanwhile {
            // Its error would show in the fence.
            _ = try? await takeOver(store)
        }
        let owned = try await store.own(expiredClaim)
        #expect(owned.fence == 2)
        #expect(try await store.startAttempt(owned, number: 1, at: bench.now))
    }

    @Test(
        "what is on its way into the journal while the claim of its run is delivered is not left without a proof"
    )
    func lateStart() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        let owned = try await store.own(OutageBench.claim())
        // The claim is delivered, and the daemon ends before the start is.
        let goOn = bench.journalFaults.hang()
        let starting = Task { try await store.startAttempt(owned, number: 1, at: bench.now) }
        while !bench.journalFaults.isHanging { await Task.yield() }
        bench.storeFaults.heal()
        bench.storeFaults.crash(at: 3, .before)
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

/// The lease of its run has run out when anybody asks, as it has when a store hangs for longer than that.
private var expiredClaim: Claim {
    var claim = OutageBench.claim()
    claim.lease = .zero
    return claim
}

/// Takes over what is abandoned, as a daemon does from time to time.
private func takeOver(_ store: JournaledStore) async throws(StoreError) -> [AbandonedRun] {
    try await store.takeOver(
        host: OutageBench.host, hostRestarted: false, lease: .seconds(60), limit: 9)
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
    func remove(through number: Int64) async throws(StoreError) { try await journal.remove(through: number) }
    func remove(claim number: Int64, answeredWith owned: OwnedRun) async throws(StoreError) {
        try await journal.remove(claim: number, answeredWith: owned)
    }
    func give(_ owned: OwnedRun) async throws(StoreError) { try await journal.give(owned) }
    func setAside(_ number: Int64, problem: String) async throws(StoreError) {
        try await journal.setAside(number, problem: problem)
    }
}
