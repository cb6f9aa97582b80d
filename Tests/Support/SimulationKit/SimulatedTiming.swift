import CivilTime
import Scheduling

/// When a simulated job is due: an expression for the engine, and what it is compared with, a walk over every moment
/// that knows nothing of the engine's search.
struct SimulatedTiming: Sendable {
    enum Rule: Sendable {
        /// Every so many seconds of real time.
        case every(seconds: Int64)
        /// At the seconds of each minute that the step divides.
        case secondSteps(Int64)
        /// At all instants whose local minute and hour match.
        case clock(minutes: [Int64], hours: [Int64]?)
        /// At fixed local times, on each day or on one day of the month.
        case fixed(minutes: [Int64], hours: [Int64], day: Int?)
    }

    let expression: String
    let rule: Rule

    /// The usual distance of two occurrences.
    var period: Duration {
        switch rule {
        case .every(let seconds), .secondSteps(let seconds): .seconds(seconds)
        case .clock(let minutes, _): .seconds(3600 / minutes.count)
        case .fixed(_, _, nil): .seconds(3600)
        case .fixed: .seconds(86_400)
        }
    }

    /// The instants after `start` up to and including `end`, in order, by trying each.
    func instants(after start: Instant, through end: Instant, in zone: Zone) -> [Instant] {
        var found: [Instant] = []
        // A day before, so that what a clock has shown already is known.
        var now = (start.seconds / 86_400 - 1) * 86_400
        var offset: Int64 = 0
        // The latest local time that the clock has shown.
        var latest = Int64.min
        while now <= end.seconds {
            // Every zone here changes at a quarter of an hour.
            if now % 900 == 0 { offset = Int64(zone.offset(at: Instant(seconds: now))) }
            if isDue(now, now + offset, &latest), now > start.seconds { found.append(Instant(seconds: now)) }
            now += step
        }
        return found
    }

    private var step: Int64 {
        switch rule {
        case .every, .secondSteps: 1
        case .clock, .fixed: 60
        }
    }

    private func isDue(_ now: Int64, _ local: Int64, _ latest: inout Int64) -> Bool {
        switch rule {
        case .every(let seconds): return now % seconds == 0
        case .secondSteps(let seconds): return now % 60 % seconds == 0
        case .clock(let minutes, let hours): return matches(local, minutes, hours, nil)
        case .fixed(let minutes, let hours, let day):
            // A local time counts when it is first shown; one that is jumped over counts at the jump.
            guard local > latest else { return false }
            let first = latest == .min ? local : latest + 60
            latest = local
            guard first < local else { return matches(local, minutes, hours, day) }
            return stride(from: first, through: local, by: 60).contains { matches($0, minutes, hours, day) }
        }
    }

    private func matches(_ local: Int64, _ minutes: [Int64], _ hours: [Int64]?, _ day: Int?) -> Bool {
        guard minutes.contains(local / 60 % 60) else { return false }
        if let hours, !hours.contains(local / 3600 % 24) { return false }
        return day.map { CivilDateTime(secondsSinceEpoch: local).date.day == $0 } ?? true
    }
}
