import Scheduling

/// The time to parse an expression.
enum ParseBenchmark {
    private static let repetitions = 200

    static func run() {
        let texts =
            NextBenchmark.mix.map(\.text) + ["H H(0-5) * * *", "0 0 12 ? * MON-FRI 2026-2030", "@daily"]
        var rows = [["expression", "ns"]]
        var sum = 0.0
        for text in texts {
            let time = Measurement.nanoseconds(steps: repetitions) {
                for _ in 0..<repetitions {
                    // The texts are the program's own; one that failed would show as a parse that costs
                    // nothing.
                    let expression = try? CronExpression(parsing: text, seed: "benchmark")
                    Measurement.use(expression == nil ? 0 : 1)
                }
            }
            sum += time
            rows.append([text, Terminal.decimal(time)])
        }
        rows.append(["mean", Terminal.decimal(sum / Double(texts.count))])
        Terminal.table("parse: ns for one expression", rows)
    }
}
