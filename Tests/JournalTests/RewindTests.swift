import CivilTime
import Journal
import RunEngine
import RunModel
import RunStoreConformance
import Synchronization
import Testing

@Suite("a store that has lost what it had recorded")
struct RewindTests {
    /// A store that went back to what it held before `body`, and was then found again.
    private func rewound(
        _ bench: OutageBench, _ store: JournaledStore, _ body: () async throws -> Void
    ) async throws {
        let backup = await bench.records.backup()
        try await body()
        await bench.records.restore(backup)
        bench.storeFaults.setAway(true)
        _ = try await store.renew([], lease: .seconds(60))
        bench.storeFaults.heal()
        #expect(await store.recover())
    }

    @Test("runs that were lost are recorded again, as they were, and an event says so")
    func wholeRuns() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        var before: [OutageBench.Row] = []
        try await rewound(bench, store) {
            #expect(try await bench.complete(OutageBench.claim(1), in: store))
            try await store.record([OutageBench.missed(2, count: 1)])
            #expect(try await bench.complete(OutageBench.claim(of: refresh), in: store))
            before = try await bench.rows()
        }
        #expect(before.count == 3)
        #expect(try await bench.rows() == before)
        #expect(store.status.setAside == 0)
        let events = await bench.records.events(from: .earliest, until: .latest, job: nil, limit: 9)
        #expect(events.map(\.kind) == [.storeRewound, .storeOutage])
        #expect(bench.news.withLock { $0 }.contains(.rewound(runs: 3)))
    }

    @Test("a run under way whose row was lost goes on, and ends under the proof that its maker has")
    func liveRun() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        var owned: OwnedRun?
        try await rewound(bench, store) {
            owned = try await store.own(OutageBench.claim())
            let proof = try #require(owned)
            #expect(try await store.startAttempt(proof, number: 1, at: bench.now))
        }
        let proof = try #require(owned)
        #expect(try await store.renew([proof], lease: .seconds(60)) == [])
        #expect(try await store.finish(proof, OutageBench.end()))
        #expect(try await bench.rows().map(\.record.outcome) == [.succeeded])
    }

    @Test("an end that was lost, of a run that was not, is recorded again")
    func lostEnd() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        let owned = try await store.own(OutageBench.claim())
        #expect(try await store.startAttempt(owned, number: 1, at: bench.now))
        try await rewound(bench, store) { _ = try await store.finish(owned, OutageBench.end()) }
        #expect(try await bench.rows().map(\.record.outcome) == [.succeeded])
    }

    @Test("an end that goes to a server which does not know its run is kept until the run is recorded again")
    func endOverNewConnection() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        let backup = await bench.records.backup()
        let owned = try await store.own(OutageBench.claim())
        #expect(try await store.startAttempt(owned, number: 1, at: bench.now))
        await bench.records.restore(backup)
        // The connection breaks once, and is made anew to the server that was promoted.
        bench.storeFaults.fail(.before)
        #expect(try await store.finish(owned, OutageBench.end()))
        #expect(await store.recover())
        #expect(try await bench.rows().map(\.record.outcome) == [.succeeded])
        #expect(store.status.outageSince == nil && store.status.setAside == 0)
    }

    @Test("what was lost while no daemon was running is recorded again at the next start")
    func betweenDaemons() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        let backup = await bench.records.backup()
        #expect(try await bench.complete(OutageBench.claim(1), in: store))
        let before = try await bench.rows()
        await bench.records.restore(backup)
        _ = try await bench.start()
        #expect(try await bench.rows() == before)
    }

    @Test("a store that has lost nothing gets nothing again, and a run that another host has is left to it")
    func nothingLost() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        #expect(try await bench.complete(OutageBench.claim(1), in: store))
        let owned = try await store.own(OutageBench.claim(2))
        let other = HostID("beta/1")
        _ = await bench.records.takeOver(
            host: other, hostRestarted: false, except: [], lease: .seconds(60), limit: 9)
        let before = try await bench.rows()
        try await rewound(bench, store) {}
        #expect(try await bench.rows() == before)
        let news = bench.news.withLock { $0 }
        #expect(!news.contains(.rewound(runs: 1)) && !news.contains(.rewound(runs: 2)))
        #expect(owned.fence > 0)
    }
}
