import CivilTime
import JobCatalog
import RandomInput
import RunEngine
import RunModel
import Scheduling

/// What one simulated world is made of; all of it follows from the seed.
package struct SimulationPlan: Sendable, CustomStringConvertible {
    /// What can go wrong between two moments.
    enum Fault: String, CaseIterable, Sendable {
        case crash, leave, stop, suspend, reload, pause, outage, clock, drift, storeClock = "store clock", api
    }

    package let seed: Int
    /// 1 to 3.
    package let hosts: Int
    /// When the world begins.
    let start: Instant
    /// How long things go wrong.
    package let trouble: Duration
    /// How long the world is watched after the trouble, at least: leases, retries and requests are over by then.
    let calm: Duration
    /// When all that fell due must be over: a hundred runs are made up for by then, each with its retries.
    let calmMax: Duration = .seconds(4 * 3600)
    /// No job here has a longer time without an occurrence.
    let longestPeriod: Duration
    /// The longest time that something lasts.
    let faultsWithin: Duration
    /// The longest time between two faults.
    let faultsApart: Duration
    /// The faults of this world; another world has others.
    let faults: [Fault]
    /// One in this many answers of the store is an error; nil: none is.
    let storeErrorOneIn: Int?
    /// One in this many things that a host does is its last; nil: none is.
    let crashOneIn: Int?
    /// A host dies after it has done this many things; nil: none does.
    var crashAfter: Int?
    /// The most events: more means that a host spins.
    let eventsMax: Int
    /// What a clock may be ahead or behind by.
    let clockErrors: [Duration]
    /// Whether a clock that was set wrong is always put right; else every third time.
    let mendsClocks: Bool
    /// The millionths that a clock may be too fast.
    let drifts: [Int]
    /// How patient the engine is.
    let settings: EngineSettings
    /// The jobs whose every occurrence is looked for at the end.
    let stable: [SimulatedJob]
    /// The catalogs that reloads choose from; the stable jobs are the same in each.
    let catalogs: [Catalog]

    /// When things stop going wrong.
    var end: Instant { start + trouble }

    /// The plan of a seed: two worlds in three live for minutes, with jobs that are due all the time, the third for
    /// days, around a change of the clocks.
    package init(seed: Int) {
        var random = SeededRandom(seed: seed)
        self.seed = seed
        hosts = random.number(1...3)
        let isLong = random.oneIn(3)
        let zone = random.pick(SimulatedZone.allCases)
        start = isLong ? Self.eve(of: zone, &random) : Self.usualStart
        trouble = isLong ? .seconds(3600 * random.number(18...60)) : .seconds(random.number(300...900))
        calm = isLong ? .seconds(7200) : .seconds(300)
        longestPeriod = .seconds(isLong ? 2 * 86_400 : 600)
        faultsWithin = isLong ? .seconds(7200) : .seconds(150)
        faultsApart = faultsWithin
        eventsMax = 200_000
        faults = Fault.allCases.filter { _ in random.oneIn(2) }
        storeErrorOneIn = random.pick([3, 20, nil])
        crashOneIn = random.pick([60, 600, nil, nil])
        mendsClocks = false
        drifts = [-20_000, -500, -20, 20, 500, 20_000]
        settings = EngineSettings(
            apiGrace: random.pick([.zero, .seconds(20)]), startDelay: random.pick([.zero, .seconds(30)]))
        let count = random.number(1...2)
        stable = (0..<count).compactMap { Self.job("stable-\($0)", isLong, zone, &random) }
        let step = Self.longest(within: stable.map(\.timing.period).min() ?? .seconds(60))
        clockErrors =
            [.seconds(-86_400), .seconds(-600), .seconds(-90), .seconds(-1), .zero, .zero]
            + [.seconds(2), .seconds(30), .seconds(70), step, step * 2, step * 3]
        var catalogs: [Catalog] = []
        for number in 0..<3 {
            var jobs = stable.map(\.job)
            if !random.oneIn(3), var changing = Self.job("changing", isLong, zone, &random)?.job {
                changing.isEnabled = !random.oneIn(4)
                jobs.append(changing)
            }
            catalogs.append(Catalog(jobs: jobs, zoneData: number == 2 ? "2026b" : "2026a"))
        }
        self.catalogs = catalogs
    }

    /// A small world in which nothing goes wrong but that a host dies after `crashAfter` things that were done.
    package init(seed: Int, crashAfter: Int) {
        var random = SeededRandom(seed: seed)
        self.seed = seed
        self.crashAfter = crashAfter
        hosts = random.number(1...2)
        start = Self.usualStart
        trouble = .seconds(130)
        calm = .seconds(200)
        longestPeriod = .seconds(600)
        faultsWithin = .seconds(100)
        faultsApart = faultsWithin
        eventsMax = 200_000
        faults = []
        storeErrorOneIn = nil
        crashOneIn = nil
        clockErrors = [.zero]
        mendsClocks = false
        drifts = [0]
        settings = EngineSettings()
        stable = [SimulatedJob.regular("stable-0", &random)].compactMap(\.self)
        catalogs = [Catalog(jobs: stable.map(\.job), zoneData: "2026a")]
    }

    /// 2026-03-01T00:00:00Z.
    static let usualStart = Instant(seconds: 1_772_323_200)

    private static func eve(of zone: SimulatedZone, _ random: inout SeededRandom) -> Instant {
        let eves = zone.evesOfChanges.compactMap { Instant(rfc3339: $0) }
        return eves.isEmpty ? usualStart : random.pick(eves)
    }

    private static func job(
        _ name: String, _ isLong: Bool, _ zone: SimulatedZone, _ random: inout SeededRandom
    ) -> SimulatedJob? {
        isLong
            ? .slow(name, random.oneIn(4) ? .utc : zone.zone, &random)
            : .quick(name, random.oneIn(3) ? zone.zone : .utc, &random)
    }

    /// The farthest that a clock is set forward: so far that rows are shared, so near that few occurrences are computed.
    private static func longest(within period: Duration) -> Duration {
        min(period * 200, .seconds(40 * 86_400))
    }

    /// The jobs and what goes wrong, for a report.
    package var description: String {
        let jobs = (catalogs.first?.jobs ?? []).map { "  " + ($0.cronLine ?? "?") }
        let wrong = faults.map(\.rawValue).joined(separator: ", ")
        let errors = storeErrorOneIn.map { "a store error in \($0)" } ?? "no store error"
        let crashes =
            crashOneIn.map { "a crash in \($0)" } ?? crashAfter.map { "a crash after \($0)" } ?? "no crash"
        return
            "seed \(seed): \(hosts) host\(hosts == 1 ? "" : "s") from \(start), trouble for \(trouble) (\(wrong)), "
            + "\(errors), \(crashes) of what is done\n" + jobs.joined(separator: "\n")
    }
}
