import CivilTime
import Journal
import Records
import RunEngine
import RunModel
import RunStoreConformance
import Synchronization
import Testing

@Suite("the delivery of a journal")
struct DeliveryTests {
    /// What happens in an outage: runs that end well, run again, wait for a retry, and decisions without a request.
    private func live(in store: JournaledStore, _ bench: OutageBench) async throws {
        try await bench.complete(OutageBench.claim(0), in: store)
        var skipped = OutageBench.claim(1).run
        skipped.state = .finished
        skipped.outcome = .skipped
        skipped.reason = .overlap
        skipped.finishedAt = skipped.dueAt
        _ = try await store.record([skipped])
        let owned = try await store.own(OutageBench.claim(2, of: refresh))
        let at = OutageBench.midnight
        #expect(try await store.startAttempt(owned, number: 1, at: at))
        let attempt = AttemptRecord(number: 1, startedAt: at, finishedAt: at, reason: .connect, detail: "no")
        #expect(try await store.awaitRetry(owned, attempt: attempt, retryAt: at + .seconds(9)))
        #expect(try await store.startAttempt(owned, number: 2, at: at + .seconds(9)))
        #expect(
            try await store.finish(
                owned, OutageBench.end(2, .failed, reason: .status, at: at + .seconds(10))))
        let open = try await store.own(OutageBench.claim(4))
        #expect(try await store.startAttempt(open, number: 1, at: at))
    }

    /// The rows when the store was never away.
    private func expectedRows() async throws -> [OutageBench.Row] {
        let bench = OutageBench()
        try await live(in: try await bench.start(), bench)
        return try await bench.rows()
    }

    @Test(
        "a crash at any step of the delivery leaves the same rows after the next start",
        arguments: Failure.allCases)
    func crashes(how: Failure) async throws {
        let expected = try await expectedRows()
        #expect(expected.count == 4)
        for (name, faults) in [("store", \OutageBench.storeFaults), ("journal", \.journalFaults)] {
            var step = 1
            while true {
                let bench = OutageBench()
                let store = try await bench.start()
                try await bench.beginOutage(of: store)
                try await live(in: store, bench)
                bench.storeFaults.heal()
                bench[keyPath: faults].crash(at: step, how)
                // The process ends here: what it knew is gone.
                let isOver = await store.recover()
                bench[keyPath: faults].heal()
                let next = try await bench.start()
                #expect(try await bench.rows() == expected, "\(name), step \(step)")
                #expect(next.status == JournalStatus(policy: .run), "\(name), step \(step)")
                let abandoned = try await next.takeOver(
                    host: OutageBench.host, hostRestarted: true, except: [], lease: .seconds(60), limit: 9)
                #expect(abandoned.map(\.requestMayHaveBeenSent) == [true], "\(name), step \(step)")
                if isOver { break }
                step += 1
            }
            #expect(step > (name == "store" ? 11 : 3), "\(name) failed in \(step) steps only")
        }
    }

    @Test("a delivery that fails at any step goes on in the same daemon", arguments: Failure.allCases)
    func interruptions(how: Failure) async throws {
        let expected = try await expectedRows()
        for faults in [\OutageBench.storeFaults, \.journalFaults] {
            for step in 1...30 {
                let bench = OutageBench()
                let store = try await bench.start()
                try await bench.beginOutage(of: store)
                try await live(in: store, bench)
                bench.storeFaults.heal()
                bench[keyPath: faults].crash(at: step, how)
                let isOver = await store.recover()
                #expect(!isOver || store.status.outageSince == nil)
                bench[keyPath: faults].heal()
                #expect(await store.recover())
                #expect(try await bench.rows() == expected, "step \(step)")
                #expect(store.status == JournalStatus(policy: .run))
            }
        }
    }

    @Test("what happens during the delivery goes behind it")
    func duringDelivery() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        for number in 0..<40 as Range<Int64> {
            try await bench.complete(OutageBench.claim(number), in: store)
        }
        bench.storeFaults.heal()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { while await !store.recover() {} }
            group.addTask {
                for number in 40..<80 as Range<Int64> {
                    try await bench.complete(OutageBench.claim(number), in: store)
                }
            }
            try await group.waitForAll()
        }
        let rows = try await bench.rows()
        #expect(rows.count == 80)
        #expect(rows.allSatisfy { $0.record.outcome == .succeeded })
        #expect(store.status == JournalStatus(policy: .run))
    }

    @Test(
        "an occurrence that another host decided is set aside with all of its run, and the rest is delivered")
    func duplicate() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        try await bench.complete(OutageBench.claim(0), in: store)
        try await bench.complete(OutageBench.claim(1), in: store)
        let other = HostID("beta/1")
        try await bench.complete(OutageBench.claim(0, on: other), in: bench.records)
        bench.storeFaults.heal()
        #expect(await store.recover())
        #expect(try await bench.rows().map(\.record.host) == [other, OutageBench.host])
        let events = await bench.records.events(from: .earliest, until: .latest, job: purge, limit: 9)
        #expect(events.map(\.kind) == [.duplicate, .storeOutage])
        #expect(store.status.setAside == 3)
        #expect(store.status.backlog.count == 0)
        let problems = bench.news.withLock { $0 }.compactMap { news in
            if case .setAside(_, let problem) = news { problem } else { nil }
        }
        #expect(
            problems == [
                "another host, which may have made the run too, or a pause decided the occurrence first",
                "the store did not take the claim of its run",
                "the store did not take the claim of its run",
            ])
    }

    @Test("of a row of several occurrences that which no other host decided is delivered", arguments: 1...5)
    func partOfRow(decided: Int) async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        #expect(try await store.record([OutageBench.missed(1, count: 5)]).isEmpty)
        try await bench.complete(OutageBench.claim(6), in: store)
        let other = HostID("beta/1")
        _ = try await bench.records.record([OutageBench.missed(1, count: decided, on: other)])
        bench.storeFaults.heal()
        #expect(await store.recover())
        let rows = try await bench.rows().map(\.record).sorted { $0.dueAt < $1.dueAt }
        let spans = (decided < 5 ? [1...decided, decided + 1...5] : [1...5]) + [6...6]
        func hour(_ number: Int) -> Instant? { OutageBench.midnight + .seconds(3600 * number) }
        #expect(rows.map(\.scheduledFor) == spans.map { hour($0.lowerBound) })
        #expect(rows.map { $0.scheduledUntil ?? $0.scheduledFor } == spans.map { hour($0.upperBound) })
        #expect(rows.map(\.occurrences) == spans.map(\.count))
        #expect(rows.map(\.host) == [other] + rows.dropFirst().map { _ in OutageBench.host })
        #expect(store.status == JournalStatus(policy: .run))
    }

    @Test("a row of which nobody can tell what is left is set aside")
    func unknownPartOfRow() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        var row = OutageBench.missed(1, count: 5)
        row.configHash = "f00d"
        #expect(try await store.record([row]).isEmpty)
        _ = try await bench.records.record([OutageBench.missed(1, count: 2, on: HostID("beta/1"))])
        bench.storeFaults.heal()
        #expect(await store.recover())
        #expect(try await bench.rows().map(\.record.occurrences) == [2])
        #expect(store.status.setAside == 1)
    }

    @Test("the end of a run that another host took over meanwhile changes nothing, and blocks nothing")
    func takenOver() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        var claim = OutageBench.claim()
        claim.lease = .zero
        let owned = try await store.own(claim)
        try await bench.beginOutage(of: store)
        #expect(try await store.finish(owned, OutageBench.end()))
        try await bench.complete(OutageBench.claim(of: refresh), in: store)
        _ = await bench.records.takeOver(
            host: HostID("beta/1"), hostRestarted: false, except: [], lease: .seconds(60), limit: 9)
        bench.storeFaults.heal()
        #expect(await store.recover())
        let rows = try await bench.rows()
        #expect(rows.first { $0.record.job == purge }?.record.state == .claimed)
        #expect(rows.first { $0.record.job == refresh }?.record.outcome == .succeeded)
        #expect(store.status.setAside == 1)
    }

    @Test("a run that overlapped one of another host is a row, since it was made")
    func overlap() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        try await bench.complete(OutageBench.claim(1), in: store)
        _ = try await bench.records.claim(
            OutageBench.claim(0, on: HostID("beta/1")))
        bench.storeFaults.heal()
        #expect(await store.recover())
        #expect(try await bench.rows().map(\.record.state) == [.claimed, .finished])
    }

    @Test("a run that goes on and that another host made too is not this host's any more")
    func lostLocally() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        let owned = try await store.own(OutageBench.claim())
        try await bench.complete(OutageBench.claim(on: HostID("beta/1")), in: bench.records)
        bench.storeFaults.heal()
        #expect(await store.recover())
        #expect(try await store.renew([owned], lease: .seconds(60)) == [owned.id])
        #expect(try await store.startAttempt(owned, number: 1, at: bench.now) == false)
    }

    @Test(
        "an operation that nobody can read is set aside; one of a newer program keeps the daemon from starting"
    )
    func unreadable() async throws {
        let bench = OutageBench()
        for payload in ["", "{}", "{\"operation\":\"finish\"}", "{\"operation\":\"fly\"}"] {
            _ = try await bench.journal.append(
                JournalledOperation(owned: nil, recordedAt: bench.now, version: 1, payload: payload))
        }
        let store = try await bench.start()
        #expect(store.status.setAside == 4)
        #expect(store.status.backlog.count == 0)
        _ = try await bench.journal.append(
            JournalledOperation(owned: nil, recordedAt: bench.now, version: 2, payload: "{}"))
        let error = await #expect(throws: StoreError.self) { try await bench.open().start() }
        #expect(error?.reason == .schema)
        #expect(error?.description == "the journal was written by a newer almanac")
    }

    @Test("a store whose schema does not fit keeps the journal until somebody mends it")
    func schema() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        try await bench.complete(OutageBench.claim(), in: store)
        bench.storeFaults.setAway(true, StoreError(.schema, "a table is missing"))
        #expect(await store.recover() == false)
        #expect(store.status.outageError?.reason == .schema)
        #expect(store.status.backlog.count == 3)
        bench.storeFaults.heal()
        #expect(await store.recover())
        #expect(try await bench.rows().count == 1)
    }

    @Test("the store is asked again by itself, until it is back")
    func probing() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        try await bench.complete(OutageBench.claim(), in: store)
        bench.storeFaults.heal()
        let probing = Task { await store.run() }
        while store.status.outageSince != nil { await Task.yield() }
        probing.cancel()
        await probing.value
        #expect(try await bench.rows().count == 1)
    }
}
