import CivilTime
import JobCatalog
import Scheduling

extension PlantedBug {
    /// A job as a scheduler with this bug takes it, in the given life of its host; `start` is when the world began.
    func altered(_ job: Job, life: Int, start: Instant) -> Job {
        var job = job
        switch self {
        case .jitterRolledAgain: job.policy.jitter = .seconds(life % 7 + 1)
        case .catchUpUnasked: job.policy.catchUp = .all
        case .catchUpWithoutWindow: job.policy.catchUpWindow = Policy.durationMax
        case .deadlineIgnored: job.policy.deadline = nil
        case .retryTooMany: job.policy.retries += 1
        case .daylightSavingIgnored:
            if let schedule = job.schedule {
                let zone = Zone.fixed(offset: schedule.zone.offset(at: start))
                job.schedule = Schedule(
                    schedule.rule, zone: zone, key: schedule.key, events: schedule.events)
                job.schedule?.eventTimes = schedule.eventTimes
            }
        default: break
        }
        return job
    }
}
