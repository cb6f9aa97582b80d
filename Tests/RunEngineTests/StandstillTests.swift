import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Testing

@Suite("a host whose clock is ahead of the store's")
struct StandstillTests {
    private let ahead = StoreError.ahead(by: .seconds(3600))

    /// The catalog that the store is asked for, if it is.
    private func registration(_ bench: Bench) -> (catalog: Catalog, number: Int)? {
        for case .register(let catalog, let number, _) in bench.effects { return (catalog, number) }
        return nil
    }

    private func isRight(_ bench: inout Bench, _ marks: [JobName: Instant], at seconds: Double) throws {
        bench.take(.clock(isAhead: false), at: seconds)
        let (catalog, number) = try #require(registration(bench))
        bench.take(
            .registered(.success(RegisteredCatalog(catalog, watermarks: marks)), number: number), at: seconds)
    }

    @Test("decides nothing, and goes on from where the store says its jobs are once the clock is right")
    func claim() throws {
        let job = try makeJob()
        var bench = Bench([job])
        // The clock jumps an hour ahead: all of it was missed, but for the last.
        bench.wake(3660)
        #expect(!bench.rows.isEmpty)
        bench.take(.recorded(job.name, .failure(ahead)), at: 3660)
        #expect(bench.claims == [] && bench.rows == [] && bench.effects == [.compareClocks])
        bench.wake(3720)
        #expect(bench.claims == [] && bench.rows == [])
        bench.take(.clock(isAhead: true), at: 3721)
        #expect(bench.scheduler.clockAheadSince == at(3660))
        // It is set right: the clocks are compared at once.
        bench.wake(65)
        #expect(bench.effects == [.compareClocks])
        try isRight(&bench, [job.name: at(0)], at: 65)
        #expect(bench.scheduler.clockAheadSince == nil)
        #expect(bench.claims == [runID(job, 60)] && bench.rows == [])
    }

    @Test("drops the claim that the store refused, and makes it when its time has come")
    func refusedClaim() throws {
        let job = try makeJob()
        var bench = Bench([job])
        bench.wake(60)
        bench.take(.run(runID(job, 60), .written(.failure(ahead))), at: 60)
        #expect(bench.scheduler.runs.isEmpty && bench.scheduler.work.isEmpty)
        bench.wake(20)
        try isRight(&bench, [job.name: at(0)], at: 21)
        #expect(bench.claims == [])
        bench.wake(60)
        #expect(bench.claims == [runID(job, 60)])
    }

    @Test("lets what is under way end")
    func underWay() throws {
        let job = try makeJob()
        var bench = Bench([job])
        let run = bench.begin(job, at: 60)
        bench.take(.clock(isAhead: true), at: 61)
        bench.end(run, at: 62)
        guard case .ended(let row)? = bench.effects.first else { Issue.record("no end"); return }
        #expect(row.outcome == .succeeded)
        bench.wake(120)
        #expect(bench.claims == [])
    }

    @Test("asks every few seconds, and stops when it must")
    func stop() throws {
        var bench = Bench([try makeJob()])
        bench.take(.clock(isAhead: true), at: 10)
        #expect(bench.effects == [.compareClocks])
        #expect(bench.scheduler.wakeAt == at(15))
        bench.wake(15)
        #expect(bench.effects == [.compareClocks])
        bench.take(.stop, at: 16)
        #expect(bench.effects == [.drained])
    }

    @Test("a job that people set back is decided from there on, and what was decided then stays so")
    func rewound() throws {
        let job = try makeJob()
        var bench = Bench([job], considered: 3600, at: 100)
        bench.wake(120)
        #expect(bench.claims == [])
        bench.take(.rewound([job.name: at(130)]), at: 131)
        #expect(bench.scheduler.nextDue?.at == at(180))
        bench.wake(180)
        #expect(bench.claims == [runID(job, 180)])
        // What the store said before may be older than what was decided since.
        bench.answerClaim(of: runID(job, 180), .alreadyDecided, at: 180)
        bench.take(.rewound([job.name: at(3600)]), at: 181)
        #expect(bench.scheduler.nextDue?.at == at(240))
    }
}
