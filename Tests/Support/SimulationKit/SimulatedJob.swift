import CivilTime
import JobCatalog
import RandomInput
import Records
import RequestText
import RunModel
import Scheduling

/// A job of a world: what the engine is given, and when it is due without asking the engine.
struct SimulatedJob: Sendable {
    var job: Job
    let timing: SimulatedTiming
    let zone: Zone

    /// nil when name or expression are no such things, which a test would see as a world without jobs.
    init?(_ name: String, _ timing: SimulatedTiming, _ zone: Zone, _ policy: Policy) {
        guard let jobName = JobName(name), let schedule = timing.schedule(zone, name) else { return nil }
        self.timing = timing
        self.zone = zone
        job = Job(
            name: jobName, schedule: schedule,
            request: RequestTemplate(method: "POST", url: TemplateText([.literal("https://h/x")])),
            policy: policy, source: SourceLocation(file: "simulation.cron", line: 1))
    }

    /// When it is due without an event.
    func instants(after start: Instant, through end: Instant) -> [Instant] {
        timing.instants(after: start, through: end, in: zone)
    }

    /// The longest that a start may be after its occurrence.
    var delayMax: Duration { job.policy.jitter + timing.randomDelay }

    /// A job that is due every few seconds or minutes.
    static func quick(_ name: String, _ zone: Zone, _ random: inout SeededRandom) -> SimulatedJob? {
        let timing = random.pick([
            SimulatedTiming(expression: "* * * * *", rule: .clock(minutes: Array(0...59), hours: nil)),
            SimulatedTiming(expression: "*/10 * * * * *", rule: .secondSteps(10)),
            SimulatedTiming(expression: "@every 45s", rule: .every(seconds: 45, offset: 0)),
            SimulatedTiming(
                expression: "7/2 * * * *",
                rule: .clock(minutes: Array(stride(from: 7, to: 60, by: 2)), hours: nil)),
            SimulatedTiming(expression: "*/3 * * * * *", rule: .secondSteps(3)),
            SimulatedTiming(
                expression: "*/4 * * * *",
                rule: .clock(minutes: Array(stride(from: 0, to: 60, by: 4)), hours: nil)),
            .eachMinute,
        ])
        return SimulatedJob(name, timing, zone, policy(backoffMax: 90, &random))
    }

    /// A job that is due every three seconds, whether another run of it is under way or not.
    static func frequent(_ name: String, _ random: inout SeededRandom) -> SimulatedJob? {
        var policy = policy(backoffMax: 60, &random)
        policy.overlap = .allow
        policy.jitter = .zero
        return SimulatedJob(
            name, SimulatedTiming(expression: "*/3 * * * * *", rule: .secondSteps(3)), .utc, policy)
    }

    /// A job that is due every quarter of a minute.
    static func regular(_ name: String, _ random: inout SeededRandom) -> SimulatedJob? {
        let timing = SimulatedTiming(expression: "*/15 * * * * *", rule: .secondSteps(15))
        return SimulatedJob(name, timing, .utc, policy(backoffMax: 10, &random))
    }

    /// A job that is due a few times a day, by the clocks of its zone.
    static func slow(_ name: String, _ zone: Zone, _ random: inout SeededRandom) -> SimulatedJob? {
        let timing = random.pick([
            SimulatedTiming(expression: "10 0 * * *", rule: .fixed(minutes: [10], hours: [0], day: nil)),
            SimulatedTiming(
                expression: "5,20,45 0-3 * * *",
                rule: .fixed(minutes: [5, 20, 45], hours: [0, 1, 2, 3], day: nil)),
            SimulatedTiming(
                expression: "*/15 0-3 * * *", rule: .clock(minutes: [0, 15, 30, 45], hours: [0, 1, 2, 3])),
            SimulatedTiming(expression: "40 * * * *", rule: .clock(minutes: [40], hours: nil)),
            SimulatedTiming(
                expression: "30 1,2 * * *", rule: .fixed(minutes: [30], hours: [1, 2], day: nil)),
            .atNight(hour: 0, minute: 10), .atNight(hour: 1, minute: 45),
        ])
        return SimulatedJob(name, timing, zone, policy(backoffMax: 600, &random))
    }

    /// A job that is due once after something happened.
    static func after(
        _ event: EventTrigger.Event, _ name: String, _ random: inout SeededRandom
    ) -> SimulatedJob? {
        let delay = random.pick([0, 5, 40])
        // nil would be a delay that no task file can have.
        guard let trigger = try? EventTrigger(event, delay: .seconds(delay)) else { return nil }
        let timing = SimulatedTiming([], events: [trigger], rule: .event(event, delay: Int64(delay)))
        return SimulatedJob(name, timing, .utc, policy(backoffMax: 90, &random))
    }

    static func policy(backoffMax: Int, _ random: inout SeededRandom) -> Policy {
        var policy = Policy()
        policy.overlap = random.pick(Policy.Overlap.allCases)
        policy.catchUp = random.pick(Policy.CatchUp.allCases)
        policy.retries = random.number(0...2)
        policy.backoff = .seconds(1) ... .seconds(random.number(1...backoffMax))
        policy.jitter = random.pick([.zero, .zero, .seconds(5), .seconds(300)])
        policy.deadline = random.pick([nil, nil, .seconds(30), .seconds(300)])
        if random.oneIn(3) { policy.catchUpWindow = .seconds(120) }
        return policy
    }
}

// Triggers of task files; none would be a mistake here, and seen as a world without jobs.
extension SimulatedTiming {
    /// Once, and then each minute for ever, whatever the clocks show: 30 seconds past it.
    fileprivate static let eachMinute = SimulatedTiming(
        [
            try? TaskTrigger(
                start: .fixed(CivilDateTime(date: day(2026, 2, 1), secondOfDay: 30), offset: 0),
                recurrence: .once, repetition: .init(interval: .seconds(60)))
        ].compactMap(\.self),
        rule: .every(seconds: 60, offset: 30))

    /// Each night at a local time, and then every 25 minutes of real time for two hours, delayed at random.
    fileprivate static func atNight(hour: Int, minute: Int) -> SimulatedTiming {
        let time = CivilDateTime(date: day(2026, 1, 1), secondOfDay: hour * 3600 + minute * 60)
        return SimulatedTiming(
            [
                try? TaskTrigger(
                    start: .local(time), recurrence: .daily(interval: 1),
                    repetition: .init(interval: .seconds(1500), duration: .seconds(7200)),
                    randomDelay: .seconds(240))
            ].compactMap(\.self),
            rule: .repeated(minute: Int64(minute), hour: Int64(hour), every: 25, for: 120))
    }

    private static func day(_ year: Int, _ month: Int, _ day: Int) -> CivilDate {
        CivilDate(uncheckedYear: year, month: month, day: day)
    }
}
