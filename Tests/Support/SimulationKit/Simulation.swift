/// Runs worlds, each from its seed.
package enum Simulation {
    /// What came of a world.
    package struct Report: Sendable {
        package let plan: SimulationPlan
        package let tally: Tally
        /// What was seen that must not be; empty when all is well.
        package let violations: [Violation]
        /// What happened, when it was asked for.
        package let trace: [String]

        /// The violations with what the world was made of, and the command that lets it happen again.
        package var text: String {
            """
            \(violations.map { "\($0.text) (\($0.promise.rawValue))" }.joined(separator: "\n"))
            \(plan)
            replay: make simulate SIM_SEED=\(plan.seed)
            """
        }
    }

    /// Whether the world of a seed finds a bug by the promise that it breaks.
    package static func finds(_ bug: PlantedBug, by promise: Promise, seed: Int) -> Bool {
        var world = World(plan: SimulationPlan(seed: seed), bug: bug, isTraced: false)
        world.sought = promise
        world.run()
        return world.violations.contains { $0.promise == promise }
    }

    /// The world of a seed; with a bug it must find it.
    package static func run(seed: Int, bug: PlantedBug? = nil, isTraced: Bool = false) -> Report {
        run(SimulationPlan(seed: seed), bug: bug, isTraced: isTraced)
    }

    /// The world of a plan.
    package static func run(_ plan: SimulationPlan, bug: PlantedBug? = nil, isTraced: Bool = false) -> Report
    {
        var world = World(plan: plan, bug: bug, isTraced: isTraced)
        world.run()
        return Report(plan: plan, tally: world.tally, violations: world.violations, trace: world.trace)
    }
}
