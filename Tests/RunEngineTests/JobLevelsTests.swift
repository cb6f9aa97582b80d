import CivilTime
import JobCatalog
import RandomInput
import Records
import RunModel
import Testing

@testable import RunEngine

@Suite("the levels of many jobs")
struct JobLevelsTests {
    @Test(
        "what is kept is what would be judged anew, whatever changes and however time passes",
        arguments: 0..<10)
    func sameAsAnew(seed: Int) throws {
        var random = SeededRandom(seed: seed)
        let schedules = [
            "* * * * *", "*/7 * * * *", "0 * * * *", "30 1 * * *", "0 3 * * 1", "0 5 4 3 4 ? 2026",
        ]
        let options = [
            "overdue-after=90s", "overdue-after=1h", "enabled=no", "",
        ]
        var jobs: [Job] = []
        for number in 0..<12 {
            jobs.append(
                try makeJob(random.pick(options), when: random.pick(schedules), name: "j\(number)"))
        }
        var facts = HealthFacts(
            host: HostID("h/1"), version: "1", storeKind: "sqlite", startedAt: at(0),
            catalog: Catalog(jobs: jobs, zoneData: nil))
        facts.learn(jobs.map { JobSummary(job: $0.name, watermark: at(0)) })
        var levels = JobLevels(count: jobs.count)
        var now = 0.0
        for _ in 0..<150 {
            let index = random.number(0...jobs.count - 1)
            let job = jobs[index]
            switch random.number(0...5) {
            case 0:
                let due = random.oneIn(9) ? now + 4000 : now
                var row = run(job, random.pick(Outcome.allCases), due)
                row.finishedAt = at(due + Double(random.number(0...90)))
                facts.summaries[job.name]?.learn(row)
                levels.mark(index)
            case 1:
                facts.refusals[job.name] = random.oneIn(2) ? at(now) : nil
                levels.mark(index)
            case 2 where random.oneIn(3):
                facts.pauses =
                    random.oneIn(2)
                    ? [] : [Pause(scope: .all, at: at(now), until: at(now + 700), by: "amina")]
                levels.markAll()
            case 3:
                facts.pauses.removeAll { $0.scope == .job(job.name) }
                let until = random.oneIn(2) ? at(now + Double(random.number(1...9000))) : nil
                facts.pauses.append(Pause(scope: .job(job.name), at: at(now), until: until, by: "amina"))
                levels.mark(index)
            // The clock is set back.
            case 4 where random.oneIn(20): now = max(now - 5000, 0)
            default: now += Double(random.number(0...random.pick([2, 60, 900, 40_000])))
            }
            let isWhole = levels.settle(at: at(now), atMost: jobs.count) {
                facts.status(of: jobs[$0], at: at(now))
            }
            let anew = jobs.map { facts.status(of: $0, at: at(now)) }
            try #require(isWhole)
            try #require(levels.failingCount == anew.count { $0.level == .fail })
            try #require(levels.warningCount == anew.count { $0.level == .warn })
            try #require(levels.pausedCount == anew.count { $0.level == .warn && $0.pause != nil })
            let wrong = levels.wrong(jobs.count)
            try #require(Set(wrong) == Set(jobs.indices.filter { anew[$0].level != .pass }))
            try #require(levels.wrong(jobs.count, after: 4) == wrong.filter { $0 >= 4 })
            try #require(wrong.map { anew[$0].level } == wrong.map { anew[$0].level }.sorted(by: >))
        }
    }

    @Test("a report of any number of jobs stays below 64 KiB, counts all and lists the worst")
    func bounded() throws {
        let long = String(repeating: "n", count: 56)
        let jobs = try (0..<2000).map { try makeJob(when: "0 * * * *", name: "\(long)-\($0)") }
        var facts = HealthFacts(
            host: HostID("h/1"), version: "1", storeKind: "sqlite", startedAt: at(0),
            catalog: Catalog(jobs: jobs, zoneData: nil))
        for (number, job) in jobs.enumerated() {
            var row = run(job, number < 1000 ? .succeeded : .failed, 3600)
            row.detail = String(repeating: "\"", count: Limits.detailBytesMax)
            facts.learn([JobSummary(job: job.name, watermark: at(3600), lastRun: row, lastOccurrence: row)])
        }
        let report = HealthAssessment.report(facts, now: at(4000))
        #expect(report.json.pretty.utf8.count < 64 * 1024)
        let totals = try #require(report.checks.first { $0.component == "jobs" })
        #expect(totals.output == "1000 jobs of 2000 fail and 0 warn")
        let listed = report.checks.filter { $0.component == "job" }
        #expect(listed.count == HealthAssessment.jobsListedMax && listed.allSatisfy { $0.status == .fail })
    }

    @Test("pages of all jobs list each once, in the order of their names")
    func pages() throws {
        let jobs = try (0..<100).map { try makeJob(when: "0 * * * *", name: "j\($0)") }
        let facts = HealthFacts(
            host: HostID("h/1"), version: "1", storeKind: "sqlite", startedAt: at(0),
            catalog: Catalog(jobs: jobs, zoneData: nil))
        let levels = JobLevels(count: jobs.count)
        var names: [String] = []
        var after: JobName?
        repeat {
            let page = HealthAssessment.report(facts, levels, after: after, now: at(1))
            names += page.report.checks.filter { $0.component == "job" }.compactMap(\.componentID)
            after = page.next
        } while after != nil
        #expect(names == jobs.map(\.name.description).sorted())
    }

    private func run(_ job: Job, _ outcome: Outcome, _ seconds: Double) -> RunRecord {
        RunRecord(
            id: runID(job, seconds), job: job.name, trigger: .schedule, scheduledFor: at(seconds),
            dueAt: at(seconds), state: .finished, outcome: outcome, host: HostID("h/1"), configHash: "",
            createdAt: at(seconds), finishedAt: at(seconds + 1))
    }
}
