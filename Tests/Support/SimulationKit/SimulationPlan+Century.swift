import CivilTime
import JobCatalog
import RandomInput
import Records
import RunEngine
import RunModel

extension SimulationPlan {
    /// A daily and a monthly job, each by the clocks of three zones, on three hosts for `years` years from 2026 on, while
    /// now and then something goes wrong for up to half an hour, more often than not when a job is due.
    package init(seed: Int, years: Int) {
        self.seed = seed
        hosts = 3
        start = Instant(rfc3339: "2026-01-01T00:00:00Z") ?? Self.usualStart
        let end = Instant(rfc3339: "\(2026 + years)-01-01T00:00:00Z") ?? start
        trouble = end - start
        calm = .seconds(7200)
        longestPeriod = .seconds(32 * 86_400)
        faultsWithin = .seconds(1800)
        faultsApart = .seconds(5 * 86_400)
        // All but leaving for good, for nobody would be left before long; and nothing of a century is forgotten.
        faults = Fault.allCases.filter { $0 != .leave && $0 != .rewind }
        outagePolicy = .auto
        leavesOutProbes = true
        storeErrorOneIn = 100
        crashOneIn = 3000
        clockErrors = [-3600, -90, -1, 0, 0, 2, 30, 3600].map { .seconds($0) }
        mendsClocks = true
        drifts = [-20, -1, 1, 20]
        settings = EngineSettings(apiGrace: .seconds(60), startDelay: .seconds(30))
        var policy = Policy()
        policy.catchUp = .latest
        let jobs = [SimulatedZone.utc, .beirut, .newYork].flatMap { zone in
            [
                SimulatedJob("purge-\(zone.label)", .daily, zone.zone, policy),
                SimulatedJob("refresh-\(zone.label)", .monthly, zone.zone, policy),
            ].compactMap(\.self)
        }
        stable = jobs
        changing = []
        bounds.events = 400_000 * (years + 1)
        catalogs = ["a", "b"].map { Catalog(jobs: jobs.map(\.job), zoneData: $0) }
    }
}

extension SimulatedTiming {
    fileprivate static let daily = SimulatedTiming(
        expression: "10 0 * * *", rule: .fixed(minutes: [10], hours: [0], day: nil))
    fileprivate static let monthly = SimulatedTiming(
        expression: "0 1 1 * *", rule: .fixed(minutes: [0], hours: [1], day: 1))
}

extension SimulatedZone {
    /// What a job of the zone is called by.
    fileprivate var label: String {
        switch self {
        case .utc: "utc"
        case .beirut: "beirut"
        case .newYork: "new-york"
        case .lordHowe: "lord-howe"
        }
    }
}
