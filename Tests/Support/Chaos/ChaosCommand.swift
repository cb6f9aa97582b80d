import ArgumentParser
import Glibc
import RandomInput

/// Disturbs real daemons, servers and requests in every way that can be thought of, and looks that no run is lost or
/// doubled.
@main
struct ChaosCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chaos",
        abstract: "Kills and freezes daemons and their PostgreSQL, and checks every record afterwards.",
        discussion: """
            Everything is its own: PostgreSQL servers, PgBouncer, the API and the daemons run on loopback, with \
            their files in a new directory, which is named, and kept when something is found.
            """)

    @Option(help: "What the order of the faults follows from. (default: a new one)")
    var seed: Int?

    @Option(help: "How often each disturbance of a step of a run is made.")
    var rounds = 1

    @Option(help: "How many steps are disturbed at the same time, each in a deployment of its own.")
    var together = 6

    @Option(help: "How many daemons share a database in a storm of faults.")
    var daemons = 5

    @Option(help: "How many occurrences fall due in each storm.")
    var occurrences = 130

    @Option(help: "Begins anew with the next seed until so many minutes have passed.")
    var minutes = 0

    @Option(help: "Begins anew with the next seed until so many daemons were killed.")
    var kills = 0

    @Option(
        parsing: .upToNextOption,
        help:
            "What is done for a while and undone, while daemons are killed; all but \(Self.unusual) when none is named."
    )
    var phases: [Phase] = []

    @Option(help: "How often each phase is done and undone.")
    var turns = 1

    @Option(help: "The program of the version before, for the phase versions.")
    var before: String?

    @Flag(help: "Keeps the directory also when nothing is found.")
    var keep = false

    private static let unusual = Phase.allCases.filter { !Phase.usual.contains($0) }.map(\.rawValue)
        .joined(separator: ", ")

    func validate() throws {
        guard kills >= 0, turns >= 0, rounds >= 0, together >= 1, (1...20).contains(daemons),
            occurrences >= 0, minutes >= 0
        else {
            throw ValidationError("a number is out of its range")
        }
    }

    func run() async throws {
        let first = seed ?? Int.random(in: 1...999_999)
        let start = ContinuousClock.now
        var (cycle, killed) = (0, 0)
        repeat {
            let (problems, kills) = try await play(seed: first + cycle, cycle: cycle)
            killed += kills
            guard problems.isEmpty else {
                say(
                    "chaos: FAILED; again: chaos --seed \(first + cycle) --rounds \(rounds) "
                        + "--daemons \(daemons) --occurrences \(occurrences) --turns \(turns)"
                        + (phases.isEmpty
                            ? "" : " --phases " + phases.map(\.rawValue).joined(separator: " "))
                        + (before.map { " --before \($0)" } ?? ""))
                throw ExitCode(1)
            }
            cycle += 1
        } while ContinuousClock.now - start < .seconds(60 * minutes) || killed < kills
        say("chaos: passed, \(killed) daemons killed, \((ContinuousClock.now - start).components.seconds) s")
    }

    /// Memory when there is enough of it: a killed process loses nothing of what it has written there either, and making
    /// and removing dozens of databases would else take longer than all the rest.
    private static let top: String = {
        var space = statvfs()
        let isRoomy = statvfs("/dev/shm", &space) == 0 && space.f_bavail * space.f_frsize > 2 << 30
        return isRoomy && access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    }()

    private func play(seed: Int, cycle: Int) async throws -> (problems: [String], kills: Int) {
        var template = Array((Self.top + "/almanac-chaos.XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw Trouble("no directory below \(Self.top)") }
        let directory = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
        chmod(directory, 0o711)
        say("chaos: seed \(seed), in \(directory)")
        let duration = Duration.seconds(Double(occurrences) / Schedule.rate)
        // In turn: some through the pooler, none, all.
        let pooling: [@Sendable (Int) -> Bool] = [{ $0 % 2 == 0 }, { _ in false }, { _ in true }]
        let storms = [
            Storm(
                name: "shared", seed: seed, daemons: daemons, isPooled: pooling[cycle % 3], outage: "hold",
                duration: duration),
            Storm(
                name: "alone", seed: seed, daemons: 1, isPooled: { _ in cycle % 2 == 1 }, outage: "run",
                duration: duration),
        ]
        var (problems, kills) = await withTaskGroup(of: ([String], Int).self) { group in
            group.addTask { await Self.reporting { (try await steps(seed, directory), 0) } }
            for storm in storms where occurrences > 0 {
                group.addTask {
                    await Self.reporting {
                        let (findings, faults) = try await storm.play(below: directory)
                        Self.report("storm \(storm.name), \(storm.daemons) daemons", findings, faults)
                        return (findings.problems, faults[Fault.killed] ?? 0)
                    }
                }
            }
            return await group.reduce(into: ([], 0)) { $0 = ($0.0 + $1.0, $0.1 + $1.1) }
        }
        // Afterwards: a step must be disturbed before it is over, and a machine with more to do misses it.
        let phases = await playPhases(seed, directory)
        (problems, kills) = (problems + phases.problems, kills + phases.kills)
        for problem in problems { say("chaos: \(problem)") }
        if problems.isEmpty && !keep {
            try await ChildProcess(["/bin/rm", "-rf", directory]).end(within: .seconds(300))
        } else {
            say("chaos: logs and schedules are kept in \(directory)")
        }
        return (problems, kills)
    }

    /// Plays the phases that can be played here, some at once.
    private func playPhases(_ seed: Int, _ directory: String) async -> (problems: [String], kills: Int) {
        guard turns > 0 else { return ([], 0) }
        let chosen = phases.isEmpty ? Phase.usual + (before == nil ? [] : [.versions]) : phases
        let possible = chosen.filter { phase in
            guard let obstacle = phase.obstacle(before: before) else { return true }
            say("chaos: phase \(phase.rawValue) is left out: \(obstacle)")
            return false
        }
        return await withTaskGroup(of: ([String], Int).self) { group in
            var sum: (problems: [String], kills: Int) = ([], 0)
            func add(_ one: ([String], Int)) { sum = (sum.problems + one.0, sum.kills + one.1) }
            for (number, phase) in possible.enumerated() {
                if number >= Self.phasesAtOnce, let one = await group.next() { add(one) }
                group.addTask {
                    await Self.reporting {
                        let play = PhasePlay(
                            phase: phase, seed: seed + number, turns: turns, before: before)
                        let (findings, faults) = try await play.play(below: directory)
                        Self.report("phase \(phase.rawValue)", findings, faults)
                        return (findings.problems, faults[Fault.killed] ?? 0)
                    }
                }
            }
            for await one in group { add(one) }
            return sum
        }
    }

    /// Each has a server and three daemons.
    private static let phasesAtOnce = 3

    /// Plays every trial so often as was asked for, in an order that follows from the seed.
    private func steps(_ seed: Int, _ directory: String) async throws -> [String] {
        guard rounds > 0 else { return [] }
        var random = SeededRandom(seed: seed)
        let trials = (0..<rounds).flatMap { _ in Trial.all.shuffled(using: &random) }
        let server = try await DatabaseServer(below: directory + "/steps-server")
        try await Deployment.prepare(server, directory)
        var findings = Findings()
        var slowest = Duration.zero
        let ordeals = try await Ordeal.possible(below: directory)
        await withTaskGroup(of: (Findings, Duration).self) { group in
            for (number, ordeal) in ordeals.enumerated() {
                group.addTask {
                    do {
                        let name = "ordeal_\(number)"
                        return (try await ordeal.play(on: server, name: name, below: directory), .zero)
                    } catch {
                        return (Findings(problems: ["\(error)"]), .zero)
                    }
                }
            }
            for (number, trial) in trials.enumerated() {
                if number >= together, let (found, recovery) = await group.next() {
                    findings = findings + found
                    slowest = max(slowest, recovery)
                }
                group.addTask {
                    do {
                        return try await trial.play(on: server, name: "step_\(number)", below: directory)
                    } catch {
                        return (Findings(problems: ["step_\(number): \(error)"]), .zero)
                    }
                }
            }
            for await (found, recovery) in group {
                findings = findings + found
                slowest = max(slowest, recovery)
            }
        }
        try await server.end()
        let steps = [
            "disturbed steps of \(Trial.all.count) kinds": trials.count, "ordeals": ordeals.count,
        ]
        Self.report("steps, slowest recovery \(slowest.components.seconds) s", findings, steps)
        return findings.problems
    }

    private static func reporting(
        _ body: () async throws -> ([String], Int)
    ) async -> ([String], Int) {
        do { return try await body() } catch { return (["\(error)"], 0) }
    }

    private static func report(_ what: String, _ findings: Findings, _ faults: [String: Int]) {
        func list(_ counts: [String: Int]) -> String {
            counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        }
        say(
            """
            chaos: \(what)
              done: \(list(faults))
              checked: \(findings.occurrences) occurrences, \(findings.runs) rows, \(findings.attempts) attempts, \
            \(findings.requests) requests, \(findings.takeovers) taken over, \(findings.refusals) times lease lost
              outcomes: \(list(findings.outcomes))
              audited: \(findings.audited) occurrences by almanac audit
              found: \(findings.problems.count)
            """)
    }
}

/// Prints at once, also into a pipe.
private func say(_ text: String) {
    print(text)
    fflush(nil)
}
