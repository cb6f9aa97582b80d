package import CivilTime
package import JobCatalog
package import Records
import RequestText
package import RunModel
import Scheduling

extension RunMachine {
    /// A run that was taken over from an owner that is gone. `job` is nil when nothing defines the job any more.
    ///
    /// When its request may have been sent it ends as unknown, for nobody can tell. Else its next attempt follows,
    /// unless it came too late for it, by the deadline, the catch-up policy or the next occurrence, or nobody wants it
    /// any more. The effects are the first.
    package static func resuming(
        _ abandoned: AbandonedRun, job: Job?, settings: EngineSettings = EngineSettings(), now: Instant
    ) -> (machine: RunMachine, effects: [RunEffect]) {
        let run = abandoned.record
        let startLimit = job?.policy.deadline.map { run.dueAt + $0 }
        // From when it was claimed, as for a run that was not abandoned; one that is made up for after later occurrences
        // has those behind it.
        let claimed = max(run.scheduledFor ?? run.createdAt, run.createdAt)
        let isLeftOver = job?.policy.catchUp == .all && run.attempts == 0
        let next = run.scheduledFor.flatMap { _ in
            job?.next(after: isLeftOver ? max(claimed, now) : claimed)?.instant
        }
        var machine = RunMachine(
            job: job ?? .gone(run.job), run: run, startLimit: startLimit,
            retryLimit: [startLimit, next].compactMap(\.self).min(), settings: settings)
        let unsent = run.attempts == 0 ? Outcome.skipped : .failed
        let end: (Outcome, Reason, String)?
        if abandoned.requestMayHaveBeenSent {
            end = (.unknown, .lost, "its host was lost after it recorded that the request starts")
        } else if run.trigger == .manual {
            end = (.failed, .lost, "the command that asked for it was gone before its request was sent")
        } else if job?.isEnabled != true {
            end = (unsent, .disabled, "the job was taken out or disabled before its request was sent")
        } else if let startLimit, now > startLimit {
            end = (unsent, .deadline, "its host was lost, and its deadline has passed")
        } else if let (reason, detail) = machine.missed(now) {
            end = (run.attempts == 0 ? .missed : .failed, reason, detail)
        } else if let next, now >= next {
            end = (unsent, .superseded, "its host was lost, and the next occurrence has come")
        } else {
            end = nil
        }
        let effects = machine.resume(abandoned, end: end, now)
        return (machine, effects)
    }

    /// A run that somebody asked for and that the store has given to this host: its first attempt follows when it gets a
    /// slot.
    package static func asked(
        _ run: RunRecord, _ owned: OwnedRun, job: Job, settings: EngineSettings, now: Instant
    ) -> RunMachine {
        var machine = RunMachine(job: job, run: run, retryLimit: nil, settings: settings)
        machine.wait(with: 1, owned, until: now)
        return machine
    }

    /// Why the catch-up policy does not let it go on, when nobody was there for so long that it is late.
    private func missed(_ now: Instant) -> (Reason, String)? {
        let wanted = max(run.dueAt, run.createdAt, run.retryAt ?? run.createdAt)
        guard now > wanted + settings.lateAfter, let scheduledFor = run.scheduledFor else { return nil }
        if job.policy.catchUp == .none {
            return (.down, "its host was lost, and this job does not catch up (catch-up=none)")
        }
        guard scheduledFor < now - job.policy.catchUpWindow else { return nil }
        return (.window, "its host was lost, and it is older than the catch-up window")
    }

    private mutating func resume(
        _ abandoned: AbandonedRun, end: (Outcome, Reason, String)?, _ now: Instant
    ) -> [RunEffect] {
        if let (outcome, reason, detail) = end {
            return finish(
                abandoned.owned,
                Completion(outcome: outcome, reason: reason, detail: detail, finishedAt: now))
        }
        // When there is no other, the last attempt sent nothing, for its connection was refused: it is made again.
        let number = min(abandoned.record.attempts + 1, max(abandoned.record.attemptsMax, 1))
        // Its owner's clock may have been ahead, for hours: the wait was no longer than from the end of the attempt before
        // it by that clock.
        let ended = abandoned.lastAttemptEndedAt ?? abandoned.record.startedAt ?? abandoned.record.createdAt
        let until = abandoned.record.retryAt.map { min($0, now + ($0 - ended)) }
        wait(with: number, abandoned.owned, until: max(until ?? now, now))
        return []
    }
}

extension Job {
    /// What stands for a job that was taken out of the files while a run of it had no outcome.
    fileprivate static func gone(_ name: JobName) -> Job {
        Job(
            name: name, schedule: nil, request: RequestTemplate(method: "POST", url: TemplateText([])),
            policy: Policy(), source: SourceLocation(file: "", line: 0))
    }
}
