import Scheduling

/// The times of day of a cron expression as series at even distances, each of which is one trigger.
enum TimeTranslation {
    /// `count` times, `step` seconds apart, beginning at the second `first` of the day.
    struct Series: Equatable {
        var first: Int
        var step: Int
        var count: Int
    }

    /// The fewest series found for the times; single times only, unless repetitions are allowed.
    static func series(of fields: CronExpression.Fields, mayRepeat: Bool) -> [Series] {
        let seconds = fields.seconds.numbers
        let minutes = fields.minutes.numbers
        let hours = fields.hours.numbers
        guard mayRepeat else {
            return seconds.flatMap { second in
                hours.flatMap { hour in
                    minutes.map { Series(first: hour * 3600 + $0 * 60 + second, step: 0, count: 1) }
                }
            }
        }
        // Two times within a minute are never in one series: a repetition is at least a minute long.
        let alongTheDay = cut(hours.flatMap { hour in minutes.map { hour * 3600 + $0 * 60 } })
        let alongTheHours = minutes.flatMap { minute in cut(hours.map { $0 * 3600 + minute * 60 }) }
        let fewest = alongTheHours.count < alongTheDay.count ? alongTheHours : alongTheDay
        return seconds.flatMap { second in
            fewest.map { Series(first: $0.first + second, step: $0.step, count: $0.count) }
        }
    }

    /// Ascending times cut into runs of even distance, each as long as it can be from the left.
    private static func cut(_ times: [Int]) -> [Series] {
        var series: [Series] = []
        for time in times {
            guard var last = series.last else {
                series.append(Series(first: time, step: 0, count: 1))
                continue
            }
            let distance = time - (last.first + last.step * (last.count - 1))
            if last.count == 1 || distance == last.step {
                last.step = distance
                last.count += 1
                series[series.count - 1] = last
            } else {
                series.append(Series(first: time, step: 0, count: 1))
            }
        }
        return series
    }
}
