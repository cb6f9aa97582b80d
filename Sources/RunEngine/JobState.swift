package import CivilTime
import Scheduling

/// How far a job of the catalog has come: a few words a job, whatever it does.
package struct JobState: Sendable {
    /// The last occurrence that was considered, or the instant from which the job counts.
    package internal(set) var considered: Instant
    /// Since when the job has been what it is, before which it owes nothing; nil when that is not known.
    package internal(set) var countsFrom: Instant?
    /// The next occurrence, and when its run is to start; nil when there is none.
    package internal(set) var next: Planned?

    /// An occurrence that lies ahead.
    package struct Planned: Sendable {
        /// When it is due by the schedule.
        package var instant: Instant
        /// When its run is to start.
        package var dueAt: Instant
    }
}
