import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Testing

@Suite("an outage in which nothing may begin")
struct HoldTests {
    /// The details of the rows that are to be recorded now.
    private func details(_ bench: Bench) -> [String] {
        bench.effects.flatMap { effect -> [String] in
            if case .record(_, let rows) = effect { rows.compactMap(\.detail) } else { [] }
        }
    }

    @Test("decides nothing, and what fell due in it is decided by the catch-up policy when the store is back")
    func catchUp() throws {
        let cases: [(options: String, rows: [String], runs: [Double])] = [
            ("", ["60", "120", "180", "240"].map { "\($0) missed store_outage" }, [300]),
            (
                "catch-up=latest",
                ["60", "120", "180", "240"].map { "\($0) missed superseded" }, [300]
            ),
            ("catch-up=all", [], [60, 120, 180, 240, 300]),
            (
                "catch-up=all catch-up-window=3m",
                ["60", "120"].map { "\($0) missed window" }, [180, 240, 300]
            ),
        ]
        for (options, rows, runs) in cases {
            let job = try makeJob(options)
            var bench = Bench([job])
            bench.take(.held(true), at: 30)
            for second in stride(from: 60.0, through: 300, by: 30) {
                bench.wake(second)
                #expect(bench.effects == [] && bench.scheduler.wakeAt.map { $0 > at(second) } ?? true)
            }
            #expect(bench.scheduler.work.isEmpty)
            bench.take(.held(false), at: 310)
            #expect(bench.rows == rows)
            if !rows.isEmpty { bench.confirmRows(of: job, at: 310) }
            for second in runs {
                #expect(bench.claims == [runID(job, second)], "\(options)")
                bench.startRequest(runID(job, second), at: 310)
                #expect(bench.sends == 1)
                bench.end(runID(job, second), at: 310)
            }
            #expect(bench.scheduler.work.isEmpty && bench.scheduler.nextDue?.at == at(360))
        }
    }

    @Test("rows of what fell due in it say that the store was away, and rows of an earlier absence do not")
    func words() throws {
        let job = try makeJob()
        var bench = Bench([job])
        bench.take(.held(true), at: 30)
        bench.take(.held(false), at: 130)
        #expect(details(bench) == ["the store was away, and this job does not catch up (catch-up=none)"])
        var other = Bench([job], considered: 0, at: 130)
        #expect(details(other) == ["no daemon was running, and this job does not catch up (catch-up=none)"])
        other.take(.held(false), at: 131)
        #expect(other.effects == [])
    }

    @Test("that is short makes a run late, and what falls due before that has begun is skipped")
    func short() throws {
        let job = try makeJob(when: "*/10 * * * * *")
        var bench = Bench([job])
        bench.take(.held(true), at: 5)
        for second in [10.0, 20, 30] { bench.wake(second) }
        bench.take(.held(false), at: 35)
        #expect(bench.claims == [runID(job, 10)])
        bench.startRequest(runID(job, 10), at: 35)
        #expect(bench.rows == ["20 skipped store_outage", "30 skipped store_outage"])
    }

    @Test("takes back what the store was not asked for, and asks again for what it was")
    func asked() throws {
        let (first, second) = (try makeJob(), try makeJob(name: "b"))
        var bench = Bench([first, second], settings: EngineSettings(requestsMax: 1))
        bench.wake(60)
        #expect(bench.claims == [runID(first, 60)])
        bench.take(.held(true), at: 61)
        bench.failClaim(of: runID(first, 60), at: 61)
        #expect(bench.scheduler.work[second.name] == nil)
        bench.wake(63)
        #expect(bench.claims == [runID(first, 60)])
        bench.failClaim(of: runID(first, 60), at: 63)
        bench.take(.held(false), at: 90)
        #expect(bench.claims == [runID(first, 60)])
        bench.startRequest(runID(first, 60), at: 90)
        #expect(bench.sends == 1)
        bench.take(.run(runID(first, 60), .exchanged(answered(200))), at: 91)
        #expect(bench.claims == [runID(second, 60)])
    }

    @Test("that was long ends without a request what the store was asked for before, as its policy says")
    func askedBefore() throws {
        for (options, isSent) in [("", false), ("catch-up=all", true)] {
            let job = try makeJob(options, when: "0 * * * *")
            var bench = Bench([job])
            bench.wake(3600)
            bench.take(.held(true), at: 3601)
            bench.failClaim(of: runID(job, 3600), at: 3601)
            bench.take(.held(false), at: 3700)
            bench.startRequest(runID(job, 3600), at: 3701)
            #expect(bench.sends == (isSent ? 1 : 0))
            #expect(bench.nextCompletion?.reason == (isSent ? nil : .storeOutage))
        }
    }

    @Test("that was long does not let what is too late stand in the way of what is not")
    func standingInTheWay() throws {
        let job = try makeJob("catch-up=latest")
        var bench = Bench([job])
        bench.wake(60)
        bench.take(.held(true), at: 61)
        bench.failClaim(of: runID(job, 60), at: 61)
        bench.take(.held(false), at: 250)
        #expect(bench.claims == [runID(job, 60)] && bench.rows == [])
        bench.startRequest(runID(job, 60), at: 250)
        #expect(bench.nextCompletion?.reason == .storeOutage)
        bench.take(.run(runID(job, 60), .written(.success(.owner(true)))), at: 251)
        #expect(bench.rows == ["120 missed superseded", "180 missed superseded"])
        bench.confirmRows(of: job, at: 251)
        #expect(bench.claims == [runID(job, 240)])
    }

    @Test("keeps what an earlier definition made due")
    func redefined() throws {
        let (job, newer) = (try makeJob("overlap=queue"), try makeJob("overlap=queue timeout=7m"))
        var bench = Bench([job])
        bench.begin(job, at: 60)
        bench.wake(120)
        bench.load([newer], at: 130, considered: 0)
        bench.take(.held(true), at: 131)
        bench.take(.held(false), at: 140)
        bench.end(runID(job, 60), at: 141)
        #expect(bench.claims == [runID(job, 120)])
    }

    @Test("ends with the host that stops in it")
    func stop() throws {
        var bench = Bench([try makeJob()])
        bench.take(.held(true), at: 30)
        bench.wake(60)
        bench.take(.stop, at: 61)
        #expect(bench.effects == [.drained])
    }
}
