package import CivilTime
package import RunModel

/// Something that the records do not bear out, or bear out twice.
package struct AuditFinding: Sendable, Equatable {
    /// What is wrong.
    package enum Kind: String, Sendable, CaseIterable {
        /// Occurrences that were due have no row.
        case missing
        /// A row stands for something that was not due.
        case extra
        /// Its first attempt started long after it was to start, and nothing explains that.
        case late
        /// Its first attempt started before it was due.
        case early
        /// Two rows stand for one occurrence.
        case duplicated
        /// Its owner's lease has run out, and nobody has ended it.
        case unfinished = "not_ended"
        /// What was due cannot be computed, so that nothing is proven.
        case unproven
    }

    /// What is wrong.
    package var kind: Kind
    /// The job that it concerns.
    package var job: JobName
    /// The first occurrence that it concerns.
    package var first: Instant
    /// The last; the same as `first` for one.
    package var last: Instant
    /// How many occurrences it concerns; 0 when nobody can tell.
    package var count: Int
    /// The row that it concerns; nil when there is none.
    package var run: RunID?
    /// What was found, in a sentence.
    package var detail: String

    package init(
        _ kind: Kind, job: JobName, first: Instant, last: Instant? = nil, count: Int = 1, run: RunID? = nil,
        detail: String
    ) {
        self.kind = kind
        self.job = job
        self.first = first
        self.last = last ?? first
        self.count = count
        self.run = run
        self.detail = detail
    }
}
