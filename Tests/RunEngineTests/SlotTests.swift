import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Testing

/// What the scheduler does with slots: see `LineTests` for who is next.
@Suite struct SlotTests {
    /// Jobs due each minute at one API, with four slots, of which that API gets three.
    private func crowd(_ count: Int, _ options: String = "") throws -> (Bench, [Job]) {
        let jobs = try (0..<count).map { try makeJob("timeout=10m " + options, name: "j\($0)") }
        return (Bench(jobs, settings: EngineSettings(requestsMax: 4)), jobs)
    }

    @Test("an occurrence without a slot is not claimed, and its wait is lateness")
    func waits() throws {
        var (bench, jobs) = try crowd(5)
        bench.wake(60)
        #expect(bench.claims.count == 3 && bench.rows == [])
        for job in jobs.prefix(3) { bench.startRequest(runID(job, 60), at: 60) }
        bench.wake(90)
        #expect(bench.scheduler.oldestWaiting == at(60))
        #expect(bench.scheduler.runs.count == 3 && bench.scheduler.requesting == 3)
        bench.take(.run(runID(jobs[0], 60), .exchanged(answered(200))), at: 95)
        #expect(bench.claims == [runID(jobs[3], 60)])
    }

    @Test("an occurrence that waits for a slot for minutes is run late, not missed")
    func late() throws {
        var (bench, jobs) = try crowd(4)
        bench.wake(60)
        for job in jobs.prefix(3) { bench.startRequest(runID(job, 60), at: 60) }
        bench.wake(400)
        let rows = bench.rows
        #expect(!rows.isEmpty && !rows.contains { $0.hasPrefix("60 ") })
        bench.take(.run(runID(jobs[0], 60), .exchanged(answered(200))), at: 401)
        #expect(bench.claims.first == runID(jobs[3], 60))
    }

    @Test("an occurrence whose deadline passes in line is skipped then, and takes no slot")
    func deadline() throws {
        var (bench, jobs) = try crowd(4, "deadline=30s")
        bench.wake(60)
        for job in jobs.prefix(3) { bench.startRequest(runID(job, 60), at: 60) }
        #expect(bench.scheduler.wakeAt.map { $0 <= at(90.000_001) } == true)
        bench.wake(90.000_001)
        #expect(bench.rows == ["60 skipped deadline"])
        bench.confirmRows(of: jobs[3], at: 91)
        #expect(bench.scheduler.oldestWaiting == nil)
        bench.take(.run(runID(jobs[0], 60), .exchanged(answered(200))), at: 92)
        #expect(bench.claims == [])
    }

    @Test("a job whose occurrence is in line skips later ones, and says what they wait for")
    func overlap() throws {
        var (bench, jobs) = try crowd(4)
        bench.wake(60)
        for job in jobs.prefix(3) { bench.startRequest(runID(job, 60), at: 60) }
        bench.wake(120)
        bench.take(.run(runID(jobs[0], 60), .exchanged(answered(200))), at: 121)
        bench.answerClaim(of: runID(jobs[3], 60), .alreadyDecided, at: 122)
        let details = bench.effects.flatMap { effect -> [String] in
            if case .record(jobs[3].name, let rows) = effect { rows.compactMap(\.detail) } else { [] }
        }
        #expect(details == ["the occurrence of 2026-03-01T00:01:00Z still waited for a free slot"])
    }

    @Test("with overlap=replace a later occurrence replaces one that is in line, and nothing of it was begun")
    func replace() throws {
        var (bench, jobs) = try crowd(4, "overlap=replace")
        bench.wake(60)
        for job in jobs.prefix(3) { bench.startRequest(runID(job, 60), at: 60) }
        bench.wake(120)
        #expect(bench.rows == ["60 skipped replaced"])
    }

    @Test("an attempt after the first waits for a slot, too")
    func retry() throws {
        var (bench, jobs) = try crowd(4, "retry=1 backoff=10s")
        bench.wake(60)
        for job in jobs.prefix(3) { bench.startRequest(runID(job, 60), at: 60) }
        let first = runID(jobs[0], 60)
        bench.take(.run(first, .exchanged(answered(500))), at: 61)
        #expect(bench.claims == [runID(jobs[3], 60)])
        bench.startRequest(runID(jobs[3], 60), at: 61)
        bench.take(.run(first, .written(.success(.owner(true)))), at: 61)
        bench.wake(80)
        #expect(bench.effects == [] && bench.scheduler.oldestWaiting == at(71))
        bench.take(.run(runID(jobs[1], 60), .exchanged(answered(200))), at: 85)
        #expect(
            bench.effects.contains(
                .run(
                    first, jobs[0],
                    .write(.startAttempt(OwnedRun(id: first, fence: 1), number: 2, at: at(85))))))
    }

    @Test("a claim that leads to no request gives its slot to the next")
    func givenBack() throws {
        var (bench, jobs) = try crowd(4)
        bench.wake(60)
        bench.answerClaim(of: runID(jobs[0], 60), .alreadyDecided, at: 61)
        #expect(bench.claims == [runID(jobs[3], 60)])
    }

    @Test("a run that is lost keeps its slot until its request has ended")
    func lostRun() throws {
        var (bench, jobs) = try crowd(4)
        bench.wake(60)
        for job in jobs.prefix(3) { bench.startRequest(runID(job, 60), at: 60) }
        let first = runID(jobs[0], 60)
        bench.take(.renewed(lost: [OwnedRun(id: first, fence: 1)]), at: 70)
        #expect(bench.effects == [.cancel(first)])
        bench.take(.run(first, .exchanged(answered(200))), at: 71)
        #expect(bench.claims == [runID(jobs[3], 60)])
    }

    @Test("a stop leaves what is in line to the next start")
    func stop() throws {
        var (bench, jobs) = try crowd(4)
        bench.wake(60)
        for job in jobs.prefix(3) { bench.startRequest(runID(job, 60), at: 60) }
        bench.take(.stop, at: 70)
        for job in jobs.prefix(3) { bench.end(runID(job, 60), at: 80) }
        #expect(bench.claims == [] && bench.rows == [] && bench.effects.last == .drained)
    }
}

@Suite struct ReloadOrderTests {
    private func catalog(_ name: String) throws -> Catalog {
        Catalog(jobs: [try makeJob(name: name)], zoneData: nil)
    }

    private func registered(_ catalog: Catalog) -> Result<RegisteredCatalog, StoreError> {
        .success(RegisteredCatalog(catalog, watermarks: [:]))
    }

    @Test("a reload comes into force when the store knows it, before anything that it decides")
    func inForce() throws {
        var bench = try Bench([makeJob()])
        let newer = try catalog("b")
        bench.take(.reload(newer, number: 1), at: 10)
        #expect(bench.effects == [.register(newer, number: 1, isFirst: false)])
        #expect(bench.scheduler.reloadPendingSince == at(10))
        let effects = bench.scheduler.handle(.registered(registered(newer), number: 1), at: at(11))
        #expect(effects.first == .inForce(number: 1))
        #expect(bench.scheduler.catalog == newer && bench.scheduler.reloadPendingSince == nil)
    }

    @Test("a reload that is superseded before the store was asked never reaches it")
    func superseded() throws {
        var bench = try Bench([makeJob()])
        let catalogs = try ["b", "c", "d"].map(catalog)
        for (number, catalog) in catalogs.enumerated() {
            bench.take(.reload(catalog, number: number), at: 10)
        }
        #expect(bench.effects == [], "one at a time")
        // The store has taken the first: it comes into force, and only the last follows.
        bench.take(.registered(registered(catalogs[0]), number: 0), at: 12)
        #expect(bench.scheduler.catalog == catalogs[0])
        #expect(bench.effects == [.register(catalogs[2], number: 2, isFirst: false)])
    }

    @Test("a reload that the store refused is tried again after a while, and not once a newer one is there")
    func failed() throws {
        var bench = try Bench([makeJob()])
        let (first, second) = (try catalog("b"), try catalog("c"))
        bench.take(.reload(first, number: 1), at: 10)
        bench.take(.registered(.failure(storeAway), number: 1), at: 11)
        #expect(bench.effects == [])
        bench.wake(12)
        #expect(bench.effects == [.register(first, number: 1, isFirst: false)])
        bench.take(.registered(.failure(storeAway), number: 1), at: 13)
        bench.take(.reload(second, number: 2), at: 13)
        #expect(bench.effects == [.register(second, number: 2, isFirst: false)])
        bench.take(.registered(registered(second), number: 2), at: 14)
        bench.wake(100)
        #expect(!bench.effects.contains(.register(first, number: 1, isFirst: false)))
        #expect(bench.scheduler.catalog == second)
    }

    @Test("no catalog is registered by a clock that cannot be right")
    func clockFloor() throws {
        var scheduler = Scheduler(
            host: HostID("h/1"), settings: EngineSettings(clockFloor: at(1000)))
        let first = try catalog("a")
        #expect(scheduler.handle(.reload(first, number: 0), at: at(10)) == [])
        #expect(scheduler.handle(.woke, at: at(1000)) == [.register(first, number: 0, isFirst: true)])
    }
}
