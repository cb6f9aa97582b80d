import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Scheduling
import Testing

@testable import SimulationKit

@Suite("what fell due in a pause around a change of the clocks")
struct PausedNightTests {
    /// A pause's row from its first occurrence to its last, and how many those are, counted by hand.
    struct Night: Sendable, CustomTestStringConvertible {
        var zone: SimulatedZone
        var when: String
        var first: String
        var last: String
        var count: Int
        var testDescription: String { "\(when) \(zone.rawValue) \(first)" }
    }

    static let nights = [
        // Without an hour, and with one twice.
        Night(
            zone: .newYork, when: "*/30 * * * *", first: "2026-03-08T05:00:00Z", last: "2026-03-09T03:30:00Z",
            count: 46),
        Night(
            zone: .newYork, when: "*/30 * * * *", first: "2026-11-01T04:00:00Z", last: "2026-11-02T04:30:00Z",
            count: 50),
        // A fixed time that does not exist, and two that come twice.
        Night(
            zone: .newYork, when: "30 2 * * *", first: "2026-03-07T07:30:00Z", last: "2026-03-09T06:30:00Z",
            count: 3),
        Night(
            zone: .newYork, when: "0,30 1 * * *", first: "2026-10-31T05:00:00Z", last: "2026-11-02T06:30:00Z",
            count: 6),
        Night(
            zone: .beirut, when: "10 0 * * *", first: "2026-03-27T22:10:00Z", last: "2026-03-29T21:10:00Z",
            count: 3),
        // Half an hour less, and more.
        Night(
            zone: .lordHowe, when: "*/10 * * * *", first: "2026-10-03T14:30:00Z",
            last: "2026-10-03T16:30:00Z",
            count: 13),
        Night(
            zone: .lordHowe, when: "*/20 * * * *", first: "2026-04-04T14:00:00Z",
            last: "2026-04-04T16:10:00Z",
            count: 7),
    ]

    @Test(
        "one row that stands for all of it is right, and one that stands for more or fewer is told",
        arguments: nights)
    func row(_ night: Night) throws {
        let first = try #require(Instant(rfc3339: night.first))
        let last = try #require(Instant(rfc3339: night.last))
        var job = try makeJob(when: night.when)
        let rule = try #require(job.schedule?.rule)
        job.schedule = Schedule(rule, zone: night.zone.zone, key: "a")
        var history = try RecordedHistory(seed: 0)
        history.definitions = [
            DefinitionSpan(since: first - .seconds(1), configHash: job.configHash, content: .job(job))
        ]
        history.reloads = []
        history.through = last + .seconds(1)
        history.watermark = last
        var row = RecordedHistory.row(first, hash: job.configHash)
        row.record.startedAt = nil
        row.record.outcome = .skipped
        row.record.reason = .paused
        row.record.scheduledUntil = last
        row.record.occurrences = night.count
        history.rows = [row]
        #expect(history.findings.isEmpty, "\(history.findings)")
        #expect(history.audited.occurrences == night.count)
        for (change, kind) in [(1, AuditFinding.Kind.extra), (-1, .missing)] {
            history.rows[0].record.occurrences = night.count + change
            #expect(history.findings.map(\.kind) == [kind] && history.findings.first?.count == 1)
        }
        history.rows[0].record.occurrences = night.count
        history.rows[0].record.scheduledFor = first + .seconds(1)
        #expect(history.findings.map(\.kind) == [.missing, .extra], "\(history.findings)")
    }
}
