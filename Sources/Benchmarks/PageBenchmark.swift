import CivilTime
import JobCatalog
import Markup
import Pages
import Records
import RunEngine
import RunModel
import Scheduling

/// The time to make the first page, and what it weighs.
enum PageBenchmark {
    private static let now = Instant(seconds: 1_795_934_538)  // 2026-11-29T06:42:18Z
    private static let repetitions = 50

    static func run() {
        var rows = [["jobs", "ms", "KiB"]]
        for count in [1, 20, 50] {
            let page = page(of: count)
            let frame = Frame(
                host: "alpha", version: "0.1.0", times: Times(zone: .utc, now: now), visitor: "amina",
                isSignedIn: true, mayAct: true, mayRead: true, address: Address("/"), isLive: true,
                summary: "alpha alone, PostgreSQL, journal empty")
            var size = 0
            let time = Measurement.nanoseconds(steps: repetitions) {
                for _ in 0..<repetitions { size = page.page(frame).bytes.count }
            }
            rows.append(
                [String(count), Terminal.decimal(time / 1_000_000), Terminal.decimal(Double(size) / 1024)])
        }
        Terminal.table("the first page: each job with 60 runs, 20 jobs on the time line", rows)
    }

    /// Jobs that are due each hour, of which one run in nine did not end well.
    private static func page(of count: Int) -> JobsPage {
        let lines = (0..<count).map { "\($0) * * * * invoices-of-region-\($0): POST /api as=none\n" }.joined()
        let file = ScheduleFile(
            Array(("CRON_TZ=UTC\n" + lines).utf8), file: "jobs.cron", zones: OnlyUTC(), now: now)
        let rows = file.jobs.enumerated().map { index, job in row(job, index) }
        return JobsPage(
            needs: rows.prefix(2).map(\.status),
            totals: .init(jobs: count, needYou: 2, paused: 0, running: 0),
            rows: rows, filter: .init(), matching: count,
            tally: Tally(counts: [.succeeded: 900, .failed: 100], isWhole: true), audit: .clean(at: now),
            pauseOfAll: nil, troubles: [], unread: nil)
    }

    private static func row(_ job: Job, _ index: Int) -> JobsPage.Row {
        let outcomes = Outcome.allCases
        let marks = (0..<Strip.length).map { number in
            let outcome = number % 9 == 4 ? outcomes[(number + index) % outcomes.count] : .succeeded
            return RunMark(run(job, ago: Int64(number) * 3600 + 1800, outcome))
        }
        var summary = JobSummary(job: job.name, watermark: now - .seconds(60))
        summary.learn(run(job, ago: 1800, index % 7 == 0 ? .failed : .succeeded))
        let upcoming = job.schedule?.occurrences(
            after: now, through: now + TimeLine.future, limit: TimeLine.marksMax + 1)
        let lane = TimeLine.Lane(
            job: job.name, marks: marks, troubles: [], upcoming: upcoming?.map(\.instant) ?? [], next: nil,
            isPaused: false)
        return JobsPage.Row(
            status: JobStatus(job: job, summary: summary, now: now), marks: marks,
            lane: index < TimeLine.lanesMax ? lane : nil)
    }

    private static func run(_ job: Job, ago: Int64, _ outcome: Outcome) -> RunRecord {
        let due = now - .seconds(ago)
        let isWell = outcome == .succeeded
        return RunRecord(
            id: RunID(job: job.name, scheduledFor: due), job: job.name, trigger: .schedule, scheduledFor: due,
            dueAt: due, state: .finished, outcome: outcome, reason: isWell ? nil : .status,
            detail: isWell ? nil : "the API answered 502 Bad Gateway; no retry was left", attempts: 1,
            host: HostID("alpha/1"), configHash: "c0ffee", createdAt: due, startedAt: due,
            finishedAt: due + .milliseconds(700 + ago % 900), httpStatus: isWell ? 200 : 502)
    }

    private struct OnlyUTC: ZoneSource {
        let dataVersion: String? = nil
        let machineZone: Zone? = Zone.utc
        func zone(named name: String) throws(ZoneLookupError) -> Zone { .utc }
    }
}
