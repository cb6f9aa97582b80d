import Glibc
import SimulationKit
import Testing

/// Worlds of hosts, clocks, a store and an API in which much goes wrong, and what must hold in each.
@Suite struct SimulationTests {
    /// Seeds that are always tried; `SIM_SEED` names one to try instead.
    private static let seeds: [Int] = {
        if let text = getenv("SIM_SEED"), let seed = Int(String(cString: text)) { return [seed] }
        return Array(1...100)
    }()

    @Test("nothing is lost, doubled, early or left open, whatever goes wrong")
    func fixedSeeds() {
        var requests = 0
        for seed in Self.seeds {
            var world = World(plan: SimulationPlan(seed: seed))
            world.run()
            requests += world.requestCount
            Self.report(world)
        }
        #expect(requests > 10 * Self.seeds.count)
    }

    /// How many seeds that were never tried, of `SIM_FRESH`: what must pass for a change must not depend on chance.
    private static let freshCount = getenv("SIM_FRESH").flatMap { Int(String(cString: $0)) } ?? 0

    @Test("nor with seeds that were never tried", .enabled(if: freshCount > 0, "SIM_FRESH says how many"))
    func freshSeeds() {
        let seeds = (0..<Self.freshCount).map { _ in Int.random(in: 1_000...1_000_000_000) }
        print("fresh seeds: \(seeds.map(String.init).joined(separator: " "))")
        for seed in seeds {
            var world = World(plan: SimulationPlan(seed: seed))
            world.run()
            Self.report(world)
        }
    }

    private static func report(_ world: World) {
        guard !world.violations.isEmpty else { return }
        let seed = world.plan.seed
        Issue.record(
            """
            \(world.violations.joined(separator: "\n"))
            \(world.plan)
            replay: SIM_SEED=\(seed) swift test --filter SimulationTests
            """)
    }
}
