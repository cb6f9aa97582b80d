import CivilTime
import Journal
import Records
import RunEngine
import RunModel
import RunStoreConformance
import Synchronization
import Testing

@Suite("a store that answers again")
struct ProbeTests {
    @Test("an outage goes on while the store answers, and takes no run")
    func takesNoRun() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        bench.claimFaults.setAway(true, StoreError(.refused, "permission denied for table runs"))
        await #expect(throws: StoreError.self) {
            try await store.claim(OutageBench.claim())
        }
        bench.pass(OutageLimits.patience)
        #expect(try await bench.complete(OutageBench.claim(), in: store))
        #expect(await !store.recover())
        #expect(store.status.outageError?.message == "permission denied for table runs")
        bench.claimFaults.heal()
        #expect(await store.recover())
        #expect(try await bench.rows().map(\.record.outcome) == [.succeeded])
        #expect(bench.news.withLock { $0 }.count == 2)
    }

    @Test("that it takes a run is tried without leaving one")
    func leavesNothing() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        bench.storeFaults.heal()
        #expect(await store.recover())
        #expect(try await bench.rows().isEmpty)
    }

    @Test("the jobs that a store has forgotten are registered again, with how far they had come")
    func forgotten() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        #expect(try await bench.complete(OutageBench.claim(1), in: store))
        await bench.records.forget()
        // Two hours later: what fell due meanwhile was decided by nobody.
        bench.pass(.seconds(4 * 3600))
        #expect(try await store.record([OutageBench.missed(2, count: 2)]) == [:])
        #expect(try await bench.complete(OutageBench.claim(4), in: store))
        #expect(try await bench.rows().map(\.record.outcome) == [.missed, .succeeded])
        #expect(bench.news.withLock { $0 } == [.registeredAgain(2)])
    }

    @Test("a store that has forgotten the jobs learns what other hosts or a pause decided")
    func forgottenOfOthers() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        let others = OutageBench.claim(1, on: HostID("other/1"))
        #expect(try await bench.complete(others, in: bench.records))
        #expect(try await store.claim(OutageBench.claim(1)) == .alreadyDecided)
        func watermark() async throws -> Instant? {
            await bench.records.forget()
            // The first that the store hears of any job again.
            _ = try? await store.claim(OutageBench.claim(9, of: refresh))
            let known = try await bench.records.register(OutageBench.jobs, by: nil, now: bench.now)
            return known[purge]?.watermark
        }
        #expect(try await watermark() == OutageBench.claim(1).run.scheduledFor, "another host's")
        await bench.records.pause(Pause(scope: .job(purge), at: bench.now, by: "me"))
        #expect(try await store.claim(OutageBench.claim(2)) != .alreadyDecided)
        #expect(try await watermark() == OutageBench.claim(2).run.scheduledFor, "a pause's")
    }

    @Test("what was journalled is delivered to a store that has forgotten the jobs meanwhile")
    func forgottenInOutage() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        #expect(try await bench.complete(OutageBench.claim(1), in: store))
        await bench.records.forget()
        bench.storeFaults.heal()
        #expect(await store.recover())
        #expect(try await bench.rows().map(\.record.outcome) == [.succeeded])
        #expect(store.status.setAside == 0)
    }
}
