import CivilTime
import Scheduling

/// A catalog of 100,000 schedules: what it holds in memory, and how long it takes to find what is next due.
enum CatalogBenchmark {
    private static let count = 100_000

    static func run() {
        let zones = ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"].map(SystemZones.zone)
        let texts = (0..<count).map { "\($0 % 60) \($0 / 60 % 24) * * \($0 % 3 == 0 ? "1-5" : "*")" }
        let keys = (0..<count).map { "job-\($0)" }
        let schedules = texts.indices.map { index in
            guard let expression = try? CronExpression(parsing: texts[index], seed: keys[index]) else {
                Terminal.fail("the benchmark's own expression \(texts[index]) does not parse")
            }
            return Schedule(.cron(expression), zone: zones[index % zones.count], key: keys[index])
        }
        let milliseconds =
            Measurement.nanoseconds(steps: 1) {
                var earliest = Int64.max
                for schedule in schedules {
                    if let next = schedule.next(after: NextBenchmark.start) {
                        earliest = min(earliest, next.instant.microseconds)
                    }
                }
                Measurement.use(earliest)
            } / 1e6
        Terminal.table(
            "catalog of \(count) schedules",
            [
                ["next due of all, ms", Terminal.decimal(milliseconds, 1)],
                // All of it: the job's name is the catalog's text, and the zone is shared.
                ["bytes held by a schedule", String(MemoryLayout<Schedule>.stride)],
            ])
    }
}
