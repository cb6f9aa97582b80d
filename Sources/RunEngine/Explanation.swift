package import CivilTime
import JobCatalog
package import RunModel
package import Scheduling

/// What happened to one occurrence of a job, and which rule decided it.
package struct Explanation: Sendable {
    /// How much is known.
    package enum Verdict: String, Sendable, CaseIterable {
        /// It has its row, with an outcome.
        case decided
        /// It has its row, and its run has not ended.
        case inProgress = "in_progress"
        /// It is due later, or its delay has not passed.
        case toCome = "to_come"
        /// It waits for another run of the job to end.
        case waiting
        /// Its row was deleted when it was old enough.
        case pruned
        /// The job was never due up to then, as far as the store knows.
        case neverDue = "never_due"
        /// Nobody has decided it yet.
        case undecided
        /// It was due, others after it were decided, and it has no row.
        case missing
        /// What was due then cannot be computed, and there is no row.
        case unproven

        /// Whether something is wrong that nobody has recorded.
        package var isWrong: Bool { self == .undecided || self == .missing || self == .unproven }
    }

    /// A rule that had a part in it.
    package struct Rule: Sendable, Equatable {
        /// As a schedule file has it, like `overlap=skip`, or a word for what is no option: `pause`, `clock change`.
        package var name: String
        /// What it says, in a sentence.
        package var sentence: String

        package init(name: String, sentence: String) {
            self.name = name
            self.sentence = sentence
        }
    }

    /// How much is known.
    package var verdict: Verdict
    /// When the occurrence was due; nil when the job was never due.
    package var scheduledFor: Instant?
    /// The local time that it stands for, with its zone; nil when it cannot be computed.
    package var local: String?
    /// What happened, in a sentence or two.
    package var summary: String
    /// Those that decided, the first the most.
    package var rules: [Rule] = []
    /// The definition that was in force, or that decided; nil when it is not known.
    package var definition: DefinitionSpan?
    /// Why it is another instant than the one that was asked about; nil when there is nothing to say.
    package var aside: String?
}

/// All that is needed to explain an occurrence.
package struct ExplanationFacts: Sendable {
    /// The definitions of the job, oldest first.
    package var definitions: [DefinitionSpan]
    /// What is asked about: the occurrence at it, or the last one before.
    package var at: Instant
    /// Whether somebody asked about that very instant, and not just about the last occurrence.
    package var isAsked = false
    /// What the clock shows.
    package var now: Instant
    /// The last occurrence that was decided.
    package var watermark: Instant
    /// Up to where rows were deleted.
    package var prunedUntil: Instant?
    /// Whether a run of the job is live.
    package var hasLiveRun = false
    /// The pause that holds the job back now.
    package var pause: Pause?
    /// The row that stands for the occurrence; see `occurrence`.
    package var row: RunRecord?

    package init(definitions: [DefinitionSpan], at: Instant, now: Instant, watermark: Instant) {
        self.definitions = definitions
        self.at = at
        self.now = now
        self.watermark = watermark
    }

    /// The occurrence at `at`, or the last one before, by the definition that was in force; nil when there was none.
    package var occurrence: (occurrence: Occurrence, definition: DefinitionSpan)? {
        var end = at
        for definition in definitions.reversed() where definition.since < end {
            if let job = definition.job,
                let last = job.schedule?.previous(before: end + .microseconds(1)),
                last.instant > definition.since
            {
                return (last, definition)
            }
            end = min(end, definition.since)
        }
        return nil
    }

    /// The definition in force at `at`; nil before the first.
    package var current: DefinitionSpan? { definitions.last { $0.since <= at } }

    /// Whether the schedule in force is over at `at`.
    package var isOver: Bool { current?.job?.isOver(at: at) ?? false }

    /// The first occurrence after `at` by the definition that is in force then.
    package var following: Occurrence? {
        current.flatMap { $0.next(after: at) }
            ?? definitions.last?.next(after: max(at, definitions.last?.since ?? at))
    }
}
