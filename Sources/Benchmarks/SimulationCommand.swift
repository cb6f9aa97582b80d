import CivilTime
import Glibc
import SimulationKit

/// Lets worlds of hosts, clocks, a store and an API go wrong, and says whether the engine kept its promises.
struct SimulationCommand {
    private var sum = Tally()
    private var failed: [Simulation.Report] = []
    private let clock = ContinuousClock()
    private let began: ContinuousClock.Instant

    /// Worlds between two looks at the clock.
    private static let batch = 400
    /// More worlds that fail say nothing new.
    private static let failedMax = 5
    private static let progressEvery: Duration = .seconds(30)

    private init() {
        began = clock.now
    }

    /// Reads the options, runs, prints what happened, and ends the program with 1 when a promise was broken.
    static func run(arguments: ArraySlice<String>) async {
        var options: [String: String] = [:]
        var rest = arguments
        while let name = rest.popFirst() {
            guard ["--seed", "--trace", "--count", "--time", "--bug", "--century"].contains(name),
                let value = rest.popFirst()
            else {
                usage()
            }
            options[name] = value
        }
        func value<Value>(_ name: String, _ parse: (String) -> Value?) -> Value? {
            guard let text = options[name] else { return nil }
            guard let value = parse(text) else { usage() }
            return value
        }
        // An error of the duration is an error of usage.
        let time = value("--time") { try? DurationText.parse($0) }
        var command = SimulationCommand()
        if let bug = options["--bug"] {
            let bugs = PlantedBug.allCases.filter { $0.rawValue == bug || bug == "all" }
            guard !bugs.isEmpty else { usage() }
            await command.find(bugs, count: value("--count", { Int($0) }) ?? 50)
        } else if let seed = value("--century", { Int($0) }) {
            command.liveCentury(seed: seed)
        } else if let seed = value("--seed", { Int($0) }) {
            print("\(SimulationPlan(seed: seed))")
            let report = Simulation.run(seed: seed, isTraced: options["--trace"] != nil)
            // Of all that happened only what names it, such as a run, a job or a host.
            if let part = options["--trace"] {
                report.trace.filter { $0.contains(part) }.forEach { print($0) }
            }
            command.add(report)
        } else {
            await command.tryFresh(
                count: value("--count", { Int($0) }) ?? (time == nil ? 1000 : .max), time: time)
        }
        command.finish()
    }

    private static func usage() -> Never {
        Terminal.fail(
            "usage: Benchmarks simulate [--seed S [--trace TEXT]] [--count N] [--time 10m] [--bug NAME|all] [--century S]"
        )
    }

    private mutating func add(_ report: Simulation.Report) {
        sum += report.tally
        guard !report.violations.isEmpty else { return }
        failed.append(report)
        print("\n" + report.text)
    }

    /// Runs worlds that were never tried, `count` of them or for a time.
    private mutating func tryFresh(count: Int, time: Duration?) async {
        let first = Int.random(in: 1_000_000...1_000_000_000)
        print(
            "simulate: seeds from \(first) on, \(time.map { "for " + DurationText.compact($0) } ?? "\(count) worlds")"
        )
        var done = 0
        var said = began
        while done < count, failed.count < Self.failedMax, time.map({ clock.now - began < $0 }) ?? true {
            let seeds = (first + done)..<(first + done + min(Self.batch, count - done))
            for report in await Self.reports(of: seeds) { add(report) }
            done += seeds.count
            guard clock.now - said > Self.progressEvery else { continue }
            said = clock.now
            print("  \(done) worlds after \(Self.seconds(said - began)) s")
        }
    }

    /// The reports of many worlds, in the order of their seeds, from all processors.
    private static func reports(of seeds: Range<Int>, _ bug: PlantedBug? = nil) async -> [Simulation.Report] {
        let workers = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        return await withTaskGroup(of: [Simulation.Report].self) { group in
            for worker in 0..<workers {
                group.addTask {
                    stride(from: seeds.lowerBound + worker, to: seeds.upperBound, by: workers)
                        .map { Simulation.run(seed: $0, bug: bug) }
                }
            }
            var reports: [Simulation.Report] = []
            for await part in group { reports += part }
            return reports.sorted { $0.plan.seed < $1.plan.seed }
        }
    }

    /// A hundred years of a daily and a monthly job.
    private mutating func liveCentury(seed: Int) {
        let plan = SimulationPlan(seed: seed, years: 100)
        print(plan)
        let report = Simulation.run(plan)
        add(report)
        guard report.violations.isEmpty else { return }
        Terminal.table(
            "occurrences, each of which has one row",
            report.tally.due.sorted { $0.key < $1.key }.map { [$0.key, "\($0.value)"] })
    }

    /// For each planted bug the promises that it breaks, each with the seed of the world in which the least happens.
    private func find(_ bugs: [PlantedBug], count: Int) async {
        for bug in bugs {
            let reports = await Self.reports(of: -count..<(count + 1), bug).filter { !$0.violations.isEmpty }
            print("\(bug.rawValue): \(reports.count) of \(2 * count) seeds find it")
            for promise in Promise.allCases {
                let broken = reports.filter { $0.violations.contains { $0.promise == promise } }
                guard let shortest = broken.min(by: { $0.tally.events < $1.tally.events }),
                    let violation = shortest.violations.first(where: { $0.promise == promise })
                else { continue }
                print(
                    "  \(promise.rawValue): \(broken.count), as \(shortest.plan.seed) with \(shortest.tally.events) events: "
                        + violation.text)
            }
        }
    }

    // MARK: What is printed

    private func finish() {
        guard sum.worlds > 0 else { return }
        Terminal.table(
            "worlds",
            [
                ["worlds", "\(sum.worlds)"], ["hosts", "\(sum.hosts)"], ["starts of hosts", "\(sum.starts)"],
                ["virtual hours", "\(sum.time.components.seconds / 3600)"], ["events", "\(sum.events)"],
                ["store errors", "\(sum.storeErrors)"], ["outages, as hosts saw them", "\(sum.outages)"],
                ["journalled writes", "\(sum.journalled)"], ["delivered later", "\(sum.delivered)"],
                ["times that the store forgot", "\(sum.rewinds)"],
            ])
        Terminal.table(
            "what went wrong", sum.faults.sorted { $0.key < $1.key }.map { [$0.key, "\($0.value)"] })
        Terminal.table(
            "what was due",
            [
                ["occurrences looked for", "\(sum.due.values.reduce(0, +))"],
                ["requests sent", "\(sum.requests)"],
                ["sent over a minute ahead, by a clock that was", "\(sum.sentAhead)"],
                ["rows", "\(sum.rows)"],
            ] + sum.outcomes.sorted { $0.key < $1.key }.map { [$0.key, "\($0.value)"] })
        let time = Self.seconds(clock.now - began)
        guard failed.isEmpty else {
            print("\n\(failed.count) of \(sum.worlds) worlds broke a promise, in \(time) s")
            exit(1)
        }
        print("\nevery occurrence once, none early, none lost, in \(time) s")
    }

    private static func seconds(_ duration: Duration) -> String {
        Terminal.decimal(
            Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18, 1)
    }
}
