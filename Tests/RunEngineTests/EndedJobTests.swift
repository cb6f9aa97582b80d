import JobCatalog
import RunEngine
import Testing

@Suite("jobs that are over")
struct EndedJobTests {
    /// Due once, a minute after the start.
    private static let once = "0 1 0 1 3 ? 2026"

    @Test("a job that fell due once, while no daemon was running, is decided by its catch-up policy")
    func missed() throws {
        var bench = Bench([try makeJob(when: Self.once)], at: 7200)
        #expect(bench.rows == ["60 missed down"] && bench.claims.isEmpty)
        bench = Bench([try makeJob("catch-up=latest", when: Self.once)], at: 7200)
        let job = try makeJob("catch-up=latest", when: Self.once)
        #expect(bench.rows.isEmpty && bench.claims == [runID(job, 60)])
        bench.startRequest(runID(job, 60), at: 7200)
        #expect(bench.sends == 1)
        bench.end(runID(job, 60), at: 7201)
        bench.wake(9000)
        #expect(bench.effects.isEmpty && bench.scheduler.nextDue == nil)
    }

    @Test("a job that was decided and is over rests, over starts and reloads, beside others that run")
    func rests() throws {
        let (once, other) = (try makeJob(when: Self.once), try makeJob(when: "0 * * * *", name: "b"))
        var bench = Bench([once, other], considered: 60, at: 3000)
        #expect(bench.effects.isEmpty && bench.scheduler.nextDue?.job == other.name)
        bench.load([once, other], at: 3100, considered: 60)
        bench.wake(3600)
        #expect(bench.claims == [runID(other, 3600)])
    }

    @Test("a job that is over and becomes due again by another year counts from the change")
    func corrected() throws {
        var bench = Bench([try makeJob(when: Self.once)], considered: 60, at: 3000)
        let later = try makeJob(when: "0 0 2 1 3 ? 2026")
        bench.load([later], at: 3100, considered: 60)
        #expect(bench.effects.isEmpty && bench.scheduler.nextDue?.at == at(7200))
    }
}
