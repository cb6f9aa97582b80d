package import CivilTime
package import JobCatalog
package import Scheduling

extension Job {
    /// When the run of an occurrence is to start: after its delay, which ends before the next occurrence, so that
    /// starts come in the order of their occurrences.
    package func dueAt(_ occurrence: Occurrence) -> Instant {
        guard let schedule else { return occurrence.instant }
        var jitter = policy.jitter
        var delay = schedule.randomDelay(of: occurrence)
        guard jitter > .zero || delay > .zero else { return occurrence.instant }
        if let following = schedule.next(after: occurrence.instant)?.instant {
            let room = following - occurrence.instant - .microseconds(1)
            delay = min(delay, room)
            jitter = min(jitter, room - delay)
        }
        return occurrence.instant + delay
            + Spread.jitter(jitter, job: name, scheduledFor: occurrence.instant)
    }
}
