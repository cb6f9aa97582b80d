import JobCatalog
import Records
import RunEngine
import Testing

@Suite struct SchedulerTurnTests {
    @Test("a turn looks at a bounded number of starts, and asks for the next turn at once for the others")
    func bounded() throws {
        let count = EngineLimits.startsPerTurn + 10
        let jobs = try (0..<count).map { try makeJob(name: "job-\($0)") }
        var bench = Bench(jobs, settings: EngineSettings(requestsMax: 4))
        bench.wake(60)
        #expect(bench.claims.count == 3 && bench.scheduler.work.count == EngineLimits.startsPerTurn)
        #expect(bench.scheduler.wakeAt == at(60))
        bench.wake(60)
        #expect(bench.scheduler.work.count == count)
        #expect(bench.scheduler.wakeAt.map { $0 > at(60) } == true)
    }

    @Test("events that come together have the effects that they have one by one")
    func together() throws {
        let jobs = try (0..<20).map { try makeJob(name: "job-\($0)") }
        var bench = Bench(jobs)
        bench.wake(60)
        let events = jobs.map { job in
            let owned = OwnedRun(id: runID(job, 60), fence: 1)
            return Event.run(owned.id, .written(.success(.claim(.claimed(owned)))))
        }
        var one = bench.scheduler
        let effects = events.flatMap { one.handle($0, at: at(60)) }
        #expect(effects.count == jobs.count)
        #expect(bench.scheduler.handle(events, at: at(60)) == effects)
        #expect(bench.scheduler.wakeAt == one.wakeAt)
    }
}
