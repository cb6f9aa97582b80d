import CivilTime
import JobCatalog
import RunEngine
import RunModel
import Testing

@Suite("heartbeats")
struct HeartbeatTests {
    /// A scheduler that has looked for abandoned runs at 0, with an hourly job.
    private func bench(lease: Duration = .seconds(60)) throws -> Bench {
        var settings = EngineSettings()
        settings.lease = lease
        var bench = Bench([])
        bench.scheduler = Scheduler(host: HostID("h/1"), settings: settings)
        bench.load([try makeJob("timeout=30m", when: "0 * * * *")], at: 0, considered: 0)
        return bench
    }

    /// The seconds up to `end` at which it asks the store, when it is woken as it wants.
    private func beats(_ bench: inout Bench, until end: Double) -> [Double] {
        var seconds: [Double] = []
        while let wakeAt = bench.scheduler.wakeAt, wakeAt <= at(end) {
            let effects = bench.scheduler.handle(.woke, at: wakeAt)
            let isBeat = effects.contains { effect in
                switch effect {
                case .takeOver, .renew: true
                default: false
                }
            }
            if isBeat { seconds.append(Double((wakeAt - testStart).components.seconds)) }
        }
        return seconds
    }

    @Test(
        "abandoned runs are looked for three times a lease, until the store says that no run is live anywhere"
    )
    func quiet() throws {
        var bench = try bench()
        #expect(beats(&bench, until: 60) == [20, 40, 60])
        bench.take(.counted(liveRuns: 0), at: 61)
        #expect(beats(&bench, until: 250) == [80, 140, 200])
    }

    @Test("a run of another host is seen before its lease can end, and then its end is not waited for long")
    func elsewhere() throws {
        var bench = try bench()
        bench.take(.counted(liveRuns: 0), at: 1)
        #expect(beats(&bench, until: 20) == [20])
        bench.take(.counted(liveRuns: 1), at: 21)
        #expect(beats(&bench, until: 90) == [41, 61, 81])
    }

    @Test("the lease of a run is renewed in time, however quiet it was before")
    func own() throws {
        var bench = try bench()
        bench.take(.counted(liveRuns: 0), at: 1)
        #expect(beats(&bench, until: 3570).last == 3560)
        bench.wake(3600)
        let id = try #require(bench.claims.first)
        bench.startRequest(id, at: 3605)
        #expect(beats(&bench, until: 3680) == [3620, 3640, 3660, 3680])
    }

    @Test(
        "a quiet host beats once a lease, or once a minute when that is less",
        arguments: [(3, 1, 3), (60, 20, 60), (90, 30, 60), (600, 200, 200)] as [(Int, Int, Int)])
    func periods(lease: Int, busy: Int, quiet: Int) {
        var settings = EngineSettings()
        settings.lease = .seconds(lease)
        #expect(settings.heartbeat == .seconds(busy) && settings.quietHeartbeat == .seconds(quiet))
    }
}
