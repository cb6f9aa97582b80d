import CivilTime
import Journal
import Records
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
        try await recover(bench, store)
    }

    /// Lets a store come back that has lost something: other hosts, were there any, have the time to say what they made.
    private func recover(_ bench: OutageBench, _ store: JournaledStore) async throws {
        if await store.recover() { return }
        #expect(store.status.outageSince == nil)
        bench.pass(OutageLimits.probeInterval)
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
        #expect(bench.news.withLock { $0 }.contains(.rewound(runs: 2)))
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
        try await recover(bench, store)
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

    private func rewinds(_ bench: OutageBench) -> Int {
        bench.news.withLock { $0 }.count { if case .rewound = $0 { true } else { false } }
    }

    private static let other = HostID("beta/1")

    @Test("a row without a request yields to the run of another host that comes back later")
    func rowAfterRun() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        let backup = await bench.records.backup()
        let claim = OutageBench.claim(1, on: Self.other)
        #expect(try await bench.complete(claim, in: bench.records))
        // Decided before: the store leaves it out, and does not say so.
        try await store.record([OutageBench.missed(1, count: 1)])
        await bench.records.restore(backup)
        bench.storeFaults.setAway(true, .replaced)
        _ = try await store.renew([], lease: .seconds(60))
        bench.storeFaults.heal()
        #expect(await !store.recover())
        #expect(try await bench.complete(claim, in: bench.records))
        try await recover(bench, store)
        #expect(try await bench.rows().map(\.record.outcome) == [.succeeded])
    }

    @Test("a run that got an older fence when it was delivered again is not lost")
    func olderFence() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        let backup = await bench.records.backup()
        #expect(try await bench.complete(OutageBench.claim(1, on: Self.other), in: bench.records))
        #expect(try await bench.complete(OutageBench.claim(2), in: store))
        await bench.records.restore(backup)
        _ = try await bench.start()
        #expect(try await bench.rows().map(\.record.outcome) == [.succeeded])
        #expect(rewinds(bench) == 1)
        _ = try await bench.start()
        #expect(rewinds(bench) == 1)
    }

    @Test("a run that another host decided meanwhile is set aside once")
    func setAsideOnce() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        let backup = await bench.records.backup()
        #expect(try await bench.complete(OutageBench.claim(1), in: store))
        await bench.records.restore(backup)
        #expect(try await bench.complete(OutageBench.claim(1, on: Self.other), in: bench.records))
        let next = try await bench.start()
        #expect(next.status.setAside == 1 && rewinds(bench) == 1)
        try await recover(bench, next)
        let events = await bench.records.events(from: .earliest, until: .latest, job: nil, limit: 9)
        #expect(events.contains { $0.kind == .duplicate })
        let last = try await bench.start()
        #expect(last.status.setAside == 0 && rewinds(bench) == 1)
    }

    @Test(
        "a run that another host has anew, under the very fence that was lost, is not ended by the host that had it before"
    )
    func sameFence() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        let backup = await bench.records.backup()
        let mine = try await store.own(OutageBench.claim(1))
        await bench.records.restore(backup)
        let others = try await bench.records.own(OutageBench.claim(1, on: Self.other))
        #expect(others == mine)
        bench.storeFaults.setAway(true)
        _ = try await store.renew([], lease: .seconds(60))
        bench.storeFaults.heal()
        try await recover(bench, store)
        #expect(try await !store.finish(mine, OutageBench.end()))
        #expect(try await bench.rows().map(\.record.outcome) == [nil])
    }

    @Test("occurrences that a pause skipped have rows again when the database has lost them")
    func paused() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        await bench.records.pause(Pause(scope: .job(purge), at: bench.now, by: "me"))
        try await rewound(bench, store) {
            for number in Int64(1)...2 {
                guard case .paused = try await store.claim(OutageBench.claim(number)) else {
                    Issue.record("not paused")
                    return
                }
            }
            #expect(try await bench.complete(OutageBench.claim(1, of: refresh), in: store))
            #expect(try await bench.rows().count == 2, "both share a row")
        }
        let skipped = try await bench.rows().map(\.record).filter { $0.reason == .paused }
        let expected: [Int64] = [1, 2]
        #expect(skipped.map(\.scheduledFor) == expected.map { OutageBench.claim($0).run.scheduledFor })
        #expect(rewinds(bench) == 1)
    }

    @Test("a row whose occurrence another host's row stands for is not lost")
    func sharedByOther() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.records.record([OutageBench.missed(1, count: 3, on: Self.other)])
        try await store.record([OutageBench.missed(2, count: 1)])
        let before = try await bench.rows()
        let next = try await bench.start()
        #expect(await next.recover())
        #expect(try await bench.rows() == before && rewinds(bench) == 0)
    }

    /// A daemon that is killed while the store has its claim of the first occurrence, and has just taken it.
    private func killed(_ bench: OutageBench) async throws {
        let store = try await bench.start(.hold)
        bench.storeFaults.crash(at: 1, .after)
        await #expect(throws: StoreError.self) { try await store.claim(OutageBench.claim(1)) }
        bench.storeFaults.heal()
        #expect(try await bench.rows().count == 1)
    }

    @Test("an occurrence that a daemon was killed over has a row although the database has lost it")
    func killedOverClaim() async throws {
        let bench = OutageBench()
        let backup = await bench.records.backup()
        try await killed(bench)
        await bench.records.restore(backup)
        _ = try await bench.records.register(OutageBench.jobs, by: nil, now: bench.now)
        #expect(try await bench.complete(OutageBench.claim(2, on: Self.other), in: bench.records))
        let next = try await bench.start()
        #expect(await next.recover())
        let rows = try await bench.rows().map(\.record).sorted { $0.dueAt < $1.dueAt }
        #expect(rows.map(\.outcome) == [.missed, .succeeded])
        #expect(rows.first?.id == OutageBench.claim(1).run.id && rows.first?.reason == .down)
    }

    @Test(
        "an occurrence that a daemon was killed over is left to the next daemon when nothing later was decided"
    )
    func killedOverLastClaim() async throws {
        let bench = OutageBench()
        let backup = await bench.records.backup()
        try await killed(bench)
        await bench.records.restore(backup)
        let next = try await bench.start()
        #expect(await next.recover())
        #expect(try await bench.rows().isEmpty)
        #expect(try await bench.complete(OutageBench.claim(1), in: next))
    }

    @Test("what a store was asked for is kept once it has answered, and no longer asked about")
    func answeredQuestions() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        #expect(try await bench.complete(OutageBench.claim(1, on: Self.other), in: bench.records))
        #expect(try await store.claim(OutageBench.claim(1)) == .alreadyDecided)
        try await store.record([OutageBench.missed(2, count: 1), OutageBench.missed(3, count: 2)])
        let before = try await bench.rows()
        let backup = await bench.records.backup()
        await bench.records.forget()
        await bench.records.restore(backup)
        let next = try await bench.start()
        #expect(await next.recover())
        #expect(try await bench.rows() == before)
        #expect(rewinds(bench) == 0)
    }
}
