import CivilTime
import JobCatalog
import RandomInput
import Records
import RunEngine
import RunModel
import Scheduling
import Testing

/// A history of one job as a store keeps it, made by the definitions that were in force.
struct RecordedHistory {
    var definitions: [DefinitionSpan] = []
    var rows: [OccurrenceRow] = []
    var through: Instant
    var reloads: [Instant] = []
    var watermark: Instant

    /// The schedules that definitions of a history have.
    static let schedules = ["* * * * *", "*/7 * * * *", "13 * * * *", "* * * * * *", "5,35 2-20 * * *"]

    /// A clean history: up to three definitions, their occurrences run, or skipped with shared rows.
    init(seed: UInt64) throws {
        var random = SeededRandom(state: seed)
        through = at(Double.random(in: 4000...12_000, using: &random).rounded())
        watermark = through
        var start = at(0)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            let when = Self.schedules.randomElement(using: &random) ?? "* * * * *"
            let isOn = Int.random(in: 0..<8, using: &random) > 0
            let job = try makeJob(isOn ? "" : "enabled=no", when: when)
            definitions.append(DefinitionSpan(since: start, configHash: job.configHash, content: .job(job)))
            if start > at(0) { reloads.append(start + .milliseconds(40)) }
            start = start + .seconds(Int64.random(in: 1500...6000, using: &random))
        }
        for (number, definition) in definitions.enumerated() {
            let end =
                number + 1 < definitions.count ? min(definitions[number + 1].since, through) : through
            record(definition, through: end, &random)
        }
    }

    private mutating func record(
        _ definition: DefinitionSpan, through end: Instant, _ random: inout SeededRandom
    ) {
        var instant = definition.since
        while let next = definition.next(after: instant)?.instant, next <= end {
            instant = next
            guard Int.random(in: 0..<20, using: &random) == 0 else {
                rows.append(Self.row(next, hash: definition.configHash))
                continue
            }
            var shared = Self.row(next, hash: definition.configHash)
            shared.record.startedAt = nil
            shared.record.outcome = .skipped
            shared.record.reason = .paused
            for _ in 0..<Int.random(in: 0...30, using: &random) {
                guard let later = definition.next(after: instant)?.instant, later <= end else { break }
                instant = later
                shared.record.scheduledUntil = later
                shared.record.occurrences += 1
            }
            rows.append(shared)
        }
    }

    static func row(_ instant: Instant, hash: String?) -> OccurrenceRow {
        let job = JobName("a")
        guard let job else { preconditionFailure("a is a name") }
        return OccurrenceRow(
            record: RunRecord(
                id: RunID(job: job, scheduledFor: instant), job: job, trigger: .schedule,
                scheduledFor: instant, dueAt: instant, state: .finished, outcome: .succeeded,
                host: HostID("h/1"), configHash: hash ?? "", createdAt: instant,
                startedAt: instant + .milliseconds(20), finishedAt: instant + .seconds(1)))
    }

    /// What the audit of it finds, in the order of the occurrences.
    var findings: [AuditFinding] {
        audited.findings
    }

    var audited: OccurrenceAudit {
        guard let job = JobName("a") else { preconditionFailure("a is a name") }
        var facts = OccurrenceAudit.Facts(
            definitions: definitions, from: definitions.first?.since ?? at(0), through: through,
            now: through + .seconds(60), watermark: watermark, lateAfter: .seconds(140))
        facts.reloads = reloads
        var audit = OccurrenceAudit(of: job, facts)
        for row in rows.sorted(by: { ($0.record.scheduledFor ?? at(0)) < ($1.record.scheduledFor ?? at(0)) })
        {
            audit.take(row)
        }
        audit.finish()
        return audit
    }

    /// The numbers of rows of one occurrence that are far from each change of definition.
    var plain: [Int] {
        rows.indices.filter { number in
            guard let instant = rows[number].record.scheduledFor, rows[number].record.occurrences == 1 else {
                return false
            }
            return definitions.allSatisfy { max($0.since - instant, instant - $0.since) > .seconds(130) }
        }
    }
}

@Suite("the audit of a job's occurrences")
struct OccurrenceAuditTests {
    @Test("of a clean history it finds nothing, and counts each occurrence", arguments: UInt64(0)..<100)
    func clean(seed: UInt64) throws {
        let history = try RecordedHistory(seed: seed)
        let audit = history.audited
        #expect(audit.findings.isEmpty, "seed \(seed): \(audit.findings)")
        #expect(audit.occurrences == history.rows.map(\.record.occurrences).reduce(0, +), "seed \(seed)")
        #expect(audit.rows == history.rows.count)
    }

    @Test("it finds each planted defect, and nothing else", arguments: UInt64(0)..<60)
    func planted(seed: UInt64) throws {
        var random = SeededRandom(state: seed)
        for kind in AuditFinding.Kind.allCases {
            var history = try RecordedHistory(seed: seed)
            guard let number = history.plain.randomElement(using: &random) else { continue }
            let instant = try #require(history.rows[number].record.scheduledFor)
            var expected = [kind]
            switch kind {
            case .missing: history.rows.remove(at: number)
            case .extra:
                // Shifted by less than the shortest interval: its own occurrence is missing then.
                history.rows[number].record.scheduledFor = instant + .milliseconds(400)
                history.rows[number].record.dueAt = instant + .milliseconds(400)
                expected = [.missing, .extra]
            case .late: history.rows[number].record.startedAt = instant + .seconds(141)
            case .early: history.rows[number].record.startedAt = instant - .seconds(6)
            case .duplicated: history.rows.append(history.rows[number])
            case .unfinished:
                history.rows[number].record.state = .running
                history.rows[number].record.outcome = nil
                history.rows[number].leaseUntil = instant
                history.rows[number].record.finishedAt = nil
            case .unproven: continue
            }
            let findings = history.findings
            #expect(findings.map(\.kind) == expected, "seed \(seed), \(kind): \(findings)")
            for finding in findings where finding.kind != .extra {
                #expect(finding.first == instant && finding.last == instant && finding.count == 1)
            }
        }
    }

    @Test(
        "a row of several occurrences that stands for too many or too few is told", arguments: UInt64(0)..<50)
    func counts(seed: UInt64) throws {
        let history = try RecordedHistory(seed: seed)
        let shared = history.rows.indices.filter { history.rows[$0].record.occurrences > 2 }
        for number in shared.prefix(3) {
            var more = history
            more.rows[number].record.occurrences += 1
            #expect(more.findings.map(\.kind) == [.extra], "seed \(seed)")
            var fewer = history
            fewer.rows[number].record.occurrences -= 2
            #expect(fewer.findings.map(\.kind) == [.missing] && fewer.findings[0].count == 2, "seed \(seed)")
        }
    }

    private func history(
        _ schedules: [(String, Double)], rows: [(Double, Int)], through: Double
    ) throws -> RecordedHistory {
        var history = try RecordedHistory(seed: 0)
        history.definitions = try schedules.map { when, since in
            let job = try makeJob(when: when)
            return DefinitionSpan(since: at(since), configHash: job.configHash, content: .job(job))
        }
        history.rows = rows.map { RecordedHistory.row(at($0), hash: history.definitions[$1].configHash) }
        history.reloads = []
        history.through = at(through)
        history.watermark = at(through)
        return history
    }

    @Test(
        "occurrences without rows are one finding until a row comes, and those that nobody decided yet say so"
    )
    func missing() throws {
        var gap = try history([("* * * * *", 0)], rows: [(60, 0), (300, 0)], through: 301)
        #expect(gap.findings.map(\.count) == [3])
        #expect(gap.findings.first?.first == at(120) && gap.findings.first?.last == at(240))
        gap.through = at(500)
        gap.watermark = at(300)
        #expect(gap.findings.map(\.count) == [3, 3])
        #expect(gap.findings.last?.detail.contains("is a daemon running?") == true)
    }

    @Test(
        "what a start with another definition made of the time before it counts, and what it left out is told apart"
    )
    func restart() throws {
        // Due each minute until the daemon stopped at 600; at 7200 it started again, with a job that is due each hour.
        let minutes = (1...10).map { (Double($0) * 60, 0) }
        var history = try history(
            [("* * * * *", 0), ("30 30 * * * *", 7200)], rows: minutes + [(1830, 1), (5430, 1)], through: 8000
        )
        for number in history.rows.indices.suffix(2) { history.rows[number].record.createdAt = at(7200) }
        #expect(history.findings.isEmpty, "\(history.findings)")
        #expect(history.audited.excused > 100)
        // Had the daemon been running, all would be owed, and nothing be decided by a definition to come.
        history.reloads = [at(7200)]
        #expect(history.findings.map(\.kind).contains(.missing))
        #expect(history.findings.map(\.kind).contains(.extra))
    }

    @Test("for two minutes around a change of the definition either decides")
    func tolerance() throws {
        let before = (1...9).map { (Double($0) * 60, 0) }
        let after = (13...20).map { (Double($0) * 60, 1) }
        var history = try history(
            [("* * * * *", 0), ("0 * * * * *", 600)], rows: before + after, through: 1201)
        history.reloads = [at(600)]
        #expect(history.findings.isEmpty, "\(history.findings)")
        history.rows.removeAll { $0.record.scheduledFor == at(13 * 60) }
        #expect(history.findings.map(\.kind) == [.missing])
    }

    @Test("a definition that is not known proves nothing, and accuses nobody")
    func unknown() throws {
        var history = try history([("* * * * *", 0)], rows: [(60, 0), (77, 0)], through: 1000)
        history.definitions[0].content = .unknown("it was not kept")
        #expect(history.findings.map(\.kind) == [.unproven])
        #expect(history.findings.first?.detail == "it was not kept")
    }

    @Test("a start may be late for a reason: it was made up for, it waited, or the clock was set")
    func reasons() throws {
        var history = try history([("* * * * *", 0)], rows: [(60, 0)], through: 61)
        history.rows[0].record.startedAt = at(400)
        #expect(history.findings.map(\.kind) == [.late])
        #expect(
            history.findings[0].detail.contains("340s late")
                || history.findings[0].detail.contains("5m40s late"))
        history.rows[0].record.trigger = .catchUp
        #expect(history.findings.isEmpty)
        history.rows[0].record.trigger = .schedule
        let waiting = try makeJob("overlap=queue")
        history.definitions[0].content = .job(waiting)
        #expect(history.findings.isEmpty)
    }

    @Test("findings are bounded")
    func bounds() throws {
        let rows = (1...2500).map { (Double($0 * 2), 0) }
        let audit = try history([("* * * * * *", 0)], rows: rows, through: 5000).audited
        #expect(audit.findings.count == OccurrenceAudit.findingsMax)
        #expect(audit.findingsLeftOut == 2500 - OccurrenceAudit.findingsMax)
        #expect(audit.occurrences == 2500)
    }
}
