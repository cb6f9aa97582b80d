import CivilTime
import JobCatalog
import Scheduling

/// When a simulated job is due: a schedule for the engine, and what it is compared with, a walk over every moment that
/// knows nothing of the engine's search.
struct SimulatedTiming: Sendable {
    enum Rule: Sendable {
        /// Every so many seconds of real time, `offset` after whole multiples of them.
        case every(seconds: Int64, offset: Int64)
        /// At the seconds of each minute that the step divides.
        case secondSteps(Int64)
        /// At all instants whose local minute and hour match.
        case clock(minutes: [Int64], hours: [Int64]?)
        /// At fixed local times, on each day or on one day of the month.
        case fixed(minutes: [Int64], hours: [Int64], day: Int?)
        /// At a fixed local time, and then every so many minutes of real time for so many minutes, both included.
        case repeated(minute: Int64, hour: Int64, every: Int64, for: Int64)
        /// Once.
        case once(at: Instant)
        /// So many seconds after something happened.
        case event(EventTrigger.Event, delay: Int64)
    }

    /// What the engine is given.
    let schedule: @Sendable (_ zone: Zone, _ name: String) -> Schedule?
    let rule: Rule
    /// The longest delay of a start that the schedule itself asks for.
    var randomDelay: Duration = .zero
    /// Nothing is due after it; nil for a schedule that goes on for ever.
    var end: Instant?

    /// A line of a crontab; one that is none gives no schedule.
    init(expression: String, rule: Rule, until end: Instant? = nil) {
        self.rule = rule
        self.end = end
        schedule = { zone, name in
            // An expression that is none is seen as a world without jobs.
            (try? CronExpression(parsing: expression, seed: name)).map {
                Schedule(.cron($0), zone: zone, key: name)
            }
        }
    }

    /// Triggers of a task file.
    init(
        _ triggers: [TaskTrigger], events: [EventTrigger] = [], rule: Rule, until end: Instant? = nil
    ) {
        self.rule = rule
        self.end = end
        randomDelay = triggers.map(\.randomDelay).max() ?? .zero
        schedule = { zone, name in Schedule(.triggers(triggers), zone: zone, key: name, events: events) }
    }

    /// What it waits for, if it is an event.
    var event: EventTrigger.Event? {
        if case .event(let event, _) = rule { event } else { nil }
    }

    /// How long after its event it is due.
    var eventDelay: Duration {
        if case .event(_, let delay) = rule { .seconds(delay) } else { .zero }
    }

    /// The usual distance of two occurrences.
    var period: Duration {
        switch rule {
        case .every(let seconds, _), .secondSteps(let seconds): .seconds(seconds)
        case .clock(let minutes, _): .seconds(3600 / minutes.count)
        case .repeated(_, _, let every, _): .seconds(60 * every)
        case .fixed(_, _, nil): .seconds(3600)
        case .fixed, .event, .once: .seconds(86_400)
        }
    }

    /// The instants after `start` up to and including `end`, in order, by trying each; none for an event, which the
    /// world knows.
    func instants(after start: Instant, through end: Instant, in zone: Zone) -> [Instant] {
        var walk = Walk(rule: rule)
        var found: [Instant] = []
        // What depends on the clock is walked from a day before, so that what it has shown already is known.
        var now = step == 1 ? start.seconds : (start.seconds / 86_400 - 1) * 86_400
        var offset: Int64 = 0
        let end = min(end, self.end ?? end)
        while now <= end.seconds {
            // Every zone here changes at a quarter of an hour.
            if now % 900 == 0 { offset = Int64(zone.offset(at: Instant(seconds: now))) }
            if walk.isDue(now, now + offset), now > start.seconds { found.append(Instant(seconds: now)) }
            now += step
        }
        return found
    }

    private var step: Int64 {
        switch rule {
        case .every, .secondSteps, .event, .once: 1
        case .clock, .fixed, .repeated: 60
        }
    }

    /// The state of a walk over all moments.
    private struct Walk {
        let rule: Rule
        /// The latest local time that the clock has shown.
        var latest = Int64.min
        /// The last start of what is repeated.
        var started: Int64?

        mutating func isDue(_ now: Int64, _ local: Int64) -> Bool {
            switch rule {
            case .every(let seconds, let offset): return now % seconds == offset
            case .secondSteps(let seconds): return now % 60 % seconds == 0
            case .clock(let minutes, let hours): return Self.matches(local, minutes, hours, nil)
            case .fixed(let minutes, let hours, let day):
                return isNew(local) { Self.matches($0, minutes, hours, day) }
            case .repeated(let minute, let hour, let every, let length):
                if isNew(local, { Self.matches($0, [minute], [hour], nil) }) { started = now }
                guard let started, now - started <= length * 60 else { return false }
                return (now - started) % (every * 60) == 0
            case .once(let instant): return now == instant.seconds
            case .event: return false
            }
        }

        /// Whether the clock shows a matching time for the first time; one that is jumped over counts at the jump.
        private mutating func isNew(_ local: Int64, _ matches: (Int64) -> Bool) -> Bool {
            guard local > latest else { return false }
            let first = latest == .min ? local : latest + 60
            latest = local
            guard first < local else { return matches(local) }
            return stride(from: first, through: local, by: 60).contains(where: matches)
        }

        private static func matches(
            _ local: Int64, _ minutes: [Int64], _ hours: [Int64]?, _ day: Int?
        ) -> Bool {
            guard minutes.contains(local / 60 % 60) else { return false }
            if let hours, !hours.contains(local / 3600 % 24) { return false }
            return day.map { CivilDateTime(secondsSinceEpoch: local).date.day == $0 } ?? true
        }
    }
}
