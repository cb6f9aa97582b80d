/// Measures the schedule engine: `swift run -c release Benchmarks`.
///
///     Benchmarks [--peers]    time `next`, parsing and a large catalog; with peers, time them beside it
///     Benchmarks fuzz [--count N] [--seed S] [--first N]
///                             feed arbitrary input to the parser of expressions and the decoder of zones
var arguments = Array(CommandLine.arguments.dropFirst())
if arguments.first == "fuzz" {
    Fuzzer.run(arguments: arguments.dropFirst())
} else {
    guard arguments.isEmpty || arguments == ["--peers"] else {
        Terminal.fail("usage: Benchmarks [--peers] | Benchmarks fuzz [--count N] [--seed S] [--first N]")
    }
    let next = NextBenchmark.run()
    ParseBenchmark.run()
    CatalogBenchmark.run()
    if arguments == ["--peers"] {
        PeerBenchmark.run(ours: next)
    }
}
