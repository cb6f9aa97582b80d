package import CivilTime
import JobCatalog
import RandomInput
import RunModel
import Scheduling

/// What one simulated world is made of; all of it follows from the seed.
package struct SimulationPlan: Sendable, CustomStringConvertible {
    package let seed: Int
    /// 1 to 3.
    package let hosts: Int
    /// How long things go wrong.
    package let trouble: Duration
    /// One in this many answers of the store is an error.
    let storeErrorOneIn: Int
    /// The catalogs that reloads choose from; the jobs called `stable…` are the same in each.
    let catalogs: [Catalog]

    /// 2026-03-01T00:00:00Z.
    package static let start = Instant(seconds: 1_772_323_200)
    /// How long the world is watched after the trouble: leases, retries and requests are over by then.
    static let calm: Duration = .seconds(400)

    /// The plan of a seed.
    package init(seed: Int) {
        var random = SeededRandom(seed: seed)
        self.seed = seed
        hosts = random.number(1...3)
        trouble = .seconds(random.number(300...1200))
        storeErrorOneIn = random.pick([3, 20, 1_000_000])
        let stable = (0..<random.number(1...2)).compactMap { Self.job("stable-\($0)", &random) }
        var catalogs: [Catalog] = []
        for _ in 0..<3 {
            let changing = random.oneIn(3) ? [] : [Self.job("changing", &random)].compactMap(\.self)
            catalogs.append(Catalog(jobs: stable + changing, zoneData: nil))
        }
        self.catalogs = catalogs
    }

    private static func job(_ name: String, _ random: inout SeededRandom) -> Job? {
        let expression = random.pick([
            "* * * * *", "*/10 * * * * *", "@every 45s", "7/2 * * * *", "*/2 * * * * *",
        ])
        guard let name = JobName(name),
            let cron = try? CronExpression(parsing: expression, seed: name.description)
        else { return nil }
        var policy = Policy()
        policy.overlap = random.pick(Policy.Overlap.allCases)
        policy.catchUp = random.pick(Policy.CatchUp.allCases)
        policy.retries = random.number(0...2)
        policy.backoff = .seconds(1) ... .seconds(random.number(1...40))
        policy.jitter = random.pick([.zero, .zero, .seconds(5), .seconds(300)])
        policy.deadline = random.pick([nil, nil, .seconds(30), .seconds(300)])
        if random.oneIn(3) { policy.catchUpWindow = .seconds(120) }
        return Job(
            name: name, schedule: Schedule(.cron(cron), zone: .utc, key: name.description),
            request: RequestTemplate(method: "POST", url: TemplateText([.literal("https://h/x")])),
            policy: policy,
            source: SourceLocation(file: "sim", line: 1))
    }

    /// The jobs, for a report.
    package var description: String {
        let jobs = (catalogs.first?.jobs ?? []).map { $0.cronLine ?? "?" }
        return "seed \(seed): \(hosts) hosts, \(trouble) of trouble, a store error in \(storeErrorOneIn)\n"
            + jobs.joined(separator: "\n")
    }
}
