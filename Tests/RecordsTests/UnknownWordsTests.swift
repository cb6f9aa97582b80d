import CivilTime
import Records
import RunModel
import Testing

@Suite("rows that a newer version wrote")
struct UnknownWordsTests {
    @Test("an outcome and a reason that this version does not know are shown in the detail")
    func run() throws {
        let at = Instant(seconds: 1_795_392_600)
        var record = RunRecord(
            id: RunID(job: try #require(JobName("purge")), scheduledFor: at),
            job: try #require(JobName("purge")),
            trigger: .schedule, scheduledFor: at, dueAt: at, state: .finished, outcome: .failed,
            reason: .status, detail: "429", host: HostID("alpha/1"), configHash: "1", createdAt: at)
        func reading(_ outcome: String, _ reason: String?) throws -> RunRecord {
            var values = record.columnValues
            values[11] = .text(outcome)
            values[12] = ColumnValue(reason)
            return try RunRecord.reading([values])[0]
        }
        #expect(try reading("failed", "status") == record)
        let known = try reading("failed", "quota")
        let strange = try reading("deferred", "quota")
        record.reason = nil
        record.detail = "the reason “quota” of a newer version: 429"
        #expect(known == record)
        #expect(strange.outcome == .unknown && strange.reason == nil)
        #expect(
            strange.detail?.hasPrefix("the outcome “deferred” and the reason “quota” of a newer version: ")
                == true)
    }

    @Test("so are the reason of an attempt and the kind of an event")
    func others() throws {
        let at = ColumnValue.instant(Instant(seconds: 1_795_392_600))
        let attempt = try AttemptRecord.reading([[.integer(1), at, at, .null, .text("quota"), .null]])[0]
        #expect(attempt.reason == nil && attempt.detail == "the reason “quota” of a newer version")
        let event = try StoreEvent.reading([[at, .text("h/1"), .text("eclipse"), .null, .text("dark")]])[0]
        #expect(event.kind == .other && event.detail == "the kind “eclipse” of a newer version: dark")
    }
}
