import JobCatalog
import RunEngine
import RunModel
import Testing

@Suite struct SchedulerTurnTests {
    @Test("events that come together have the effects that they have one by one")
    func together() throws {
        let jobs = try (0..<20).map { try makeJob(name: "job-\($0)") }
        var bench = Bench(jobs)
        bench.wake(60)
        let events = jobs.map { job in
            let owned = OwnedRun(id: runID(job, 60), fence: 1)
            return Event.run(owned.id, .claimAnswered(.success(.claimed(owned))))
        }
        var one = bench.scheduler
        let effects = events.flatMap { one.handle($0, at: at(60)) }
        #expect(effects.count == jobs.count)
        #expect(bench.scheduler.handle(events, at: at(60)) == effects)
        #expect(bench.scheduler.wakeAt == one.wakeAt)
    }
}
