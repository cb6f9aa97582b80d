import JobCatalog
import Records
import RunEngine
import Testing

/// What a scheduler remembers is bounded, however long the store is away and whatever happens meanwhile.
@Suite struct SchedulerBoundsTests {
    @Test("runs that may overlap do not pile up while the store is away")
    func piling() throws {
        let job = try makeJob("overlap=allow", when: "* * * * * *")
        var bench = Bench([job])
        for second in 1...1000 { bench.wake(Double(second)) }
        #expect(bench.scheduler.runs.count == 1)
        let size = bench.scheduler.work[job.name]?.size ?? 0
        #expect(size <= EngineLimits.unclaimedMax + 2 * EngineLimits.missedRowsMax)
        var first = 1
        while let id = bench.claims.first ?? (first == 1 ? runID(job, 1) : nil) {
            bench.take(.run(id, .written(.success(.claim(.alreadyDecided)))), at: 1000)
            first += 1
        }
        #expect(first == EngineLimits.unclaimedMax + 1)
        #expect(bench.rows.first?.hasPrefix("201 skipped store_outage ×") == true)
    }

    @Test("files that are read again and again leave nothing behind")
    func reloads() throws {
        let jobs = [try makeJob(), try makeJob("timeout=7m")]
        var bench = Bench([jobs[0]])
        bench.wake(60)
        for count in 1...1000 { bench.load([jobs[count % 2]], at: 61, considered: 0) }
        #expect(bench.scheduler.work[jobs[0].name]?.size ?? 0 <= 3)
    }
}
