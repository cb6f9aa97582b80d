import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Scheduling
import Testing

@Suite struct JobStatusTests {
    private func run(
        _ job: Job, _ outcome: Outcome, _ seconds: Double, reason: Reason? = nil,
        trigger: RunTrigger = .schedule, finished: Double? = nil
    )
        -> RunRecord
    {
        RunRecord(
            id: runID(job, seconds), job: job.name, trigger: trigger,
            scheduledFor: trigger == .manual ? nil : at(seconds), dueAt: at(seconds),
            state: .finished, outcome: outcome, reason: reason, host: HostID("h/1"), configHash: "",
            createdAt: at(seconds),
            finishedAt: at(finished ?? seconds + 1))
    }

    /// Of a job whose newest occurrence is `newest`, or that of `last` or `success`.
    private func status(
        _ job: Job, last: RunRecord? = nil, success: RunRecord? = nil, newest: RunRecord? = nil,
        watermark: Double, now: Double
    ) -> JobStatus {
        let scheduled = [last, success].compactMap(\.self).first { $0.scheduledFor != nil }
        let summary = JobSummary(
            job: job.name, watermark: at(watermark), lastRun: last, lastSuccess: success,
            lastOccurrence: newest ?? scheduled, liveRuns: 0)
        return JobStatus(job: job, summary: summary, now: at(now))
    }

    /// An hourly job that must have ended well five minutes after it was due.
    private func hourly(_ options: String = "") throws -> Job {
        try makeJob("overdue-after=5m " + options, when: "0 * * * *")
    }

    @Test("a new job passes, before and after its first occurrence is due")
    func new() throws {
        let job = try hourly()
        #expect(JobStatus(job: job, summary: nil, now: at(0)).level == .pass)
        #expect(status(job, watermark: 100, now: 200).level == .pass)
        #expect(status(job, watermark: 100, now: 3899).level == .pass)
    }

    @Test("a job that should have run and has not never passes")
    func overdue() throws {
        let job = try hourly()
        let overdue = status(job, watermark: 100, now: 3901)
        #expect(overdue.level == .fail && overdue.overdueSince == at(3600))
        #expect(overdue.detail == "overdue: due at 2026-03-01T01:00:00Z and not done")
        let success = run(job, .succeeded, 3600)
        #expect(status(job, last: success, success: success, watermark: 3600, now: 7499).level == .pass)
        #expect(status(job, last: success, success: success, watermark: 3600, now: 7501).level == .fail)
    }

    @Test("a first run that does not end is overdue")
    func firstRunHangs() throws {
        let job = try hourly()
        var live = run(job, .succeeded, 3600)
        (live.state, live.outcome, live.finishedAt) = (.running, nil, nil)
        #expect(status(job, newest: live, watermark: 3600, now: 3899).level == .pass)
        #expect(status(job, newest: live, watermark: 3600, now: 3901).level == .fail)
    }

    @Test(
        "how the last run ended decides, until it is overdue",
        arguments: [
            (Outcome.succeeded, nil, HealthStatus.pass, HealthStatus.pass),
            (.declined, .status, .pass, .pass), (.failed, .status, .warn, .fail),
            (.failed, .token, .fail, .fail), (.timedOut, .timeout, .warn, .fail),
            (.unknown, .lost, .warn, .fail), (.skipped, .overlap, .warn, .fail),
            (.missed, .down, .warn, .fail),
        ] as [(Outcome, Reason?, HealthStatus, HealthStatus)])
    func lastRun(_ outcome: Outcome, _ reason: Reason?, _ soon: HealthStatus, _ later: HealthStatus) throws {
        let job = try hourly()
        let run = run(job, outcome, 3600, reason: reason)
        let success = outcome == .succeeded ? run : self.run(job, .succeeded, 0)
        #expect(status(job, last: run, success: success, watermark: 3600, now: 3700).level == soon)
        #expect(status(job, last: run, success: success, watermark: 3600, now: 3901).level == later)
    }

    @Test("a token that is refused fails at once and says so")
    func token() throws {
        let job = try hourly()
        let status = status(job, last: run(job, .failed, 3600, reason: .token), watermark: 3600, now: 3602)
        #expect(status.detail == "token refused; the last run failed (token)")
    }

    @Test("a run by hand, or one that was made up for, counts from when it ended")
    func byHand() throws {
        let job = try hourly()
        for trigger in [RunTrigger.manual, .catchUp] {
            let run = run(job, .succeeded, 0, trigger: trigger, finished: 3700)
            for (seconds, now, level) in [(3600.0, 3901.0, HealthStatus.pass), (7200, 7501, .fail)] {
                let failed = self.run(job, .failed, seconds, reason: .status)
                let status = status(
                    job, last: run, success: run, newest: failed, watermark: seconds, now: now)
                #expect(status.level == level)
            }
        }
    }

    @Test(
        "a run by hand that fails takes nothing away from an occurrence that is settled",
        arguments: [(Outcome.succeeded, nil), (.declined, .status), (.skipped, .paused)]
            as [(Outcome, Reason?)])
    func failedByHand(_ outcome: Outcome, _ reason: Reason?) throws {
        let job = try hourly()
        let settled = run(job, outcome, 3600, reason: reason)
        let success = outcome == .succeeded ? settled : run(job, .succeeded, 0)
        let byHand = run(job, .failed, 3700, reason: .connect, trigger: .manual)
        let now = status(
            job, last: byHand, success: success, newest: settled, watermark: 3600, now: 3901)
        #expect(now.level == .warn && now.overdueSince == nil)
        #expect(now.detail == "the last run failed (connect)")
        #expect(
            status(job, last: byHand, success: success, newest: settled, watermark: 3600, now: 7501)
                .overdueSince == at(7200))
    }

    @Test("an older run that ends late does not undo what its successor settled")
    func endsLate() throws {
        let job = try hourly("overlap=allow")
        let late = run(job, .failed, 3600, reason: .status, finished: 7400)
        let status = status(
            job, last: late, success: run(job, .succeeded, 0),
            newest: run(job, .declined, 7200, reason: .status), watermark: 7200, now: 7501)
        #expect(status.level == .warn && status.overdueSince == nil)
    }

    @Test("an earlier success does not count for a later occurrence, and a later failure does not undo it")
    func mixed() throws {
        let job = try hourly()
        let success = run(job, .succeeded, 3600)
        #expect(
            status(job, last: run(job, .failed, 7200), success: success, watermark: 7200, now: 7300).level
                == .warn)
        #expect(
            status(job, last: run(job, .failed, 7200), success: success, watermark: 7200, now: 7501).level
                == .fail)
    }

    @Test("a paused job warns with the pause's sentence, and owes nothing for the paused time")
    func paused() throws {
        let job = try hourly()
        let success = run(job, .succeeded, 3600)
        let pause = Pause(scope: .job(job.name), at: at(5000), by: "amina")
        func status(
            _ last: RunRecord, watermark: Double, _ pauses: [Pause], now: Double
        ) -> JobStatus {
            let summary = JobSummary(
                job: job.name, watermark: at(watermark), lastRun: last, lastSuccess: success,
                lastOccurrence: last, liveRuns: 0)
            return JobStatus(job: job, summary: summary, pauses: pauses, now: at(now))
        }
        let early = status(success, watermark: 3600, [pause], now: 5001)
        #expect(early.level == .warn && early.detail == pause.detail && early.pause == pause)
        let row = run(job, .skipped, 7200, reason: .paused)
        #expect(status(success, watermark: 7200, [pause], now: 7600).overdueSince == nil)
        #expect(status(row, watermark: 7200, [pause], now: 20_000).detail == pause.detail)
        // Over: what it held back is not overdue, what came after it is.
        #expect(status(row, watermark: 7200, [], now: 7600).level == .warn)
        #expect(status(row, watermark: 7200, [], now: 10_700).overdueSince == nil)
        #expect(status(row, watermark: 10_800, [], now: 11_200).overdueSince == at(10_800))
        // What was wrong before stays told.
        let late = status(success, watermark: 7200, [Pause(scope: .all, at: at(8000), by: "a")], now: 9000)
        #expect(late.level == .warn && late.overdueSince == at(7200))
        #expect(late.beforePause?.hasPrefix("overdue: due at 2026-03-01T02:00:00Z") == true)
        var ended = pause
        ended.until = at(6000)
        #expect(status(success, watermark: 3600, [ended], now: 6000).level == .pass)
        let other = try Pause(scope: .job(makeJob(name: "b").name), at: at(0), by: "amina")
        #expect(status(success, watermark: 3600, [other], now: 5000).level == .pass)
    }

    @Test("a disabled job passes")
    func disabled() throws {
        let status = try status(hourly("enabled=no"), watermark: 0, now: 9999)
        #expect(status.level == .pass && !status.isOver)
    }

    /// A job that is due once, at midnight of the first of April.
    private static let once = "0 0 0 1 4 * 2026"
    private static let due = 31.0 * 86400
    private static let later = 40.0 * 86400

    @Test(
        "a job that is over passes when its last occurrence ended well, or when it fell due before the job was known"
    )
    func over() throws {
        let job = try makeJob(when: Self.once)
        #expect(!status(job, watermark: 0, now: Self.due - 1).isOver)
        for outcome in [Outcome.succeeded, .declined] {
            let done = run(job, outcome, Self.due)
            let status = status(
                job, last: done, success: outcome == .succeeded ? done : nil, watermark: Self.due,
                now: Self.later)
            #expect(status.level == .pass && status.isOver && status.next == nil)
            #expect(status.detail?.hasSuffix("the schedule is over") == true)
        }
        #expect(status(job, watermark: Self.later - 5, now: Self.later).level == .pass)
    }

    @Test(
        "a job that is over and whose last occurrence did not end well fails until somebody runs it by hand")
    func overAndOwed() throws {
        let job = try makeJob(when: Self.once)
        for outcome in [Outcome.failed, .missed, .unknown] {
            let lost = run(job, outcome, Self.due)
            let owed = status(job, last: lost, watermark: Self.due, now: Self.later)
            #expect(owed.level == .fail && owed.isOver && owed.overdueSince == at(Self.due))
            #expect(owed.detail?.hasSuffix("no other occurrence follows") == true)
        }
        let lost = run(job, .failed, Self.due)
        let byHand = run(job, .succeeded, Self.due + 7200, trigger: .manual)
        let mended = status(
            job, last: byHand, success: byHand, newest: lost, watermark: Self.due, now: Self.later)
        #expect(mended.level == .pass && mended.isOver)
    }

    @Test("a job that is over and that nobody has decided fails")
    func overAndUndecided() throws {
        let job = try makeJob(when: Self.once)
        #expect(status(job, watermark: 100, now: Self.later).level == .fail)
    }
}

@Suite struct HealthAssessmentTests {
    private func report(_ change: (inout HealthFacts) -> Void) throws -> HealthReport {
        let catalog = Catalog(jobs: [try makeJob(when: "0 * * * *")], zoneData: nil)
        var facts = HealthFacts(
            host: HostID("h/1"), version: "1", storeKind: "sqlite", startedAt: at(0), catalog: catalog)
        facts.beatAt = at(1000)
        facts.wakesAt = at(1060)
        facts.storeSeenAt = at(1000)
        change(&facts)
        return HealthAssessment.report(facts, now: at(1001))
    }

    private func level(_ change: (inout HealthFacts) -> Void) throws -> HealthStatus {
        try report(change).checks.map(\.status).max() ?? .pass
    }

    @Test("a daemon whose parts all do well passes")
    func pass() throws {
        let report = try report { _ in }
        #expect(
            report.checks.map { "\($0.component):\($0.measurement)" } == [
                "scheduler:lateness", "store:connection", "catalog:jobs", "jobs:status", "job:last_outcome",
            ])
        #expect(report.checks.allSatisfy { $0.status == .pass && $0.output == nil })
    }

    @Test("each part can warn or fail")
    func parts() throws {
        // The loop sleeps as long as it may, and is late only after that.
        #expect(try level { $0.beatAt = at(900) } == .pass)
        #expect(try level { $0.wakesAt = at(1001) - HealthAssessment.silenceMax } == .pass)
        #expect(try level { $0.wakesAt = at(1000) - HealthAssessment.silenceMax } == .fail)
        #expect(
            try level {
                $0.beatAt = nil; $0.wakesAt = nil; $0.startedAt = at(990)
            } == .warn)
        #expect(
            try level {
                $0.beatAt = nil; $0.wakesAt = nil
            } == .fail)
        #expect(try level { $0.isStopping = true } == .warn)
        #expect(try level { $0.nextDue = at(997) } == .pass)
        #expect(try level { $0.nextDue = at(990) } == .warn)
        #expect(try level { $0.store.failed(.read, storeAway) } == .fail)
        #expect(try level { $0.reloadProblem = "x" } == .warn)
        #expect(try level { $0.exposures = ["JOB_TOKEN: others may read it"] } == .warn)
        #expect(try level { $0.catalog = Catalog(jobs: [], zoneData: nil) } == .warn, "nothing is done")
        #expect(try level { $0.pauses = [Pause(scope: .all, at: at(0), by: "amina")] } == .warn)
    }

    @Test("a clock that cannot be right fails, and says what it shows")
    func clock() throws {
        let report = try report { $0.clockFloor = at(1002) }
        #expect(report.status == .fail)
        #expect(
            report.checks.compactMap(\.output) == ["waiting for the clock, which shows 2026-03-01T00:16:41Z"])
        #expect(try level { $0.clockFloor = at(1001) } == .pass)
    }

    @Test("a refused token fails at once, until the store knows a later run")
    func refusal() throws {
        let job = try makeJob()
        func level(endedAt: Double) throws -> HealthStatus {
            var run = RunRecord(
                id: runID(job, 960), job: job.name, trigger: .schedule, scheduledFor: at(960), dueAt: at(960),
                state: .finished, outcome: .succeeded, host: HostID("h/1"), configHash: "", createdAt: at(960)
            )
            run.finishedAt = at(endedAt)
            return try self.level {
                $0.refusals = [job.name: at(1000)]
                $0.learn([
                    JobSummary(
                        job: job.name, watermark: at(960), lastRun: run, lastSuccess: run,
                        lastOccurrence: run)
                ])
            }
        }
        #expect(try level(endedAt: 999) == .fail)
        #expect(try level(endedAt: 1000.5) == .pass)
        #expect(try self.level { $0.refusals = [job.name: at(1000)] } == .fail)
    }
}

@Suite struct PauseHealthTests {
    @Test("a pause of all is a check of its own, told once, and a job's pause is told by the job")
    func document() throws {
        let catalog = Catalog(jobs: [try makeJob(name: "a"), try makeJob(name: "b")], zoneData: nil)
        var facts = HealthFacts(
            host: HostID("h/1"), version: "1", storeKind: "sqlite", startedAt: at(0), catalog: catalog)
        facts.beatAt = at(1000)
        facts.wakesAt = at(1060)
        facts.pauses = [Pause(scope: .all, at: at(900), until: at(2000), by: "amina", reason: "cutover")]
        func outputs(at now: Double) -> [String] {
            HealthAssessment.report(facts, now: at(now)).checks.compactMap(\.output)
        }
        #expect(
            outputs(at: 1001) == [
                "all jobs were paused by amina at 2026-03-01T00:15:00Z until 2026-03-01T00:33:20Z: cutover",
                "a: paused with all jobs", "b: paused with all jobs",
            ])
        facts.wakesAt = at(2060)
        #expect(outputs(at: 2000).isEmpty)
        facts.pauses[0].scope = .job(catalog.jobs[1].name)
        #expect(
            outputs(at: 1001) == [
                "b: the job was paused by amina at 2026-03-01T00:15:00Z until 2026-03-01T00:33:20Z: cutover"
            ])
    }
}

@Suite struct CatchUpTests {
    private func catchUp(
        _ options: String, seconds: Double, isFollowed: Bool = false, when: String = "* * * * *"
    ) throws -> CatchUp {
        let job = try makeJob(options, when: when)
        return CatchUp(
            policy: job.policy, schedule: try #require(job.schedule), after: at(0), now: at(seconds),
            isLate: { $0.instant < at(seconds) },
            isDue: { _ in isFollowed })
    }

    private func text(_ catchUp: CatchUp) -> String {
        let missed = catchUp.missed.map { missed in
            let first = (missed.first.instant - testStart).components.seconds
            return "\(first)" + (missed.count > 1 ? "×\(missed.count)" : "") + " \(missed.reason.rawValue)"
        }
        return (missed + catchUp.runs.map { "\(($0.instant - testStart).components.seconds)" }).joined(
            separator: ", ")
    }

    @Test(
        "each policy decides for one, some and none",
        arguments: [
            ("", 50.0, false, ""), ("", 70, false, "60 down"), ("catch-up=latest", 70, false, "60"),
            ("catch-up=latest", 70, true, "60 superseded"),
            ("catch-up=latest", 190, false, "60 superseded, 120 superseded, 180"),
            ("catch-up=all", 190, true, "60, 120, 180"),
            ("catch-up=latest catch-up-window=5s", 190, false, "60 superseded, 120 superseded, 180 window"),
            ("catch-up=all catch-up-window=70s", 190, false, "60 window, 120, 180"),
        ])
    func policies(_ options: String, _ seconds: Double, _ isFollowed: Bool, _ wanted: String) throws {
        #expect(try text(catchUp(options, seconds: seconds, isFollowed: isFollowed)) == wanted)
    }

    @Test("no more are made up for than the cap, and the older share a row")
    func cap() throws {
        let all = try catchUp("catch-up=all", seconds: 60 * 300 + 1)
        #expect(all.runs.count == Policy.catchUpMax && all.runs.last?.instant == at(60 * 300))
        #expect(
            all.missed.map(\.count) == [200]
                && all.missed.last?.last.instant == at(60 * 200))
        let latest = try catchUp("catch-up=latest", seconds: 60 * 300 + 1)
        #expect(latest.runs.count == 1 && latest.missed.map(\.count).reduce(0, +) == 299)
        let followed = try catchUp("catch-up=all", seconds: 60 * 100 + 1, isFollowed: true)
        #expect(followed.runs.count == Policy.catchUpMax - 1 && followed.missed.map(\.reason) == [.cap])
    }

    @Test("every occurrence is counted once, whatever their number")
    func counts() throws {
        for number in [1, 99, 100, 101, 199, 200, 201, 399, 5000] {
            for options in ["", "catch-up=latest", "catch-up=all"] {
                let catchUp = try catchUp(options, seconds: Double(number) + 0.5, when: "* * * * * *")
                #expect(catchUp.missed.map(\.count).reduce(0, +) + catchUp.runs.count == number)
                #expect(catchUp.last?.instant == at(Double(number)))
                #expect(catchUp.missed.count <= EngineLimits.missedRowsMax + 1)
            }
        }
    }
}
