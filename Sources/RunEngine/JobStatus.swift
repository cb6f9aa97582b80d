package import CivilTime
package import JobCatalog
package import Records
package import RunModel
package import Scheduling

/// Whether a job does what it should, computed from what should have run and did not.
package struct JobStatus: Sendable {
    /// The definition in force now.
    package let job: Job
    /// `pass` for a disabled job; `warn` for a paused one, since somebody decided that it does nothing; `fail` when it is
    /// overdue or its token was refused.
    package let level: HealthStatus
    /// What to know about it, in a sentence; nil when all is well.
    package let detail: String?
    /// The first after `now` that is not decided yet; nil when the job is disabled, has no schedule, waits for an event
    /// or is over.
    package let next: Occurrence?
    /// Whether it is never due again. Somebody may remove it, and nobody must: it passes when its last occurrence ended well.
    package let isOver: Bool
    /// The run that ended last, by hand or not; nil when none has.
    package let lastRun: RunRecord?
    /// The run that succeeded last, by hand or not; nil when none has.
    package let lastSuccess: RunRecord?
    /// The occurrence that should have ended well by now and has not; what fell due while the job was paused owes nothing.
    package let overdueSince: Instant?
    /// What holds the job back: the pause of all when there is one, else its own; nil when it is not paused.
    package let pause: Pause?
    /// The pause of the job itself, also beside one of all; nil when there is none.
    package let ownPause: Pause?
    /// Whether the next occurrence falls into a pause.
    package let skipsNext: Bool
    /// What was wrong with a paused job before its pause, as the end of `detail` says it too; nil when nothing was.
    package let beforePause: String?
    /// Until then, at least, `level` stays as it is if nothing else becomes known; nil when that is for ever.
    package let changesAt: Instant?

    /// The status of `job` at `now`; `summary` is what the store knows of it, nil when it does not know it yet. Of
    /// `pauses`, those that concern the job and have not run out count. Before `countsFrom`, when its definition came
    /// into force, nothing was owed. At `refusedAt` the API refused the token, in a run that the store may not have yet.
    package init(
        job: Job, summary: JobSummary?, pauses: [Pause] = [], countsFrom: Instant? = nil,
        refusedAt: Instant? = nil, now: Instant
    ) {
        self.job = job
        let future = summary?.firstInstant(after: now)
        let summary = summary?.known(at: now)
        let decided = [summary?.watermark, countsFrom].compactMap(\.self).max() ?? now
        let next = job.next(after: max(now, decided))
        self.next = next
        isOver = next == nil && job.isOver(at: now)
        lastRun = summary?.lastRun
        lastSuccess = summary?.lastSuccess
        let pauses = pauses.filter { pause in
            pause.isInForce(at: now) && (pause.scope == .all || pause.scope == .job(job.name))
        }
        changesAt =
            ([future, Self.nextOverdue(job, now), Self.nextAhead(job, until: decided, now)]
            + pauses.map(\.until)).compactMap(\.self).min()
        pause = pauses.first { $0.scope == .all } ?? pauses.first
        ownPause = pauses.first { $0.scope != .all }
        skipsNext = next.map { next in pauses.contains { $0.isInForce(at: next.instant) } } ?? false
        let pausedFrom = pauses.map(\.at).min()
        let overdueSince = Self.overdue(job, summary, pausedFrom: pausedFrom, now).flatMap { expected in
            countsFrom.map { expected < $0 } ?? false ? nil : expected
        }
        self.overdueSince = overdueSince
        let recorded = summary?.lastRun?.finishedAt ?? .earliest
        let isRefused = refusedAt.map { $0 > recorded } ?? false
        let (level, detail) = Self.judge(
            job, lastRun: summary?.lastRun, isRefused: isRefused, overdueSince: overdueSince,
            decidedAheadUntil: Self.decidedAhead(job, until: decided, now), next: next, isOver: isOver)
        if let pause, job.isEnabled {
            beforePause = level == .fail ? detail : nil
            self.level = .warn
            self.detail = pause.detail + (beforePause.map { "; before that: " + $0 } ?? "")
        } else {
            beforePause = nil
            (self.level, self.detail) = (level, detail)
        }
    }

    private static func judge(
        _ job: Job, lastRun: RunRecord?, isRefused: Bool, overdueSince: Instant?, decidedAheadUntil: Instant?,
        next: Occurrence?, isOver: Bool
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
        let ahead = decidedAheadUntil.map { until in
            "nothing runs \(next.map { "before \($0.instant)" } ?? "any more"), "
                + "because a clock that was ahead already decided everything due up to \(until); "
                + "`almanac rewind \(job.name) --reason …` lets it run from now on"
        }
        if let overdueSince {
            let why =
                joined(ahead ?? last, isOver ? "no other occurrence follows" : nil).map { "; " + $0 } ?? ""
            return (.fail, "overdue: due at \(overdueSince) and not done" + why)
        }
        if let ahead { return (.warn, ahead) }
        let over = isOver ? "the schedule is over" : nil
        switch lastRun?.outcome {
        case .failed, .timedOut, .unknown, .skipped, .missed: return (.warn, joined(last, over))
        case .declined: return (.pass, joined(last, over))
        case .succeeded, nil: return (.pass, over)
        }
    }

    /// The instant up to which all is decided, when that lies ahead of `now` by more than clocks differ, and an
    /// occurrence lies between that nobody will run.
    private static func decidedAhead(_ job: Job, until decided: Instant, _ now: Instant) -> Instant? {
        guard decided - now > HostSighting.clockOffsetMax, let next = job.next(after: now)?.instant,
            next <= decided
        else { return nil }
        return decided
    }

    /// When the next occurrence becomes one whose time to end well is over.
    private static func nextOverdue(_ job: Job, _ now: Instant) -> Instant? {
        let grace = job.policy.overdueGrace
        return job.next(after: now - grace - .microseconds(1)).map { $0.instant + grace + .microseconds(1) }
    }

    /// When `decidedAhead` may be another one.
    private static func nextAhead(_ job: Job, until decided: Instant, _ now: Instant) -> Instant? {
        guard decided > now else { return nil }
        return job.next(after: now).map { min($0.instant, decided) } ?? decided
    }

    private static func joined(_ parts: String?...) -> String? {
        let said = parts.compactMap(\.self)
        return said.isEmpty ? nil : said.joined(separator: "; ")
    }

    /// The newest occurrence whose time to end well is over, when nothing ended well for it or after it.
    private static func overdue(
        _ job: Job, _ summary: JobSummary?, pausedFrom: Instant?, _ now: Instant
    ) -> Instant? {
        let end = now - job.policy.overdueGrace
        guard job.isEnabled, let summary, let schedule = job.schedule,
            let expected = schedule.previous(before: pausedFrom.map { min($0, end) } ?? end)?.instant
        else { return nil }
        let newest = summary.lastOccurrence
        // A pause held it back, also one that is over; of a pause in force only the first occurrence shows what was before.
        if let newest, newest.reason == .paused, let first = newest.scheduledFor,
            pausedFrom != nil || first <= expected && expected <= newest.scheduledUntil ?? first
        {
            return nil
        }
        // A job that is younger than the occurrence, or whose schedule was another one then, has a watermark that is no
        // occurrence: the instant at which it was first seen, or something older schedules knew.
        let isDecided =
            schedule.next(after: summary.watermark - .microseconds(1))?.instant == summary.watermark
        if summary.watermark >= expected, !isDecided { return nil }
        // It was decided so long ago that its row is gone, or it was before the job's first run.
        let isAfter = newest?.scheduledFor.map { $0 > expected } ?? true
        if summary.watermark >= expected, newest == nil || summary.lastRun == nil && isAfter { return nil }
        // A run by hand that ends well makes up for it; one that does not takes nothing away.
        for run in [newest, summary.lastRun, summary.lastSuccess].compactMap(\.self)
        where run.outcome == .succeeded || run.outcome == .declined {
            if let end = run.scheduledFor ?? run.finishedAt, end >= expected { return nil }
            if let finishedAt = run.finishedAt, run.trigger != .schedule, finishedAt >= expected {
                return nil
            }
        }
        return expected
    }
}

extension JobSummary {
    /// When something that it says of the future is past.
    fileprivate func firstInstant(after now: Instant) -> Instant? {
        [lastRun, lastSuccess, lastOccurrence].compactMap(\.self)
            .flatMap { [$0.scheduledFor, $0.finishedAt] }.compactMap(\.self).filter { $0 > now }.min()
    }

    /// Without what a clock that was ahead has written: an occurrence that is still to come, or an end. A run that
    /// was due before `now` and is said to have ended after it counts as one that has not ended.
    fileprivate func known(at now: Instant) -> JobSummary {
        func isPast(_ run: RunRecord) -> Bool {
            run.scheduledFor ?? .earliest <= now && run.finishedAt ?? .earliest <= now
        }
        var known = self
        known.lastRun = lastRun.flatMap { isPast($0) ? $0 : nil }
        known.lastSuccess = lastSuccess.flatMap { isPast($0) ? $0 : nil }
        known.lastOccurrence = lastOccurrence.flatMap { $0.scheduledFor ?? .earliest <= now ? $0 : nil }
        if let newest = known.lastOccurrence, !isPast(newest) {
            known.lastOccurrence?.outcome = nil
            known.lastOccurrence?.finishedAt = nil
        }
        return known
    }
}
