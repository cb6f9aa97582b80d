import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Scheduling
import Testing

/// A clock was an hour ahead for a while, at 3700 s, and is right again.
@Suite struct AheadOfTheClockTests {
    private func run(
        _ job: Job, _ outcome: Outcome, _ seconds: Double, until: Double? = nil, finished: Double? = nil
    ) -> RunRecord {
        var run = RunRecord(
            id: runID(job, seconds), job: job.name, trigger: .schedule, scheduledFor: at(seconds),
            dueAt: at(seconds), state: .finished, outcome: outcome,
            reason: outcome == .missed ? .down : nil, host: HostID("h/1"), configHash: "",
            createdAt: at(seconds), finishedAt: at(finished ?? seconds + 1))
        run.scheduledUntil = until.map { at($0) }
        return run
    }

    private func status(
        _ job: Job, last: RunRecord?, success: RunRecord?, newest: RunRecord?, watermark: Double,
        countsFrom: Double? = nil, now: Double
    ) -> JobStatus {
        let summary = JobSummary(
            job: job.name, watermark: at(watermark), lastRun: last, lastSuccess: success,
            lastOccurrence: newest, liveRuns: 0)
        return JobStatus(
            job: job, summary: summary, countsFrom: countsFrom.map { at($0) }, now: at(now))
    }

    private func everyTenSeconds() throws -> Job {
        try makeJob("overdue-after=20s", when: "@every 10s")
    }

    @Test("a success that is still to come does not make a job well that has not run")
    func successAhead() throws {
        let job = try everyTenSeconds()
        let ahead = run(job, .succeeded, 7310)
        let missed = run(job, .missed, 3710, until: 7290, finished: 7300)
        let status = status(
            job, last: ahead, success: ahead, newest: missed, watermark: 7310, now: 3741)
        #expect(status.level == .fail && status.overdueSince == at(3720))
        #expect(status.lastRun == nil && status.lastSuccess == nil)
        #expect(
            status.detail
                == "overdue: due at 2026-03-01T01:02:00Z and not done; nothing runs before 2026-03-01T02:02:00Z, "
                + "because a clock that was ahead already decided everything due up to 2026-03-01T02:01:50Z; "
                + "`almanac rewind a --reason …` lets it run from now on")
    }

    @Test("rows that are still to come hide nothing of what went well until now")
    func knownUntilNow() throws {
        let job = try everyTenSeconds()
        let success = run(job, .succeeded, 3700)
        let status = status(
            job, last: success, success: success, newest: success, watermark: 3700, now: 3721)
        #expect(status.level == .pass)
    }

    @Test("a run that was due before now and whose row ends after now has not ended well")
    func endAhead() throws {
        let job = try everyTenSeconds()
        let run = run(job, .succeeded, 3700, finished: 7301)
        let status = status(job, last: run, success: run, newest: run, watermark: 3700, now: 3721)
        #expect(status.level == .fail && status.overdueSince == at(3700))
        #expect(
            self.status(job, last: run, success: run, newest: run, watermark: 3700, now: 3719).level == .pass)
    }

    @Test("a job whose next occurrences were decided ahead warns at once, and says from when on it runs")
    func decidedAhead() throws {
        let job = try everyTenSeconds()
        let success = run(job, .succeeded, 3700)
        let status = status(
            job, last: success, success: success, newest: success, watermark: 7310, now: 3711)
        #expect(status.level == .warn && status.next?.instant == at(7320))
        #expect(
            status.detail
                == "nothing runs before 2026-03-01T02:02:00Z, because a clock that was ahead already decided "
                + "everything due up to 2026-03-01T02:01:50Z; `almanac rewind a --reason …` lets it run from now on"
        )
    }

    @Test("a job that became known while the clock was ahead warns, too")
    func knownAhead() throws {
        let job = try everyTenSeconds()
        let status = status(
            job, last: nil, success: nil, newest: nil, watermark: 7305, countsFrom: 7305, now: 3800)
        #expect(status.level == .warn && status.overdueSince == nil)
    }

    @Test("clocks that differ by seconds, and occurrences that are far away, do not make health warn")
    func tolerance() throws {
        let job = try everyTenSeconds()
        let success = run(job, .succeeded, 3700)
        for (watermark, now) in [(3710.0, 3706.0), (3710, 3710)] {
            let status = status(
                job, last: success, success: success, newest: success, watermark: watermark, now: now)
            #expect(status.level == .pass, "\(now)")
        }
        let hourly = try makeJob(when: "0 * * * *")
        let known = status(hourly, last: nil, success: nil, newest: nil, watermark: 7000, now: 3700)
        #expect(known.level == .pass, "nothing is due in between")
    }
}
