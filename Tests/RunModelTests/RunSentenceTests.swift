import CivilTime
import RunModel
import Testing

@Suite("runs in sentences")
struct RunSentenceTests {
    private static func run(
        _ outcome: Outcome, _ change: (inout RunRecord) -> Void = { _ in }
    ) throws -> String {
        let due = try #require(Instant(rfc3339: "2026-11-24T00:10:00Z"))
        let job = try #require(JobName("purge"))
        var run = RunRecord(
            id: try #require(RunID("9d021f29-0000-8000-8000-000000000000")), job: job, trigger: .schedule,
            scheduledFor: due, dueAt: due, state: .finished, outcome: outcome, host: HostID("alpha/1"),
            configHash: "1", createdAt: due, finishedAt: due + .milliseconds(4150))
        run.startedAt = due
        change(&run)
        return run.sentence
    }

    @Test("a run that succeeded is reported with its status and how long it took")
    func succeeded() throws {
        #expect(
            try Self.run(.succeeded) { $0.httpStatus = 200 }
                == "purge succeeded 200 in 4.1 s (schedule, due 00:10:00Z, run 9d021f29)")
    }

    @Test("one that failed, with why")
    func failed() throws {
        #expect(
            try Self.run(.failed) {
                ($0.reason, $0.detail) = (.token, "the API refused the job token or the identity (401)")
            }
                == "purge failed: the API refused the job token or the identity (401) "
                + "(schedule, due 00:10:00Z, run 9d021f29)")
    }

    @Test("several occurrences that share a row, with the first and the last; a run by hand, with who asked")
    func others() throws {
        let until = Instant(rfc3339: "2026-11-25T00:10:00Z")
        let missed = try Self.run(.missed) {
            ($0.reason, $0.occurrences, $0.scheduledUntil) = (.down, 2, until)
        }
        #expect(
            missed
                == "2 occurrences of purge were missed: down "
                + "(schedule, due 2026-11-24T00:10:00Z to 2026-11-25T00:10:00Z, run 9d021f29)")
        let manual = try Self.run(.declined) {
            ($0.trigger, $0.scheduledFor, $0.requestedBy) = (.manual, nil, "amina@alpha")
        }
        #expect(manual == "purge was declined (by hand, amina@alpha, run 9d021f29)")
    }
}
