package import CivilTime
package import RunModel
package import Scheduling

/// What to do, when, and under which rules.
package struct Job: Sendable, Equatable {
    /// Unique in its catalog.
    package var name: JobName
    /// When it is due; nil for a job that only runs by hand.
    package var schedule: Schedule?
    /// What is sent, with references in the place of the configuration's values.
    package var request: RequestTemplate
    /// How it is retried, bounded and caught up with.
    package var policy: Policy
    /// A disabled job is never due; it may still be run by hand.
    package var isEnabled: Bool
    /// Where it is defined.
    package var source: SourceLocation
    /// The line that defines it, for showing the place; nil when it is not one line.
    package var sourceLine: String?

    package init(
        name: JobName, schedule: Schedule?, request: RequestTemplate, policy: Policy, isEnabled: Bool = true,
        source: SourceLocation, sourceLine: String? = nil
    ) {
        self.name = name
        self.schedule = schedule
        self.request = request
        self.policy = policy
        self.isEnabled = isEnabled
        self.source = source
        self.sourceLine = sourceLine
    }

    /// Identifies the definition: two jobs with the same hash do the same at the same times under the same rules.
    package var configHash: String {
        var hash = StableHash()
        for fact in normalForm { hash.combine(fact) }
        return hash.hexadecimal
    }

    /// When its next occurrence after `instant` is due; nil when it is disabled or there is none.
    package func next(after instant: Instant) -> Occurrence? {
        isEnabled ? schedule?.next(after: instant) : nil
    }

    /// Whether its schedule is over at `instant`: it was due, and is never due again. A disabled job is disabled instead.
    package func isOver(at instant: Instant) -> Bool {
        isEnabled && schedule?.isOver(after: instant) ?? false
    }
}
