import CivilTime
import JobCatalog
import RandomInput
import Records
import RunEngine
import RunModel

extension SimulationPlan {
    /// Hosts that make many runs beside one another, over a store that is away, slow or cut off most of the time.
    init(outages seed: Int) {
        var random = SeededRandom(seed: seed)
        self.seed = seed
        hosts = random.number(2...3)
        start = Self.usualStart
        trouble = .seconds(random.number(400...900))
        calm = .seconds(300)
        longestPeriod = .seconds(600)
        faultsWithin = .seconds(150)
        faultsApart = .seconds(60)
        // Every third has one long outage, of which one host knows nothing, and after which the store is slow.
        let isOne = random.oneIn(3)
        isSlowAfter = isOne
        if isOne { outage = (.seconds(random.number(40...60)), .seconds(random.number(60...120))) }
        faults = isOne ? [] : [.outage, .outage, .cut, .cut, .slow, .crash, .clock, .disk, .suspend]
        storeErrorOneIn = random.pick([nil, isOne ? nil : 50])
        crashOneIn = isOne ? nil : random.pick([nil, nil, 400])
        // Ahead by so many occurrences that their rows are shared.
        clockErrors = [.zero, .zero, .seconds(-1), .seconds(700), .seconds(1000)]
        mendsClocks = true
        drifts = [0]
        outagePolicy = isOne ? .run : random.pick([.run, .run, .hold, .auto])
        leavesOutProbes = false
        settings = EngineSettings()
        stable = [SimulatedJob.frequent("stable-0", &random), SimulatedJob.regular("stable-1", &random)]
            .compactMap(\.self)
        changing = []
        catalogs = [Catalog(jobs: stable.map(\.job), zoneData: "2026a")]
    }
}
