import CivilTime
import Records
import RunModel
import SQLiteStore
import StandInAPI
import Testing

@Suite("a job that a clock which was ahead has decided")
struct RewindCommandTests {
    /// The job as it is after a clock that was an hour ahead: decided until then.
    private func decideAhead(_ bench: Bench) async throws {
        try bench.write(everySecond)
        #expect(try await bench.almanac("migrate", "up").status == 0)
        let tick = try #require(JobName("tick"))
        let ahead = wallClock() + .seconds(3600)
        let store = SQLiteRunStore(path: bench.directory + "/state/almanac.db", clock: wallClock)
        _ = try await store.register(
            [JobRegistration(job: tick, configHash: "before")], by: HostID("earlier/1"),
            now: wallClock() - .seconds(600))
        try await store.record([
            RunRecord(
                id: RunID(job: tick, scheduledFor: ahead), job: tick, trigger: .schedule, scheduledFor: ahead,
                dueAt: ahead, state: .finished, outcome: .missed, reason: .down, host: HostID("earlier/1"),
                configHash: "before", createdAt: ahead, finishedAt: ahead)
        ])
        await store.close()
    }

    @Test("is named by health, why and audit, and runs again once somebody has set it back")
    func running() async throws {
        try await withBench { bench in
            try await decideAhead(bench)
            let daemon = try await bench.startDaemon()
            let health = try await bench.health("health says so") {
                $0.output.contains("almanac rewind tick")
            }
            #expect(health.status != 0)
            let why = try await bench.almanac("why", "tick")
            #expect(why.output.contains("almanac rewind tick --reason"), "\(why.output)")
            let audit = try await bench.almanac("audit")
            #expect(audit.status == 1 && audit.output.contains("early"), "\(audit.output)")
            #expect(bench.api.requests().isEmpty)
            let done = try await bench.almanac("rewind", "tick", "--reason", "the clock was ahead")
            #expect(done.status == 0 && done.output.contains("1 row removed"), "\(done.output)\(done.errors)")
            try await eventually("it runs") { bench.api.requests().count >= 2 }
            let again = try await bench.almanac("rewind", "tick", "--reason", "the clock was ahead")
            #expect(again.status == 64 && again.errors.contains("nothing to set back"), "\(again.errors)")
            try await daemon.stop()
            let events = try await bench.almanac("why", "tick")
            #expect(events.output.contains("set back from"), "\(events.output)")
        }
    }

    @Test("is not set back without a reason, nor is one that nobody knows")
    func refused() async throws {
        try await withBench { bench in
            try await decideAhead(bench)
            #expect(try await bench.almanac("rewind", "tick").status == 64)
            #expect(try await bench.almanac("rewind", "tick", "--reason", " ").status == 64)
            let unknown = try await bench.almanac("rewind", "tock", "--reason", "x")
            #expect(
                unknown.status == 65 && unknown.errors.contains("did you mean tick?"), "\(unknown.errors)")
        }
    }
}
