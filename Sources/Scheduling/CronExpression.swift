package import CivilTime

/// When a job is due, as a crontab line says it: five to seven fields, a nickname, or `@every` and an
/// interval.
///
/// It is valid by construction and has at least one matching date. A zone is given with each question.
package struct CronExpression: Hashable, Sendable {
    enum Form: Hashable, Sendable {
        case fields(CronFields)
        /// Every so many seconds of real time, counted from 1970-01-01T00:00:00Z so that restarts do not move
        /// it.
        case every(seconds: Int)
    }

    let form: Form

    /// Reads an expression; `seed`, the job's name, decides what `H` and `~` choose, so that it is the same
    /// at every start.
    package init(parsing text: String, seed: String) throws(CronParseError) {
        var parser = CronParser(text, seed: seed)
        form = try parser.parse()
    }

    /// The first occurrence after an instant, or nil when there is none up to the end of 2199.
    package func next(after instant: Instant, in zone: Zone) -> Occurrence? {
        switch form {
        case .fields(let fields): fields.next(after: instant, in: zone)
        case .every(let seconds): Self.next(after: instant, every: Int64(seconds), in: zone)
        }
    }

    /// The last occurrence before an instant, or nil when there is none since the beginning of 1970.
    package func previous(before instant: Instant, in zone: Zone) -> Occurrence? {
        switch form {
        case .fields(let fields): fields.previous(before: instant, in: zone)
        case .every(let seconds): Self.previous(before: instant, every: Int64(seconds), in: zone)
        }
    }

    /// Whether nothing is left to happen after an instant, as with a year that is over.
    package func neverAgain(after instant: Instant, in zone: Zone) -> Bool {
        next(after: instant, in: zone) == nil
    }

    /// Whether the expression is due at every instant whose local time matches, because its minute or hour
    /// field begins with `*`; otherwise its times are fixed, and daylight saving neither loses nor repeats
    /// them. `@every` counts real time, and is neither.
    package var followsClock: Bool {
        switch form {
        case .fields(let fields): fields.followsClock
        case .every: false
        }
    }
}

extension CronExpression {
    private static func next(after instant: Instant, every seconds: Int64, in zone: Zone) -> Occurrence? {
        let second = instant.seconds < 0 ? 0 : (instant.seconds / seconds + 1) * seconds
        guard second < CronFields.searchEnd else { return nil }
        return occurrence(at: second, in: zone)
    }

    private static func previous(before instant: Instant, every seconds: Int64, in zone: Zone) -> Occurrence?
    {
        guard instant.microseconds > 0 else { return nil }
        let last = min(Instant(microseconds: instant.microseconds - 1).seconds, CronFields.searchEnd - 1)
        return occurrence(at: last / seconds * seconds, in: zone)
    }

    private static func occurrence(at second: Int64, in zone: Zone) -> Occurrence {
        let instant = Instant(seconds: second)
        return Occurrence(instant: instant, local: zone.local(at: instant))
    }
}
