import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Scheduling
import Testing

@Suite("the explanation of an occurrence")
struct ExplanationTests {
    private func facts(
        _ options: String = "", at seconds: Double, now: Double, watermark: Double, when: String = "0 * * * *"
    ) throws -> ExplanationFacts {
        let job = try makeJob(options, when: when)
        let definition = DefinitionSpan(since: at(10), configHash: job.configHash, content: .job(job))
        return ExplanationFacts(
            definitions: [definition], at: at(seconds), now: at(now), watermark: at(watermark))
    }

    private func row(
        _ facts: ExplanationFacts, _ seconds: Double, _ outcome: Outcome?, _ reason: Reason? = nil,
        detail: String? = nil
    ) -> RunRecord {
        var row = RecordedHistory.row(at(seconds), hash: facts.definitions[0].configHash).record
        row.outcome = outcome
        row.reason = reason
        row.detail = detail
        if outcome == nil { row.state = .running }
        return row
    }

    @Test(
        "without a row it says what is known instead",
        arguments: [
            (Explanation.Verdict.neverDue, 5.0, 9000.0, 7200.0, "first seen at 2026-03-01T00:00:10Z"),
            (.neverDue, 3000, 9000, 7200, "has been due so far; it is due next at 2026-03-01T01:00:00Z"),
            (.neverDue, 3000, 2000, 10, "is due up to then; it is due next at 2026-03-01T01:00:00Z"),
            (.missing, 3700, 9000, 7200, "has no row"),
            (.undecided, 8000, 9000, 3600, "the last decision was for 2026-03-01T01:00:00Z"),
            (.toCome, 7201, 7230, 3600, "fell due 30s ago"),
            (.toCome, 9000, 7000, 3600, "still to come, in 3m20s"),
        ])
    func withoutRow(
        _ verdict: Explanation.Verdict, _ seconds: Double, _ now: Double, _ watermark: Double, _ part: String
    ) throws {
        let explanation = Explanation(try facts(at: seconds, now: now, watermark: watermark))
        #expect(explanation.verdict == verdict)
        #expect(explanation.summary.contains(part), "\(explanation.summary)")
        #expect(explanation.verdict.isWrong == (verdict == .missing || verdict == .undecided))
    }

    @Test("the occurrence is the last one at or before the instant, in the definition of then")
    func occurrence() throws {
        var facts = try facts(at: 3600, now: 9000, watermark: 7200)
        #expect(facts.occurrence?.occurrence.instant == at(3600))
        facts.at = at(7199)
        #expect(facts.occurrence?.occurrence.instant == at(3600) && facts.following?.instant == at(7200))
        let later = try makeJob(when: "30 * * * *")
        facts.definitions.append(
            DefinitionSpan(since: at(5000), configHash: later.configHash, content: .job(later)))
        facts.at = at(5399)
        #expect(facts.occurrence?.occurrence.instant == at(3600))
        facts.at = at(5400)
        #expect(facts.occurrence?.occurrence.instant == at(5400))
        facts.definitions.append(DefinitionSpan(since: at(6000), configHash: nil, content: .nothing))
        facts.at = at(9000)
        #expect(facts.occurrence?.occurrence.instant == at(5400))
    }

    @Test("a pause tells what will become of what is to come, and pruning what became of a row")
    func circumstances() throws {
        var facts = try facts(at: 9000, now: 7000, watermark: 3600)
        facts.pause = Pause(scope: .all, at: at(6000), by: "amina")
        let coming = Explanation(facts)
        #expect(
            coming.summary.hasSuffix("as things are it will be skipped, since \(facts.pause?.detail ?? "")"))
        #expect(coming.rules.map(\.name) == ["pause", "schedule"])
        facts.pause?.until = at(7100)
        #expect(Explanation(facts).rules.map(\.sentence) == ["every hour"])
        facts = try self.facts(at: 3600, now: 9000, watermark: 7200)
        facts.prunedUntil = at(3600)
        #expect(Explanation(facts).verdict == .pruned)
        facts = try self.facts("overlap=queue", at: 7200, now: 9000, watermark: 3600)
        facts.hasLiveRun = true
        #expect(Explanation(facts).verdict == .waiting)
    }

    @Test("what is due only later, or never, says by which rule")
    func never() throws {
        var facts = try facts(at: 3000, now: 2000, watermark: 10)
        #expect(Explanation(facts).rules.map(\.name) == ["schedule"])
        facts.at = at(5)
        #expect(Explanation(facts).rules.map(\.name) == ["schedule"], "before it was first seen")
        facts = try self.facts("enabled=no", at: 9000, now: 9000, watermark: 10)
        #expect(Explanation(facts).summary == "the job is disabled, and nothing of it has been due")
        #expect(Explanation(facts).rules.map(\.name) == ["enabled=no"])
    }

    @Test("an instant that is no occurrence says so, and since when nothing is due if that is why")
    func aside() throws {
        var facts = try facts(at: 7200, now: 9000, watermark: 7200)
        facts.row = row(facts, 7200, .succeeded)
        func aside(_ seconds: Double, isAsked: Bool = true) -> String? {
            facts.at = at(seconds)
            facts.isAsked = isAsked
            return Explanation(facts).aside
        }
        #expect(aside(7200) == nil && aside(8000, isAsked: false) == nil)
        #expect(aside(8000) == "nothing was due at 2026-03-01T02:13:20Z itself; this is the last before")
        #expect(aside(9500) == "nothing is due at 2026-03-01T02:38:20Z itself; this is the last before")
        facts.definitions.append(DefinitionSpan(since: at(8100.5), configHash: nil, content: .nothing))
        let gone = "the job was taken out of the files at 2026-03-01T02:15:00Z; this is the last before"
        #expect(aside(10_800) == gone && aside(9000, isAsked: false) == gone)
        let off = try makeJob("enabled=no")
        facts.definitions[1] = DefinitionSpan(since: at(8100), configHash: off.configHash, content: .job(off))
        #expect(aside(10_800)?.hasPrefix("the job has been disabled since 2026-03-01T02:15:00Z") == true)
        facts.row?.scheduledUntil = at(10_800)
        #expect(aside(10_000) == nil, "the row is also for what was due then")
    }

    @Test(
        "each outcome names the rule that decided it",
        arguments: [
            ("accept=200", .succeeded, nil, "accept=200"), ("decline=503", .declined, .status, "decline=503"),
            ("", .skipped, .overlap, "overlap=skip"), ("", .skipped, .storeOutage, "overlap=skip"),
            ("overlap=queue", .skipped, .superseded, "overlap=queue"),
            ("overlap=replace", .skipped, .replaced, "overlap=replace"), ("", .skipped, .paused, "pause"),
            ("deadline=5m", .skipped, .deadline, "deadline=5m"), ("", .skipped, .disabled, "enabled=no"),
            ("", .missed, .down, "catch-up=none"),
            ("catch-up=latest", .missed, .superseded, "catch-up=latest"),
            ("catch-up=all catch-up-window=1h", .missed, .window, "catch-up-window=1h"),
            ("catch-up=all", .missed, .cap, "catch-up=all"),
            ("timeout=90s", .timedOut, .timeout, "timeout=90s"),
            ("accept=200", .failed, .status, "accept=200"), ("", .failed, .token, "401 and 403"),
            ("retry=0", .failed, .connect, "retry=0"), ("", .unknown, .connection, "no retry"),
            ("", .unknown, .lost, "no retry"), ("", .failed, .shutdown, "ALMANAC_DRAIN_LIMIT"),
            ("", .failed, .configuration, "configuration"), ("", .failed, .down, "catch-up=none"),
        ] as [(String, Outcome, Reason?, String)])
    func rules(_ options: String, _ outcome: Outcome, _ reason: Reason?, _ rule: String) throws {
        var facts = try facts(options, at: 3600, now: 9000, watermark: 7200)
        facts.row = row(facts, 3600, outcome, reason, detail: "because of it")
        let explanation = Explanation(facts)
        #expect(explanation.rules.map(\.name) == [rule])
        #expect(explanation.verdict == .decided && !explanation.verdict.isWrong)
        #expect(outcome == .succeeded || explanation.summary.contains("because of it"))
    }

    @Test(
        "why no other attempt followed is told by what ended the last",
        arguments: [
            ("", Outcome.failed, .status, 404, 1, "after such an answer there is no other attempt"),
            ("retry-on=unsent", .failed, .status, 503, 1, "after such an answer there is no other attempt"),
            ("", .failed, .status, 503, 1, "no attempt starts after the deadline, or when the next"),
            ("", .failed, .status, 503, 3, "every attempt was used up"),
            ("", .unknown, .response, nil, 1, "a request that may have taken effect is not sent again"),
            ("", .failed, .connection, nil, 3, "every attempt was used up"),
        ] as [(String, Outcome, Reason, Int?, Int, String)])
    func noOtherAttempt(
        _ options: String, _ outcome: Outcome, _ reason: Reason, _ status: Int?, _ attempts: Int,
        _ says: String
    ) throws {
        var facts = try facts(options, at: 3600, now: 9000, watermark: 7200)
        var row = row(facts, 3600, outcome, reason)
        (row.httpStatus, row.attempts, row.attemptsMax) = (status, attempts, 3)
        facts.row = row
        let rules = Explanation(facts).rules
        #expect(rules.first?.sentence.contains(says) == true, "\(rules)")
    }

    @Test("a row of several says for how many it stands, a live run where it is")
    func states() throws {
        var facts = try facts(at: 7200, now: 9000, watermark: 10_800)
        var shared = row(facts, 3600, .skipped, .paused, detail: "3 occurrences share this row; paused")
        shared.scheduledUntil = at(10_800)
        shared.occurrences = 3
        facts.row = shared
        let explanation = Explanation(facts)
        #expect(explanation.scheduledFor == at(7200))
        #expect(explanation.summary.contains("one row tells of all 3 from 2026-03-01T01:00:00Z"))
        facts.row = row(facts, 7200, nil)
        #expect(Explanation(facts).verdict == .inProgress)
        #expect(Explanation(facts).summary.hasPrefix("it is running on h/1"))
    }
}
