import CivilTime
import RandomInput
import Scheduling

extension SimulatedJob {
    /// A job that is over before the trouble of its world is: it is due once, or again and again until a boundary.
    static func ending(
        _ name: String, from start: Instant, within trouble: Duration, _ random: inout SeededRandom
    ) -> SimulatedJob? {
        let length = Int(trouble.components.seconds)
        let last = start + .seconds(random.number(length / 10...length * 9 / 10))
        let timing =
            random.oneIn(2)
            ? SimulatedTiming.once(at: last)
            : .repeated(every: random.pick([60, 90]) * (length > 3600 ? 20 : 1), from: start, until: last)
        return SimulatedJob(name, timing, .utc, policy(backoffMax: 90, &random))
    }
}

extension SimulatedTiming {
    /// A line of a crontab with a year, so that it is due once.
    fileprivate static func once(at instant: Instant) -> SimulatedTiming {
        let local = Zone.utc.local(at: instant)
        let (date, second) = (local.date, local.secondOfDay)
        return SimulatedTiming(
            expression:
                "\(second % 60) \(second / 60 % 60) \(second / 3600) \(date.day) \(date.month) ? \(date.year)",
            rule: .once(at: instant), until: instant)
    }

    /// A trigger of a task file that repeats until its end boundary. None would be a mistake here, and seen as a world
    /// without the job.
    fileprivate static func repeated(every seconds: Int, from start: Instant, until end: Instant)
        -> SimulatedTiming
    {
        let utc = { TaskTrigger.Boundary.fixed(Zone.utc.local(at: $0), offset: 0) }
        let trigger = try? TaskTrigger(
            start: utc(start), end: utc(end), recurrence: .once,
            repetition: .init(interval: .seconds(seconds)))
        let step = Int64(seconds)
        return SimulatedTiming(
            [trigger].compactMap(\.self), rule: .every(seconds: step, offset: start.seconds % step),
            until: end)
    }
}
