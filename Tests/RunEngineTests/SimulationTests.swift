import Glibc
import SimulationKit
import Testing

/// Worlds of hosts, clocks, a store and an API in which much goes wrong, and what must hold in each.
@Suite struct SimulationTests {
    /// Seeds that are tried one after the other, beside those of other runs of the same test.
    private static func parts(_ seeds: Range<Int>) -> [Range<Int>] {
        stride(from: seeds.lowerBound, to: seeds.upperBound, by: 20)
            .map { $0..<min($0 + 20, seeds.upperBound) }
    }

    @Test("nothing is lost, doubled, early or left open, whatever goes wrong", arguments: parts(1..<181))
    func fixedSeeds(_ seeds: Range<Int>) {
        let requests = Self.run(seeds)
        #expect(requests > 10 * seeds.count)
    }

    @Test("nor where the store is away most of the time", arguments: parts(-40..<0))
    func outages(_ seeds: Range<Int>) {
        _ = Self.run(seeds)
    }

    /// Seeds that were never tried; `SIM_FRESH` says how many, 20 if it does not.
    private static let fresh: Range<Int> = {
        let count = getenv("SIM_FRESH").flatMap { Int(String(cString: $0)) } ?? 20
        let first = Int.random(in: 1_000...1_000_000_000)
        print("fresh seeds: \(count) from \(first) on")
        return first..<(first + count)
    }()

    @Test("nor with seeds that were never tried", arguments: parts(fresh))
    func freshSeeds(_ seeds: Range<Int>) {
        _ = Self.run(seeds)
    }

    /// Answers how many requests were sent.
    private static func run(_ seeds: Range<Int>) -> Int {
        var requests = 0
        for seed in seeds {
            let report = Simulation.run(seed: seed)
            requests += report.tally.requests
            if !report.violations.isEmpty { Issue.record("\(report.text)") }
        }
        return requests
    }

    @Test("a year of a daily and a monthly job in three zones has each occurrence once")
    func year() {
        let report = Simulation.run(SimulationPlan(seed: 1, years: 1))
        if !report.violations.isEmpty { Issue.record("\(report.text)") }
        #expect(report.tally.due.values.sorted() == [12, 12, 12, 365, 365, 365])
    }

    @Test("a host that dies after any of the things it did loses nothing", arguments: 1...6)
    func everyStep(_ seed: Int) {
        var step = 1
        while true {
            let report = Simulation.run(SimulationPlan(seed: seed, crashAfter: step))
            if !report.violations.isEmpty { Issue.record("a crash after step \(step): \(report.text)") }
            guard report.tally.effects >= step, step < 1000 else { break }
            step += 1
        }
        #expect(step > 20)
    }
}
