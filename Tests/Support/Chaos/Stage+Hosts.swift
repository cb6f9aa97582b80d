import Glibc
import StandInAPI

/// What is done to hosts and their clocks.
extension Stage {
    /// Set back, somewhat forward, and right again. A run that is being claimed meanwhile starts as much before it was due as
    /// the clock goes back, by that clock: at each step by less than what `almanac audit` calls early.
    func moveClock() async throws {
        for offset in [Duration.seconds(-4), .seconds(2), .seconds(-2), .zero] {
            // One that starts meanwhile knows of no step.
            try await hosts.rest()
            try await feels([Self.step]) { try clock?.set(offset) }
            try await endure(3)
        }
    }

    private static let step = "the wall clock was set"

    /// An hour ahead, and right again: what is due then is not decided by it.
    func setClockAhead() async throws {
        try await hosts.rest()
        try await feels([Self.step]) { try clock?.set(.seconds(3600)) }
        try await Task.sleep(for: .seconds(5))
        try await feels([Self.step]) { try clock?.set(.zero) }
        try await endure()
    }

    /// Another daemon with a copy of the first one's state directory begins while that waits for answers, and then both
    /// are killed now and then.
    func clone() async throws -> [String] {
        try await hosts.rest()
        // What was killed before is at rest: from now on nobody takes anything over.
        _ = try await deployment.rest()
        let takenOver = "select 1 from chaos.changes where old_state is not null and new_fence > old_fence"
        let before = try await deployment.sql(takenOver).count
        let running = "select 1 from almanac.runs where state = 'running'"
        deployment.api.misbehave(.delay(Deployment.lease * 3), count: 4)
        try await wait(until: "four runs wait for their answers") {
            try await deployment.sql(running).count >= 4
        }
        let first = stageDirectory(1)
        let copying = try ChildProcess([
            "/bin/sh", "-c", "rm -rf \"$1\" && cp -a \"$0\" \"$1\"", first, stageDirectory(3),
        ])
        guard try await copying.end(within: patience) == 0 else { throw Trouble("\(first) was not copied") }
        let clone = daemon(3)
        try await feels(["another daemon runs with this host's identity"]) { try hosts.join(clone) }
        // As long as a lease that nobody renewed.
        try await Task.sleep(for: Deployment.lease * 1.5)
        var problems: [String] = []
        if try await deployment.sql(takenOver).count > before {
            problems.append("\(deployment.database): a clone took over what the original had under way")
        }
        hosts.doom([1, 2, 3])
        try await endure()
        try await hosts.leave(3, by: SIGTERM)
        return problems
    }

    private func stageDirectory(_ number: Int) -> String { "\(deployment.directory)/host-\(number)" }

    /// The version before has the database; this one brings it to its schema, and takes one host after the other.
    func changeVersions() async throws {
        try await deployment.migrate()
        try hosts.join(daemon(3))
        hosts.doom([3])
        try await Task.sleep(for: .seconds(5))
        try await goesOn()
        for (number, signal) in [(1, SIGKILL), (2, SIGTERM)] {
            try await hosts.leave(number, by: signal)
            try await Task.sleep(for: .seconds(1))
            try hosts.join(daemon(number))
            hosts.doom([number])
            try await Task.sleep(for: .seconds(4))
        }
    }
}
