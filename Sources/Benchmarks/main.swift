/// Measures the schedule engine and the records: `swift run -c release Benchmarks`.
///
///     Benchmarks [--peers]    time `next`, parsing and a large catalog; with peers, time them beside it
///     Benchmarks records [--sqlite] [N…]
///                             time runs recorded, N at once, in PostgreSQL, that of ALMANAC_TEST_DSN, or in SQLite
///     Benchmarks history [N]  time questions about N runs there, 10,000,000 unless said otherwise
///     Benchmarks burst | idle | lateness | status [--jobs N,…] [--repeats N] [--seconds N] [--store sqlite,postgres]
///                             measure the program that ALMANAC names, from outside
///     Benchmarks page        time the first page for people, and what it weighs
///     Benchmarks fuzz [--count N] [--seed S] [--first N]
///                             feed arbitrary input to the parser of expressions and the decoder of zones
///     Benchmarks fuzz-tasks [COUNT [SEED]]
///                             feed damaged task files to their reader
///     Benchmarks simulate [--seed S [--trace TEXT]] [--count N] [--time 10m] [--bug NAME|all] [--century S]
///                             run the engine through worlds in which much goes wrong
import TaskFuzzing

var arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == "fuzz" {
    Fuzzer.run(arguments: arguments.dropFirst())
} else if arguments.first == "simulate" {
    await SimulationCommand.run(arguments: arguments.dropFirst())
} else if arguments.first == "fuzz-tasks" {
    let numbers = arguments.dropFirst().map { UInt64($0) }
    guard numbers.count <= 2, !numbers.contains(nil) else {
        Terminal.fail("usage: Benchmarks fuzz-tasks [COUNT [SEED]]")
    }
    let count = numbers.first.flatMap(\.self) ?? 1_000_000
    let seed = numbers.dropFirst().first.flatMap(\.self) ?? 1
    let report = TaskXMLFuzz.run(count: Int(count), seed: seed)
    print(
        "fuzz-tasks: seed \(seed), \(report.inputs) inputs: \(report.usable) usable, \(report.refused) refused"
    )
    if !report.broken.isEmpty { Terminal.fail("fuzz-tasks: inputs \(report.broken) broke a promise") }
} else if arguments.first == "records" {
    let isEmbedded = arguments.dropFirst().first == "--sqlite"
    let given = arguments.dropFirst(isEmbedded ? 2 : 1).map { Int($0) ?? 0 }
    guard given.allSatisfy({ $0 > 0 }) else {
        Terminal.fail("usage: Benchmarks records [--sqlite] [RUNS-IN-FLIGHT…]")
    }
    let inFlight = given.isEmpty ? [1, 64, 512] : given
    if isEmbedded {
        await RecordsBenchmark.sqlite(inFlight: inFlight)
    } else {
        await RecordsBenchmark.postgres(inFlight: inFlight)
    }
} else if arguments.first == "history" {
    let rows = arguments.count == 1 ? 10_000_000 : arguments.dropFirst().first.flatMap { Int($0) } ?? 0
    guard arguments.count <= 2, rows > 0 else { Terminal.fail("usage: Benchmarks history [RUNS]") }
    await HistoryBenchmark.run(rows: rows)
} else if arguments.first == "burst" {
    BurstBenchmark.run(arguments.dropFirst())
} else if arguments.first == "idle" {
    IdleBenchmark.run(arguments.dropFirst())
} else if arguments.first == "lateness" {
    LatenessBenchmark.run(arguments.dropFirst())
} else if arguments == ["page"] {
    PageBenchmark.run()
} else if arguments.first == "status" {
    StatusBenchmark.run(arguments.dropFirst())
} else {
    guard arguments.isEmpty || arguments == ["--peers"] else {
        Terminal.fail(
            "usage: Benchmarks [--peers] | Benchmarks records [--sqlite] [N…] | Benchmarks history [N] | "
                + "Benchmarks burst | idle | lateness | status [OPTION VALUE]… | Benchmarks page | "
                + "Benchmarks fuzz [--count N] [--seed S] [--first N] | Benchmarks fuzz-tasks [COUNT [SEED]]")
    }
    let next = NextBenchmark.run()
    ParseBenchmark.run()
    CatalogBenchmark.run()
    if arguments == ["--peers"] {
        PeerBenchmark.run(ours: next)
    }
}
