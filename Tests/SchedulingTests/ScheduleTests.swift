import CivilTime
import Scheduling
import Testing

@Suite struct ScheduleTests {
    @Test("occurrences between two instants include the end and not the start")
    func occurrences() throws {
        let schedule = Schedule(
            .cron(try CronExpression(parsing: "10 0 * * *", seed: "purge")), zone: .utc, key: "purge")
        let start = try #require(Instant(rfc3339: "2026-03-01T00:10:00Z"))
        let end = try #require(Instant(rfc3339: "2026-03-03T00:10:00Z"))
        let found = schedule.occurrences(after: start, through: end, limit: 10).map(\.instant.rfc3339)
        #expect(found == ["2026-03-02T00:10:00Z", "2026-03-03T00:10:00Z"])
        #expect(schedule.occurrences(after: start, through: end, limit: 1).count == 1)
    }
}
