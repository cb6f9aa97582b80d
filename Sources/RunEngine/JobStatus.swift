package import CivilTime
package import JobCatalog
package import RunModel
package import Scheduling

/// Whether a job does what it should, computed from what should have run and did not.
package struct JobStatus: Sendable {
    /// The definition in force now.
    package let job: Job
    /// `pass` for a disabled job; `fail` when it is overdue or its token was refused.
    package let level: HealthStatus
    /// What to know about it, in a sentence; nil when all is well.
    package let detail: String?
    /// After `now`; nil when the job is disabled, has no schedule, or has no occurrence left.
    package let next: Occurrence?
    /// The run that ended last, by hand or not; nil when none has.
    package let lastRun: RunRecord?
    /// The run that succeeded last, by hand or not; nil when none has.
    package let lastSuccess: RunRecord?
    /// The occurrence that should have ended well by now and has not.
    package let overdueSince: Instant?

    /// The status of `job` at `now`; `summary` is what the store knows of it, nil when it does not know it yet. Before
    /// `countsFrom`, when its definition was changed, nothing was owed. At `refusedAt` the API refused the token, in a
    /// run that the store may not have yet.
    package init(
        job: Job, summary: JobSummary?, countsFrom: Instant? = nil, refusedAt: Instant? = nil, now: Instant
    ) {
        self.job = job
        next = job.next(after: now)
        lastRun = summary?.lastRun
        lastSuccess = summary?.lastSuccess
        overdueSince = Self.overdue(job, summary, now).flatMap { expected in
            countsFrom.map { expected < $0 } ?? false ? nil : expected
        }
        let recorded = summary?.lastRun?.finishedAt ?? .earliest
        let isRefused = refusedAt.map { $0 > recorded } ?? false
        (level, detail) = Self.judge(
            job, lastRun: summary?.lastRun, isRefused: isRefused, overdueSince: overdueSince, next: next)
    }

    private static func judge(
        _ job: Job, lastRun: RunRecord?, isRefused: Bool, overdueSince: Instant?, next: Occurrence?
    ) -> (HealthStatus, String?) {
        guard job.isEnabled else { return (.pass, "disabled") }
        if isRefused { return (.fail, "token refused; the run that found it is being recorded") }
        let last = lastRun.flatMap { run in
            run.outcome.map { outcome in
                "the last run \(outcome.phrase)" + (run.reason.map { " (\($0.rawValue))" } ?? "")
                    + (run.detail.map { ": \($0)" } ?? "")
            }
        }
        if lastRun?.reason == .token { return (.fail, "token refused; " + (last ?? "")) }
        if let overdueSince {
            return (.fail, "overdue: due at \(overdueSince) and not done" + (last.map { "; " + $0 } ?? ""))
        }
        if next == nil, job.schedule != nil { return (.warn, "no occurrence is left") }
        switch lastRun?.outcome {
        case .failed, .timedOut, .unknown, .skipped, .missed: return (.warn, last)
        case .declined: return (.pass, last)
        case .succeeded, nil: return (.pass, nil)
        }
    }

    /// The newest occurrence whose time to end well is over, when nothing ended well for it or after it.
    private static func overdue(_ job: Job, _ summary: JobSummary?, _ now: Instant) -> Instant? {
        guard job.isEnabled, let summary, let schedule = job.schedule,
            let expected = schedule.previous(before: now - job.policy.overdueGrace)?.instant
        else { return nil }
        // A job that is younger than the occurrence, or whose schedule was another one then, has a watermark that is no
        // occurrence: the instant at which it was first seen, or something older schedules knew.
        let isDecided =
            schedule.next(after: summary.watermark - .microseconds(1))?.instant == summary.watermark
        if summary.watermark >= expected, !isDecided { return nil }
        // When its first run has not ended, the watermark is the occurrence itself.
        let hangs = summary.liveRuns > 0 && summary.watermark == expected
        if summary.lastRun == nil, summary.watermark >= expected, !hangs { return nil }
        for run in [summary.lastRun, summary.lastSuccess].compactMap(\.self)
        where run.outcome == .succeeded || run.outcome == .declined {
            if let end = run.scheduledFor ?? run.finishedAt, end >= expected { return nil }
            if let finishedAt = run.finishedAt, run.trigger != .schedule, finishedAt >= expected {
                return nil
            }
        }
        return expected
    }
}

extension Outcome {
    /// The outcome as the end of “the last run …”.
    package var phrase: String {
        switch self {
        case .succeeded: "succeeded"
        case .declined: "was declined"
        case .failed: "failed"
        case .timedOut: "timed out"
        case .unknown: "has an unknown outcome"
        case .skipped: "was skipped"
        case .missed: "was missed"
        }
    }
}
