import CivilTime
import Journal
import Records
import RunEngine
import RunModel
import RunStoreConformance
import Synchronization
import Testing

@Test("while its store answers, it keeps the contract of run stores", arguments: StoreCheck.all)
func directModeConforms(check: StoreCheck) async throws {
    let bench = OutageBench()
    try await check.run { StoreInFront(journaled: bench.open(), records: bench.records) }
}

@Suite("an outage of the store")
struct OutageTests {
    @Test("runs are made without the store, and are its rows once it is back")
    func wholeRun() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        #expect(try await bench.complete(OutageBench.claim(0), in: store))
        #expect(try await bench.complete(OutageBench.claim(1), in: store))
        #expect(try await bench.rows().isEmpty)
        #expect(store.status.backlog.count == 6)
        #expect(store.status.isBridging)

        #expect(await store.recover() == false)
        bench.storeFaults.heal()
        #expect(await store.recover())
        let direct = OutageBench()
        let other = try await direct.start()
        #expect(try await direct.complete(OutageBench.claim(0), in: other))
        #expect(try await direct.complete(OutageBench.claim(1), in: other))
        #expect(try await bench.rows() == direct.rows())
        #expect(store.status == JournalStatus(policy: .run))
        #expect(bench.news.withLock { $0 }.count == 2)
        #expect(bench.news.withLock { $0 }.last == .outageEnded(lasted: .seconds(5), delivered: 6))
        let events = await bench.records.events(from: .earliest, until: .latest, job: nil, limit: 9)
        #expect(
            events == [
                StoreEvent(
                    at: OutageBench.midnight, host: OutageBench.host, kind: .storeOutage,
                    detail: "the store was away for 5 s (the database does not answer); "
                        + "6 operations were delivered after it")
            ])
    }

    @Test("a run that began before ends while the store is away")
    func end() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        let owned = try await store.own(OutageBench.claim())
        #expect(try await store.startAttempt(owned, number: 1, at: bench.now))
        bench.storeFaults.setAway(true)
        // At once: what is known must not be lost.
        #expect(try await store.finish(owned, OutageBench.end()))
        #expect(try await store.summaries().first?.lastSuccess?.id == owned.id)
        #expect(try await store.summaries().first?.liveRuns == 0)
        bench.storeFaults.heal()
        #expect(await store.recover())
        #expect(try await bench.rows().map(\.record.outcome) == [.succeeded])
    }

    @Test("a run that began without the store goes on with it, under the store's own fence")
    func recoveryDuringRun() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        let owned = try await store.own(OutageBench.claim())
        #expect(owned.fence < 0)
        #expect(try await store.startAttempt(owned, number: 1, at: bench.now))
        bench.storeFaults.heal()
        #expect(await store.recover())
        #expect(try await store.renew([owned], lease: .seconds(60)) == [])
        let attempt = AttemptRecord(
            number: 1, startedAt: bench.now, finishedAt: bench.now, reason: .connect)
        #expect(try await store.awaitRetry(owned, attempt: attempt, retryAt: bench.now + .seconds(9)))
        #expect(try await bench.rows().map(\.record.state) == [.retryWait])
        #expect(try await store.startAttempt(owned, number: 2, at: bench.now))
        #expect(try await store.finish(owned, OutageBench.end(2)))
        #expect(try await store.finish(owned, OutageBench.end(2)) == false)
        let rows = try await bench.rows()
        #expect(rows.map(\.record.outcome) == [.succeeded])
        #expect(rows.first?.attempts.map(\.number) == [1, 2])
    }

    @Test("a connection that broke once is no outage", arguments: Failure.allCases)
    func brokenConnection(how: Failure) async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        bench.storeFaults.fail(how)
        let owned = try await store.own(OutageBench.claim())
        #expect(owned.fence > 0)
        #expect(store.status.outageSince == nil)
    }

    @Test("nothing begins before the store has been away for a while")
    func patience() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        bench.storeFaults.setAway(true)
        let error = await #expect(throws: StoreError.self) {
            try await store.claim(OutageBench.claim())
        }
        #expect(error?.reason == .unreachable)
        bench.pass(OutageLimits.patience - .milliseconds(1))
        await #expect(throws: StoreError.self) {
            try await store.claim(OutageBench.claim())
        }
        bench.pass(.milliseconds(1))
        #expect(try await bench.complete(OutageBench.claim(), in: store))
    }

    @Test("with hold nothing begins, and what was begun ends")
    func hold() async throws {
        let bench = OutageBench()
        let store = try await bench.start(.hold)
        let owned = try await store.own(OutageBench.claim())
        try await bench.beginOutage(of: store)
        bench.pass(.seconds(3600))
        let error = await #expect(throws: StoreError.self) {
            try await store.claim(OutageBench.claim(1))
        }
        #expect(error?.hint?.contains("ALMANAC_STORE_OUTAGE=hold") == true)
        await #expect(throws: StoreError.self) {
            try await store.startAttempt(owned, number: 1, at: bench.now)
        }
        await #expect(throws: StoreError.self) { try await store.summaries() }
        #expect(!store.status.isBridging)
        let end = Completion(
            outcome: .failed, reason: .shutdown, detail: "the host stops", finishedAt: bench.now)
        #expect(try await store.finish(owned, end))
        bench.storeFaults.heal()
        #expect(await store.recover())
        #expect(try await bench.rows().map(\.record.outcome) == [.failed])
        #expect(try await bench.complete(OutageBench.claim(1), in: store))
    }

    @Test("a dead store is not asked again by each call")
    func noWaiting() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        let asked = bench.storeFaults.calls
        #expect(try await bench.complete(OutageBench.claim(), in: store))
        #expect(try await store.renew([], lease: .seconds(60)) == [])
        let abandoned = try await store.takeOver(
            host: OutageBench.host, hostRestarted: false, except: [], lease: .seconds(60), limit: 9)
        #expect(abandoned.isEmpty)
        _ = try await store.summaries()
        #expect(bench.storeFaults.calls == asked)
    }

    @Test("a store that does not answer at all keeps only those waiting who asked it first")
    func silence() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        let goOn = bench.storeFaults.hang()
        let first = Task { try await store.claim(OutageBench.claim()) }
        while !bench.storeFaults.isHanging { await Task.yield() }
        bench.pass(OutageLimits.silenceMax)
        #expect(try await bench.complete(OutageBench.claim(of: refresh), in: store))
        #expect(store.status.outageError?.description == "the database has not answered for 12 s")
        goOn()
        let owned = try await first.value.owned
        #expect(try await store.startAttempt(owned, number: 1, at: bench.now))
        #expect(try await store.finish(owned, OutageBench.end()))
        #expect(await store.recover())
        #expect(try await bench.rows().map(\.record.outcome) == [.succeeded, .succeeded])
    }

    @Test("a store that refuses to be written is away; one that is busy is asked again by whoever needs it")
    func reasons() async throws {
        for (reason, isOutage) in [
            (StoreError.Reason.unreachable, true), (.refused, true), (.busy, false), (.schema, false),
            (.defect, false),
        ] {
            let bench = OutageBench()
            let store = try await bench.start()
            bench.storeFaults.setAway(true, StoreError(reason, "no"))
            await #expect(throws: StoreError.self) {
                try await store.claim(OutageBench.claim())
            }
            #expect((store.status.outageSince != nil) == isOutage, "\(reason)")
        }
    }

    @Test("an occurrence is claimed once, and beside a run of this host only when the job allows it")
    func localRules() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        let live = try await store.own(OutageBench.claim())
        try await bench.beginOutage(of: store)
        #expect(
            try await store.claim(OutageBench.claim(1)) == .overlaps(live.id))
        var beside = OutageBench.claim(1)
        beside.isExclusive = false
        #expect(try await bench.complete(beside, in: store))
        #expect(try await store.claim(beside) == .alreadyDecided)
        var missed = OutageBench.claim(2, of: refresh).run
        missed.state = .finished
        missed.outcome = .missed
        missed.reason = .down
        missed.finishedAt = bench.now
        missed.occurrences = 3
        missed.scheduledUntil = missed.dueAt + .seconds(7200)
        #expect(try await store.record([missed]).isEmpty)
        for number in 2...4 as ClosedRange<Int64> {
            #expect(
                try await store.claim(OutageBench.claim(number, of: refresh))
                    == .alreadyDecided)
        }
        #expect(try await bench.complete(OutageBench.claim(5, of: refresh), in: store))
    }

    @Test("a pause that was known holds without the store, and one that came later undoes no run")
    func pauses() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        let pause = Pause(scope: .job(purge), at: bench.now, by: "amina")
        await bench.records.pause(pause)
        #expect(try await store.pauses() == [pause])
        try await bench.beginOutage(of: store)
        #expect(try await store.pauses() == [pause])
        #expect(try await store.claim(OutageBench.claim()) == .paused(pause))
        #expect(try await bench.complete(OutageBench.claim(of: refresh), in: store))
        await bench.records.pause(Pause(scope: .all, at: bench.now, by: "omar"))
        bench.storeFaults.heal()
        #expect(await store.recover())
        let rows = try await bench.rows()
        #expect(Set(rows.map(\.record.outcome)) == [.skipped, .succeeded])
        #expect(rows.first { $0.record.job == purge }?.record.reason == .paused)
    }

    @Test("a reload without the store answers what is known, and the store knows the jobs afterwards")
    func reload() async throws {
        let bench = OutageBench()
        let store = try await bench.start()
        try await bench.beginOutage(of: store)
        #expect(try await bench.complete(OutageBench.claim(3), in: store))
        let added = JobName("added") ?? purge
        var jobs = OutageBench.jobs + [JobRegistration(job: added, configHash: "2")]
        jobs[0].configHash = "1"
        let answer = try await store.register(jobs, by: OutageBench.host, now: bench.now)
        #expect(
            answer[purge]
                == RegisteredJob(
                    watermark: OutageBench.midnight + .seconds(3 * 3600), previousHash: "c0ffee",
                    inForceSince: bench.now))
        #expect(answer[added] == RegisteredJob(watermark: bench.now, inForceSince: bench.now))
        #expect(answer[refresh]?.inForceSince == OutageBench.midnight - .seconds(60))
        #expect(try await bench.complete(OutageBench.claim(4, of: added), in: store))
        bench.storeFaults.heal()
        #expect(await store.recover())
        #expect(try await bench.rows().count == 2)
    }

    @Test("a daemon does not begin without the store, which alone knows what was decided before")
    func startWithoutStore() async throws {
        let bench = OutageBench()
        bench.storeFaults.setAway(true)
        let store = bench.open()
        try await store.start()
        await #expect(throws: StoreError.self) {
            try await store.register(OutageBench.jobs, by: OutageBench.host, now: bench.now)
        }
        #expect(store.status.backlog.count == 0)
        await #expect(throws: StoreError.self) {
            try await store.takeOver(
                host: OutageBench.host, hostRestarted: true, except: [], lease: .seconds(60), limit: 9)
        }
    }
}
