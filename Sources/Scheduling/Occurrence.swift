package import CivilTime

/// One instant at which a job is due, and the local time it stands for.
package struct Occurrence: Hashable, Sendable {
    /// What daylight saving did to an occurrence.
    package enum Adjustment: Hashable, Sendable {
        /// Nothing: the local time exists once.
        case none
        /// The local time does not exist that day; the instant is the first one after the gap.
        case movedOutOfGap
        /// The local time exists twice; this is its first pass.
        case firstOfTwo
        /// The local time exists twice; this is its second pass. Only schedules that follow the clock have these.
        case secondOfTwo
    }

    /// When the job is due.
    package let instant: Instant
    /// The local time that was asked for; in a gap it is one that no clock showed.
    package let local: CivilDateTime
    /// What daylight saving did to it.
    package let adjustment: Adjustment
    /// The event that made it due; nil when the clock did.
    package let event: EventTrigger.Event?

    package init(
        instant: Instant, local: CivilDateTime, adjustment: Adjustment = .none,
        event: EventTrigger.Event? = nil
    ) {
        self.instant = instant
        self.local = local
        self.adjustment = adjustment
        self.event = event
    }
}
