import CivilTime
import JobCatalog
import Markup
import Records
import RunEngine
import RunModel
import Scheduling
import TestFiles

@testable import Pages

/// Values of which pages are made.
enum Fixture {
    static let now = Instant(seconds: 1_795_934_538)  // 2026-11-29T06:42:18Z
    static let times = Times(zone: .utc, now: now)

    private struct Zones: ZoneSource {
        let dataVersion: String? = "2026b"
        let machineZone: Zone? = Zone.utc

        func zone(named name: String) throws(ZoneLookupError) -> Zone {
            if name == "UTC" { return .utc }
            do {
                return try ZoneFiles.zone(name)
            } catch {
                throw ZoneLookupError(message: "\(error)", hint: "install tzdata")
            }
        }
    }

    /// The jobs of these lines.
    static func jobs(_ text: String) -> [Job] {
        let file = ScheduleFile(
            Array(("CRON_TZ=UTC\n" + text).utf8), file: "jobs.cron", zones: Zones(), now: now)
        return file.jobs
    }

    /// A frame for who may act, or for anybody.
    static func frame(_ now: Instant = now, isSignedIn: Bool = true, visitor: String = "amina") -> Frame {
        Frame(
            host: "alpha", version: "0.1.0", times: Times(zone: .utc, now: now),
            visitor: isSignedIn ? visitor : nil, isSignedIn: isSignedIn, mayAct: isSignedIn,
            mayRead: isSignedIn,
            address: Address("/"),
            isLive: true, summary: "alpha alone, catalog 3f1d7f0c53ab, PostgreSQL, journal empty")
    }

    /// A run that ended so long before `now`.
    static func run(
        _ job: JobName, ago: Int64, _ outcome: Outcome = .succeeded, took: Duration = .seconds(2),
        detail: String? = nil, excerpt: String? = nil
    ) -> RunRecord {
        let due = now - .seconds(ago)
        let isSent = ![.skipped, .missed].contains(outcome)
        return RunRecord(
            id: RunID(job: job, scheduledFor: due), job: job, trigger: .schedule, scheduledFor: due,
            dueAt: due,
            state: .finished, outcome: outcome, reason: outcome == .succeeded ? nil : .status, detail: detail,
            attempts: isSent ? 1 : 0, attemptsMax: 3, host: HostID("alpha/1"), requestedBy: "omar@alpha",
            configHash: "c0ffee", zoneData: "2026b", createdAt: due, startedAt: isSent ? due : nil,
            finishedAt: due + took, httpStatus: isSent ? 200 : nil, responseBytes: 12,
            responseExcerpt: excerpt)
    }

    /// Sixty marks of a job that is due each hour.
    static func marks(_ job: JobName, _ outcome: (Int) -> Outcome = { _ in .succeeded }) -> [RunMark] {
        (0..<60).map { number in
            RunMark(
                run(
                    job, ago: Int64(number) * 3600 + 2538, outcome(number),
                    took: .milliseconds(700 + number * 37 % 900)))
        }
    }

    /// A row of the first page.
    static func row(_ job: Job, last: RunRecord? = nil, marks: [RunMark], hasLane: Bool = true)
        -> JobsPage.Row
    {
        var summary = JobSummary(job: job.name, watermark: last?.scheduledFor ?? now - .seconds(60))
        if let last { summary.learn(last) }
        let status = JobStatus(job: job, summary: summary, now: now)
        let upcoming = job.schedule?.occurrences(after: now, through: now + TimeLine.future, limit: 49) ?? []
        let lane = TimeLine.Lane(
            job: job.name, marks: marks, troubles: [], upcoming: upcoming.map(\.instant),
            next: status.next?.instant, isPaused: false)
        return JobsPage.Row(status: status, marks: marks, lane: hasLane ? lane : nil)
    }

    /// The first page with these rows.
    static func page(_ rows: [JobsPage.Row], needs: [JobStatus] = []) -> JobsPage {
        JobsPage(
            needs: needs, totals: .init(jobs: rows.count, needYou: needs.count, paused: 0, running: 0),
            rows: rows,
            filter: .init(), matching: rows.count,
            tally: Tally(counts: [.succeeded: 9, .failed: 1], isWhole: true),
            audit: .clean(at: now), pauseOfAll: nil, troubles: [], unread: nil)
    }

    static func text(_ page: Frame.Page) -> String { String(decoding: page.bytes, as: UTF8.self) }
}
