package import CivilTime
package import JobCatalog
package import Records
import RunEngine
import Scheduling

/// How long the configuration says that records are kept.
package enum RetentionSettings {
    /// The shortest: what happened within a day is never taken away, which the runner's role in `docs/roles.sql`
    /// could not do either.
    package static let ageMin: Duration = .seconds(86_400)
    /// The longest: a century, beyond which nobody means it.
    package static let ageMax: Duration = .seconds(36_525 * 86_400)
    /// The most of a schedule's period that is added to its catch-up window: with it the default of 400 days is
    /// enough for every schedule with the default window of 366.
    package static let periodMax: Duration = .seconds(34 * 86_400)

    /// The retention of a configuration; a bad value is a problem, and its default is taken. Ages that are not set
    /// are never longer than that of runs.
    static func read(
        _ text: (String) -> String?, problems: inout [Configuration.Problem]
    ) -> Retention {
        var retention = Retention()
        func age(_ name: String) -> Duration? {
            guard let age = Configuration.duration(name, text(name), &problems) else { return nil }
            if (ageMin...ageMax).contains(age) { return age }
            problems.append(
                Configuration.Problem(
                    name: name, message: "it is shorter than a day, or longer than a century",
                    hint: "write it like 400d"))
            return nil
        }
        if let runs = age("ALMANAC_KEEP_RUNS") { retention.runs = runs }
        for (name, path) in [
            ("ALMANAC_KEEP_ATTEMPTS", \Retention.attempts), ("ALMANAC_KEEP_EXCERPTS", \Retention.excerpts),
        ] {
            let given = age(name)
            if let given, given > retention.runs {
                problems.append(
                    Configuration.Problem(
                        name: name,
                        message: "it is longer than runs are kept, which is \(days(retention.runs))",
                        hint: "they go with their run: shorten it, or lengthen ALMANAC_KEEP_RUNS"))
            }
            retention[keyPath: path] = min(given ?? retention[keyPath: path], retention.runs)
        }
        return retention
    }

    /// How often records are pruned; a bad value is a problem, and the default is taken.
    static func interval(_ text: String?, problems: inout [Configuration.Problem]) -> Duration {
        guard let interval = Configuration.duration("ALMANAC_PRUNE_EVERY", text, &problems) else {
            return EngineLimits.pruningInterval
        }
        if !EngineLimits.pruningIntervals.contains(interval) {
            problems.append(
                Configuration.Problem(
                    name: "ALMANAC_PRUNE_EVERY", message: "records are pruned every 1s to 1d",
                    hint: "leave it out for every hour, which suits most hosts"))
        }
        return interval
    }

    /// Why runs are kept too short for a job of the catalog, whose missed occurrences are to be run late; nil when
    /// they are not.
    package static func problem(_ retention: Retention, _ catalog: Catalog, now: Instant) -> CommandError? {
        for job in catalog.jobs where job.policy.catchUp != .none {
            guard let next = job.next(after: now)?.instant else { continue }
            let period = job.next(after: next).map { $0.instant - next } ?? .zero
            let needed = job.policy.catchUpWindow + min(period, periodMax)
            guard retention.runs < needed else { continue }
            return CommandError(
                .configuration,
                "ALMANAC_KEEP_RUNS: runs are kept for \(days(retention.runs)), and \(job.name) catches up on what it "
                    + "missed in \(days(job.policy.catchUpWindow)) (\(job.source.file):\(job.source.line))",
                hint: "keep runs for \(days(needed)) or longer, or set a shorter catch-up-window=")
        }
        return nil
    }

    /// The days of an age, the last one begun.
    private static func days(_ age: Duration) -> String {
        "\((age.components.seconds + 86_399) / 86_400)d"
    }
}
