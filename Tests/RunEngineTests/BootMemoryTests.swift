import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Scheduling
import Testing

@Suite("what a host remembers of its boot")
struct BootMemoryTests {
    /// The host booted at 0; the daemon started at 100 and was last seen at 1000.
    private static var seen: BootMemory {
        var memory = BootMemory(after: nil, now: at(1000), uptime: .seconds(1000))
        memory.toldAt = at(100)
        return memory
    }

    @Test("the first start ever takes no boot for news")
    func first() throws {
        var memory = BootMemory(after: nil, now: at(5), uptime: .seconds(5))
        #expect(memory.bootedAt == testStart && memory.toldAt == nil && !memory.isNew)
        let name = try #require(JobName("a"))
        #expect(memory.eventTimes(of: name, RegisteredJob(watermark: at(0))).boot == nil)
        #expect(BootMemory(after: memory, now: at(9), uptime: .seconds(9)).toldAt == nil)
    }

    static let starts: [(String, Double, Int, Double?)] = [
        ("the same boot", 2000, 2000, nil),
        ("the same boot, the clock set a minute on", 2060, 2000, nil),
        ("the same boot, the clock set back by hours", 2000 - 20_000, 2000, nil),
        ("the same boot, the clock set on by a quarter of an hour", 2900, 2000, nil),
        ("a boot that took 40 s until the daemon started", 5000, 40, 5000),
        ("a boot 20 minutes before the daemon started", 9000, 1200, 7800),
        ("a boot, the clock set back by hours", -20_000, 40, -20_000),
        ("a boot right after the host was last seen", 1030, 25, 1030),
    ]

    @Test("a start of the daemon, a clock that was set and a boot are told apart", arguments: starts)
    func toldApart(_ name: String, _ now: Double, _ uptime: Int, _ told: Double?) {
        let memory = BootMemory(after: Self.seen, now: at(now), uptime: .seconds(uptime))
        #expect(memory.isNew == (told != nil))
        #expect(memory.toldAt == told.map { at($0) } ?? at(100))
        #expect(memory.uptime == .seconds(uptime) && memory.bootedAt == at(now - Double(uptime)))
    }

    @Test("what is written is read again, and anything else is nothing")
    func written() {
        for memory in [Self.seen, BootMemory(after: nil, now: at(5), uptime: .seconds(5))] {
            #expect(BootMemory(memory.text) == memory)
            for count in 0..<memory.text.count - 1 {
                #expect(BootMemory(String(memory.text.prefix(count))) != memory)
            }
        }
        for text in [
            "", "almanac boot 2\nbooted_at=1\nuptime=1\n", "almanac boot 1\nbooted_at=x\nuptime=1\n",
        ] {
            #expect(BootMemory(text) == nil)
        }
        #expect(BootMemory("almanac boot 1\nbooted_at=1\nuptime=-1\n") == nil)
    }

    @Test(
        "a boot that was just found comes after what other hosts have decided, a later start changes nothing")
    func otherHosts() throws {
        let (a, b) = (try #require(JobName("a")), try #require(JobName("b")))
        var memory = BootMemory(after: Self.seen, now: at(5000), uptime: .seconds(40))
        let known = RegisteredJob(watermark: at(5003), previousHash: "1", inForceSince: at(7))
        #expect(memory.eventTimes(of: a, known).boot == at(5003) + .microseconds(1))
        #expect(memory.eventTimes(of: a, known).registration == at(7) + .microseconds(1))
        let new = RegisteredJob(watermark: at(5003), inForceSince: at(5003))
        #expect(memory.eventTimes(of: b, new).boot == at(5000))
        var again = BootMemory(after: memory, now: at(5060), uptime: .seconds(100))
        #expect(again.eventTimes(of: a, known).boot == at(5000))
    }

    @Test(
        "a boot is told once, also when files are read again after it was decided", arguments: [4000.0, 5003])
    func reload(_ watermark: Double) throws {
        let name = try #require(JobName("a"))
        var memory = BootMemory(after: Self.seen, now: at(5000), uptime: .seconds(40))
        var known = RegisteredJob(watermark: at(watermark), previousHash: "1", inForceSince: at(7))
        let told = memory.eventTimes(of: name, known).boot
        known.watermark = at(5033)
        #expect(memory.eventTimes(of: name, known).boot == told)
    }

    // MARK: With the scheduler

    private func job(_ events: [EventTrigger], hash: String = "") throws -> Job {
        var job = try makeJob(hash)
        job.schedule = Schedule(.triggers([]), zone: .utc, key: "a", events: events)
        return job
    }

    private func with(_ job: Job, boot: Double? = nil, registration: Double? = nil) -> Job {
        var job = job
        job.schedule?.eventTimes = EventTimes(
            boot: boot.map { at($0) }, registration: registration.map { at($0) + .microseconds(1) })
        return job
    }

    @Test("a boot is one run, after its delay, also when the daemon starts again")
    func boot() throws {
        let job = try job([EventTrigger(.boot, delay: .seconds(30))])
        #expect(Bench([with(job)], considered: 0, at: 50).scheduler.nextDue == nil)
        var bench = Bench([with(job, boot: 100)], considered: 0, at: 100)
        #expect(bench.scheduler.nextDue?.at == at(130))
        bench.wake(130)
        #expect(bench.claims == [runID(job, 130)])
        bench = Bench([with(job, boot: 100)], considered: 130, at: 200)
        #expect(bench.claims == [] && bench.scheduler.nextDue == nil)
    }

    @Test("a boot that nobody told in time is missed, as any occurrence")
    func lateBoot() throws {
        let job = try job([EventTrigger(.boot)])
        let bench = Bench([with(job, boot: 100)], considered: 0, at: 2000)
        #expect(bench.rows == ["100 missed down"])
    }

    @Test("a definition that is new to the store is one run, at the start or when it is reloaded")
    func registration() throws {
        let job = try job([EventTrigger(.registration)])
        let due = at(10) + .microseconds(1)
        var bench = Bench([with(job, registration: 10)], considered: 10, at: 11)
        #expect(bench.claims == [RunID(job: job.name, scheduledFor: due)])
        // The store took its time to answer.
        bench = Bench([], at: 0)
        bench.load([with(job, registration: 10)], at: 13, considered: 10)
        #expect(bench.claims == [RunID(job: job.name, scheduledFor: due)])
        bench.startRequest(RunID(job: job.name, scheduledFor: due), at: 13)
        bench.end(RunID(job: job.name, scheduledFor: due), at: 14)
        bench.load([with(job, registration: 10)], at: 20, considered: 10)
        #expect(bench.claims == [])
        let changed = try self.job([EventTrigger(.registration)], hash: "timeout=7m")
        bench.load([with(changed, registration: 30)], at: 31, considered: 10)
        #expect(bench.claims == [RunID(job: job.name, scheduledFor: at(30) + .microseconds(1))])
    }

    @Test("the local time on record says which event it was")
    func record() throws {
        let job = try job([EventTrigger(.boot)])
        var bench = Bench([with(job, boot: 100)], considered: 0, at: 2000)
        guard case .record(_, let rows)? = bench.effects.first else { Issue.record("no row"); return }
        #expect(rows.first?.nominalLocal?.hasSuffix("UTC (after a boot)") == true)
        bench.wake(3000)
        #expect(bench.effects == [])
    }
}
