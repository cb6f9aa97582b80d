package import CivilTime
import JobCatalog
import Records
package import RunModel
import Scheduling

/// Computes a daemon's health from its facts.
package enum HealthAssessment {
    /// A loop that has not turned for so long after it was to wake is stuck.
    package static let silenceMax: Duration = .seconds(30)
    /// A start that is later than this shows a loop that cannot keep up.
    package static let latenessMax: Duration = .seconds(5)

    /// How many jobs a report lists: with the longest names and sentences it stays below 64 KiB.
    package static let jobsListedMax = 32
    /// The longest sentence of a check in bytes.
    static let outputBytesMax = 512

    /// The report at `now`, which lists what is wrong and, where there is room, what is well. Costs O(1) in the number of jobs
    /// beyond what `levels`, which are settled, hold.
    package static func report(_ facts: HealthFacts, _ levels: JobLevels, now: Instant) -> HealthReport {
        var report = report(facts, levels, levels.first(jobsListedMax).sorted(), now)
        if levels.count > jobsListedMax { report.next = "/health?verbose" }
        return report
    }

    /// The report at `now`, with the jobs that follow `name` in the order of their names, and whether more follow; `name`
    /// need not be that of a job.
    package static func report(
        _ facts: HealthFacts, _ levels: JobLevels, after name: JobName?, now: Instant
    ) -> (report: HealthReport, next: JobName?) {
        let jobs = facts.catalog.indices(after: name, atMost: jobsListedMax + 1)
        let listed = Array(jobs.prefix(jobsListedMax))
        let next = jobs.count > listed.count ? listed.last.map { facts.catalog.jobs[$0].name } : nil
        return (report(facts, levels, listed, now), next)
    }

    /// The report at `now`, with levels that are judged anew.
    package static func report(_ facts: HealthFacts, now: Instant) -> HealthReport {
        var levels = JobLevels(count: facts.catalog.jobs.count)
        _ = levels.settle(at: now, atMost: levels.count) { facts.status(of: facts.catalog.jobs[$0], at: now) }
        return report(facts, levels, now: now)
    }

    private static func report(
        _ facts: HealthFacts, _ levels: JobLevels, _ listed: [Int], _ now: Instant
    ) -> HealthReport {
        var checks = [scheduler(facts, now), store(facts, now), catalog(facts, now)]
        if let journal = facts.journal { checks.append(check(journal, now)) }
        if let pause = facts.pauses.first(where: { $0.scope == .all && $0.isInForce(at: now) }) {
            checks.append(check(pause, now))
        }
        if let hosts = hosts(facts, now) { checks.append(hosts) }
        if !facts.exposures.isEmpty { checks.append(secrets(facts.exposures, now)) }
        checks.append(totals(levels, listed: listed.count, now))
        for job in listed { checks.append(check(facts.status(of: facts.catalog.jobs[job], at: now), now)) }
        return HealthReport(
            version: facts.version, serviceID: facts.host.description,
            description: "Almanac, a scheduled-task runner",
            checks: checks)
    }

    /// How many jobs do how well; those that are listed speak for themselves.
    private static func totals(_ levels: JobLevels, listed: Int, _ now: Instant) -> HealthCheck {
        let (failing, warning) = (levels.failingCount, levels.warningCount)
        let isWhole = failing + warning <= listed
        return HealthCheck(
            component: "jobs", measurement: "status",
            status: failing > 0 ? .fail : warning > 0 ? .warn : .pass,
            observedValue: .integer(Int64(failing + warning)), observedUnit: "jobs", time: now,
            output: isWhole
                ? nil : "\(EnglishList.count(failing, "job")) of \(levels.count) fail and \(warning) warn",
            details: [
                .init("total", .integer(Int64(levels.count))),
                .init("pass", .integer(Int64(levels.count - failing - warning))),
                .init("warn", .integer(Int64(warning))), .init("fail", .integer(Int64(failing))),
                .init("paused", .integer(Int64(levels.pausedCount))),
                .init("listed", .integer(Int64(listed))),
            ])
    }

    /// A pause of all is nobody's fault, and nothing that may be forgotten.
    private static func check(_ pause: Pause, _ now: Instant) -> HealthCheck {
        var details: [JSONValue.Member] = [
            .init("paused_at", .string(pause.at.rfc3339)), .init("paused_by", .string(pause.by)),
        ]
        if let until = pause.until { details.append(.init("paused_until", .string(until.rfc3339))) }
        return HealthCheck(
            component: "scheduler", measurement: "pause", status: .warn, observedValue: .string("paused"),
            time: now, output: pause.detail, details: details)
    }

    private static func scheduler(_ facts: HealthFacts, _ now: Instant) -> HealthCheck {
        // What is planned and not begun, or begun and not claimed: it is late either way.
        let due = [facts.nextDue, facts.oldestWaiting].compactMap(\.self).min()
        let lateness = due.map { max(now - $0, .zero) } ?? .zero
        let status: HealthStatus
        let output: String?
        // Before its first turn the loop is silent since the start.
        let silence = now - (facts.beatAt ?? facts.startedAt)
        let overslept = now - (facts.wakesAt ?? facts.startedAt)
        if let floor = facts.clockFloor, now < floor {
            (status, output) = (.fail, waitingForClock(now))
        } else if overslept > silenceMax {
            (status, output) = (.fail, "the loop has not turned for \(silence.components.seconds) s")
        } else if facts.beatAt == nil {
            (status, output) = (.warn, "starting")
        } else if facts.isStopping {
            (status, output) = (.warn, "stopping; \(facts.running) running")
        } else if lateness > latenessMax {
            (status, output) = (.warn, "a start is \(lateness.components.seconds) s late")
        } else {
            (status, output) = (.pass, nil)
        }
        return HealthCheck(
            component: "scheduler", measurement: "lateness", status: status,
            observedValue: .integer(lateness.wholeMicroseconds / 1000), observedUnit: "ms", time: now,
            output: output)
    }

    /// What is said while the wall clock shows `now`, which cannot be.
    package static func waitingForClock(_ now: Instant) -> String {
        "waiting for the clock, which shows \(Instant(seconds: now.seconds))"
    }

    private static func store(_ facts: HealthFacts, _ now: Instant) -> HealthCheck {
        let outage = facts.journal.flatMap { Self.outage($0, besides: facts.others, now) }
        let (status, problem) = outage ?? facts.store.status(at: now)
        return HealthCheck(
            component: "store", measurement: "connection", componentID: facts.storeKind,
            componentType: .datastore, status: status, time: facts.storeSeenAt ?? now, output: problem)
    }

    /// A daemon without a job does nothing, which nobody may take for well.
    private static func catalog(_ facts: HealthFacts, _ now: Instant) -> HealthCheck {
        var problem = facts.reloadProblem
        if problem == nil, let since = facts.reloadPendingSince, now - since > latenessMax {
            problem = "a reload has been waiting for the store for \((now - since).components.seconds) s"
        }
        if problem == nil, facts.catalog.jobs.isEmpty { problem = "no jobs are loaded" }
        return HealthCheck(
            component: "catalog", measurement: "jobs", componentID: String(facts.catalog.hash.prefix(12)),
            status: problem == nil ? .pass : .warn,
            observedValue: .integer(Int64(facts.catalog.jobs.count)), observedUnit: "jobs", time: now,
            output: problem)
    }

    /// Containers mount secrets so that everybody in them may read, which keeps no job from running.
    private static func secrets(_ exposures: [String], _ now: Instant) -> HealthCheck {
        HealthCheck(
            component: "settings", measurement: "secrets", status: .warn,
            observedValue: .integer(Int64(exposures.count)), observedUnit: "files", time: now,
            output: exposures.joined(separator: "; ").storable(bytesMax: outputBytesMax))
    }

    private static func check(_ status: JobStatus, _ now: Instant) -> HealthCheck {
        var details: [JSONValue.Member] = []
        if let run = status.lastRun { details.append(.init("last_run", .string(run.id.description))) }
        if let finished = status.lastRun?.finishedAt {
            details.append(.init("last_finished_at", .string(finished.rfc3339)))
        }
        if let success = status.lastSuccess?.finishedAt {
            details.append(.init("last_success_at", .string(success.rfc3339)))
        }
        if let next = status.next { details.append(.init("next_occurrence", .string(next.instant.rfc3339))) }
        details.append(.init("over", .bool(status.isOver)))
        details.append(.init("overdue", .bool(status.overdueSince != nil)))
        details.append(.init("paused", .bool(status.pause != nil)))
        return HealthCheck(
            component: "job", measurement: "last_outcome", componentID: status.job.name.description,
            status: status.level, observedValue: status.lastRun?.outcome.map { .string($0.rawValue) },
            time: now,
            output: sentence(status).map { "\(status.job.name): \($0)".storable(bytesMax: outputBytesMax) },
            details: details)
    }

    /// What to say of a job. A pause of all is told once, by its own check.
    private static func sentence(_ status: JobStatus) -> String? {
        guard status.job.isEnabled, status.pause?.scope == .all else { return status.detail }
        return "paused with all jobs" + (status.beforePause.map { "; before that: " + $0 } ?? "")
    }
}
