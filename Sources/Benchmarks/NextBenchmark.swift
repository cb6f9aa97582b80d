import CivilTime
import Scheduling

/// The time of one `next` step, over a mix of the expressions that people write.
enum NextBenchmark {
    /// An expression in the zone it is likely to be used in, and the same for systemd where it can be said.
    struct Line {
        let text: String
        let zone: String
        let calendar: String?

        init(_ text: String, _ zone: String = "UTC", calendar: String? = nil) {
            self.text = text
            self.zone = zone
            self.calendar = calendar
        }
    }

    /// Twenty expressions: every minute to every leap year, most at UTC, some where clocks change.
    static let mix = [
        Line("* * * * *", calendar: "*-*-* *:*:00"),
        Line("*/5 * * * *", calendar: "*-*-* *:0/5:00"),
        Line("10 0 * * *", calendar: "*-*-* 00:10:00"),
        Line("0 1 1 * *", calendar: "*-*-01 01:00:00"),
        Line("45 0-21/3 * * *", calendar: "*-*-* 0/3:45:00"),
        Line("0 6 * FEB,AUG MON", calendar: "Mon *-02,08-* 06:00:00"),
        Line("30 4 1-7 * *", calendar: "*-*-01..07 04:30:00"),
        Line("0 12 10 * 4"),
        Line("0 0 5,20 * 2"),
        Line("0 0 29 2 *", calendar: "*-02-29 00:00:00"),
        Line("0 0 31 1,5,8 *", calendar: "*-01,05,08-31 00:00:00"),
        Line("59 23 30 6 *", calendar: "*-06-30 23:59:00"),
        Line("0 0 L * *", calendar: "*-*~01 00:00:00"),
        Line("30 2 * * *", "America/New_York", calendar: "*-*-* 02:30:00 America/New_York"),
        Line("0 9-17 * * 1-5", "America/New_York", calendar: "Mon..Fri *-*-* 09..17:00:00 America/New_York"),
        Line("0 */6 * * *", "Europe/London", calendar: "*-*-* 0/6:00:00 Europe/London"),
        Line(
            "10,40 8-18/2 * * MON-FRI", "Europe/Berlin",
            calendar: "Mon..Fri *-*-* 08..18/2:10,40:00 Europe/Berlin"),
        Line("20 3 * * 0", "Europe/Berlin", calendar: "Sun *-*-* 03:20:00 Europe/Berlin"),
        Line("*/15 9-16 * * 1-5", "Asia/Tokyo", calendar: "Mon..Fri *-*-* 09..16:0/15:00 Asia/Tokyo"),
        Line("0 21 * * 1-5", "Australia/Lord_Howe", calendar: "Mon..Fri *-*-* 21:00:00 Australia/Lord_Howe"),
    ]

    /// Successive occurrences of one measurement, each fed into the next.
    static let steps = 200
    /// 2026-01-01T00:00:00Z.
    static let start = Instant(seconds: 1_767_225_600)

    private static let repetitions = 50

    /// Prints the table; returns nanoseconds per step, one for each line of the mix.
    static func run() -> [Double] {
        var rows = [["expression", "zone", "ns", "at UTC", "New York"]]
        var results: [Double] = []
        var sums = [0.0, 0.0, 0.0]
        for line in mix {
            guard let expression = try? CronExpression(parsing: line.text, seed: "benchmark") else {
                Terminal.fail("the benchmark's own expression \(line.text) does not parse")
            }
            let zones = [SystemZones.zone(line.zone), Zone.utc, SystemZones.zone("America/New_York")]
            let times = zones.map { time(expression, in: $0) }
            for (index, time) in times.enumerated() { sums[index] += time }
            results.append(times[0])
            rows.append([line.text, line.zone] + times.map { Terminal.decimal($0, 1) })
        }
        rows.append(["mean", ""] + sums.map { Terminal.decimal($0 / Double(mix.count), 1) })
        Terminal.table("next: ns for one step, \(steps) steps from 2026-01-01", rows)
        return results
    }

    private static func time(_ expression: CronExpression, in zone: Zone) -> Double {
        Measurement.nanoseconds(steps: steps * repetitions) {
            for _ in 0..<repetitions { walk(expression, in: zone) }
        }
    }

    @inline(never)
    private static func walk(_ expression: CronExpression, in zone: Zone) {
        var instant = start
        for _ in 0..<steps {
            // After the last year there is nothing; the walk begins again so that all take the same number of
            // steps.
            instant = expression.next(after: instant, in: zone)?.instant ?? start
        }
        Measurement.use(instant.microseconds)
    }
}
