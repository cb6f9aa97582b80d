package import CivilTime
import JobCatalog
import RunModel
package import Scheduling

/// The rows that decisions become.
extension Scheduler {
    /// The row of occurrences that do not run late; `cause` is why they did not run on time.
    func missed(_ missed: CatchUp.Missed, of job: Job, _ cause: Reason, _ now: Instant) -> RunRecord {
        var row = decided(
            missed.first, of: job, .missed, missed.reason, Self.sentence(for: missed, job.policy, cause), now)
        if missed.count > 1 {
            row.scheduledUntil = missed.last.instant
            row.occurrences = missed.count
        }
        return row
    }

    private static func sentence(for missed: CatchUp.Missed, _ policy: Policy, _ cause: Reason) -> String {
        let why = cause == .storeOutage ? "the store was away" : "no daemon was running"
        if missed.reason == .superseded {
            return "\(why); a later occurrence is run instead (catch-up=latest)"
        }
        if missed.reason == .window { return "\(why), and it is older than the catch-up window" }
        if missed.reason == .cap { return "\(why), and more than \(Policy.catchUpMax) later ones are run" }
        if missed.count > 1 { return RunRecord.sharedDetail(missed.count, why) }
        return policy.catchUp == .none
            ? "\(why), and this job does not catch up (catch-up=none)"
            : "\(why), and too many later ones were missed as well"
    }

    /// A row for each occurrence that waits, among the rows that were decided already, in their order.
    func rows(
        for backlog: [Pending], _ outcome: Outcome, _ reason: Reason, _ detail: String, _ now: Instant
    ) -> [RunRecord] {
        backlog.flatMap { pending in
            switch pending {
            case .run(let due): [decided(due.occurrence, of: due.job, outcome, reason, detail, now)]
            case .rows(let rows): rows
            }
        }
    }

    func decided(
        _ occurrence: Occurrence, of job: Job, _ outcome: Outcome, _ reason: Reason, _ detail: String,
        _ now: Instant
    ) -> RunRecord {
        var row = row(
            RunID(job: job.name, scheduledFor: occurrence.instant), occurrence, of: job,
            dueAt: job.dueAt(occurrence), trigger: .schedule, state: .finished,
            attemptsMax: job.policy.retries + 1, now)
        row.outcome = outcome
        row.reason = reason
        row.detail = detail
        row.finishedAt = now
        return row
    }

    func row(
        _ id: RunID, _ occurrence: Occurrence, of job: Job, dueAt: Instant, trigger: RunTrigger,
        state: RunState, attemptsMax: Int, _ now: Instant
    ) -> RunRecord {
        RunRecord(
            id: id, job: job.name, trigger: trigger, scheduledFor: occurrence.instant,
            nominalLocal: occurrence.nominal(in: job.schedule?.zone), dueAt: dueAt,
            state: state, attemptsMax: attemptsMax, host: host, configHash: catalog.configHash(of: job),
            zoneData: catalog.zoneData,
            createdAt: now)
    }
}

extension Occurrence {
    /// The local time that it stands for, as it is recorded: `2026-03-29T00:10:00 Asia/Beirut (moved out of a gap)`.
    package func nominal(in zone: Zone?) -> String {
        let text = "\(local) \(zone?.name ?? "UTC")"
        switch event {
        case .boot: return text + " (after a boot)"
        case .registration: return text + " (after a registration)"
        case nil: break
        }
        return switch adjustment {
        case .none: text
        case .movedOutOfGap: text + " (moved out of a gap)"
        case .firstOfTwo: text + " (first of two)"
        case .secondOfTwo: text + " (second of two)"
        }
    }
}
