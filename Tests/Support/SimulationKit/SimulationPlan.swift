import CivilTime
import JobCatalog
import RandomInput
import Records
import RunEngine
import Scheduling

/// What one simulated world is made of; all of it follows from the seed.
package struct SimulationPlan: Sendable, CustomStringConvertible {
    /// What can go wrong between two moments.
    enum Fault: String, CaseIterable, Sendable {
        case crash, leave, stop, boot, suspend, reload, pause, runByHand = "run by hand", prune, outage,
            clock,
            drift, storeClock = "store clock", api, cut, slow, disk, rewind
    }

    /// What must stay below, whatever happens.
    package struct Bounds: Sendable {
        /// The most that one job may make a host remember.
        package var jobSize = 4 * EngineLimits.missedRowsMax
        /// The most rows that go to the store at once.
        package var rows = 4 * EngineLimits.missedRowsMax
        /// How long stopping may take: the hurry comes after 30 s, and a request ends within seconds of it.
        package var stopping: Duration = .seconds(60)
        /// The most requests of a host at once; nil: as many as it has slots.
        package var requests: Int?
        /// The most events of all hosts: more means that one spins.
        package var events = 100_000

        package init() {}
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
    /// What a host may take at the most.
    package var bounds = Bounds()
    /// What a clock may be ahead or behind by.
    let clockErrors: [Duration]
    /// Whether a clock that was set wrong is always put right; else every third time.
    let mendsClocks: Bool
    /// The millionths that a clock may be too fast.
    let drifts: [Int]
    /// What hosts do while the store is away.
    let outagePolicy: StoreOutagePolicy
    /// Whether hosts do not ask a store that cannot be there.
    let leavesOutProbes: Bool
    /// When the store goes away, and for how long, in a world in which nothing else goes wrong; nil: never.
    var outage: (after: Duration, lasting: Duration)?
    /// Whether the store is slow for long after it, and a host is gone while it lasts.
    var isSlowAfter = false
    /// How patient the engine is.
    let settings: EngineSettings
    /// The jobs whose every occurrence is looked for at the end.
    let stable: [SimulatedJob]
    /// The jobs that are in some catalogs only, or not the same in each.
    let changing: [SimulatedJob]
    /// The catalogs that reloads choose from; the stable jobs are the same in each.
    let catalogs: [Catalog]

    /// When things stop going wrong.
    var end: Instant { start + trouble }

    /// The plan of a seed; one below zero is of a world of outages.
    package init(seed: Int) {
        if seed < 0 { self.init(outages: seed) } else { self.init(mixed: seed) }
    }

    /// Two worlds in three live for minutes, with jobs that are due all the time, the third for days, around a change of
    /// the clocks.
    private init(mixed seed: Int) {
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
        faultsApart = faultsWithin * 2 / 3
        // Who has left cannot tell a store again what it has forgotten, and no store forgets what is as old as what is pruned.
        let some = Fault.allCases.filter { _ in random.oneIn(2) }
        faults = some.filter { !some.contains(.rewind) || $0 != .leave && $0 != .prune }
        storeErrorOneIn = random.pick([3, 20, nil])
        outagePolicy = random.pick([.run, .hold, .auto])
        leavesOutProbes = isLong
        crashOneIn = random.pick([60, 600, nil, nil])
        mendsClocks = false
        drifts = [-20_000, -500, -20, 20, 500, 20_000]
        // Of a sequence of its own, so that every other thing of a world is what it was without it.
        var slots = SeededRandom(seed: seed &+ 2_000_000_011)
        settings = EngineSettings(
            apiGrace: random.pick([.zero, .seconds(20)]), startDelay: random.pick([.zero, .seconds(30)]),
            requestsMax: slots.pick([2, 4, EngineLimits.requestsMax, EngineLimits.requestsMax]))
        let count = random.number(1...2)
        var stable = (0..<count).compactMap { Self.job("stable-\($0)", isLong, zone, &random) }
        let step = Self.longest(within: stable.map(\.timing.period).min() ?? .seconds(60))
        clockErrors =
            [.seconds(-86_400), .seconds(-600), .seconds(-90), .seconds(-1), .zero, .zero]
            + [.seconds(2), .seconds(30), .seconds(70), step, step * 2, step * 3]
        stable += Self.events(
            random.oneIn(3), hosts == 1 && !faults.contains { $0 == .clock || $0 == .drift }, &random)
        // Of a sequence of its own, so that every other thing of a world is what it was without it.
        var others = SeededRandom(seed: seed &+ 1_000_000_007)
        if others.oneIn(2) {
            stable += [SimulatedJob.ending("ending", from: start, within: trouble, &others)].compactMap(
                \.self)
        }
        self.stable = stable
        (changing, catalogs) = Self.catalogs(of: stable, isLong, zone, &random)
    }

    /// Jobs that wait for something to happen. Which boots are told is certain only of one host with a right clock.
    private static func events(
        _ isRegistered: Bool, _ isBooted: Bool, _ random: inout SeededRandom
    ) -> [SimulatedJob] {
        [
            isRegistered ? SimulatedJob.after(.registration, "registered", &random) : nil,
            isBooted ? SimulatedJob.after(.boot, "booted", &random) : nil,
        ].compactMap(\.self)
    }

    /// Three catalogs that differ in one job, which is not in each, may be disabled, and may wait for events.
    private static func catalogs(
        of stable: [SimulatedJob], _ isLong: Bool, _ zone: SimulatedZone, _ random: inout SeededRandom
    ) -> ([SimulatedJob], [Catalog]) {
        var changing: [SimulatedJob] = []
        var catalogs: [Catalog] = []
        for number in 0..<3 {
            var jobs = stable.map(\.job)
            let isEvent = random.oneIn(4)
            var job =
                isEvent
                ? SimulatedJob.after(random.pick([.boot, .registration]), "changing", &random)
                : Self.job("changing", isLong, zone, &random)
            job?.job.isEnabled = !random.oneIn(4)
            if !random.oneIn(3), let job {
                changing.append(job)
                jobs.append(job.job)
            }
            catalogs.append(Catalog(jobs: jobs, zoneData: number == 2 ? "2026b" : "2026a"))
        }
        return (changing, catalogs)
    }

    /// A small world in which nothing goes wrong but that the store goes away once, and a host dies after `crashAfter` things
    /// that were done.
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
        faults = []
        storeErrorOneIn = nil
        crashOneIn = nil
        clockErrors = [.zero]
        mendsClocks = false
        drifts = [0]
        settings = EngineSettings()
        outagePolicy = random.pick([.run, .hold])
        leavesOutProbes = false
        outage = (.seconds(random.number(30...60)), .seconds(random.number(20...60)))
        stable = [SimulatedJob.regular("stable-0", &random)].compactMap(\.self)
        changing = []
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
            + "\(errors), \(crashes) of what is done, \(outagePolicy.rawValue) in an outage\n"
            + jobs.joined(separator: "\n")
    }
}
