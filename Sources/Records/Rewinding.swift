package import CivilTime
package import RunModel

/// A job whose occurrences a clock that was ahead had decided, set back by a person.
package struct Rewinding: Sendable, Equatable {
    /// Which job.
    package var job: JobName
    /// What is due after it is decided again; not later than now.
    package var to: Instant
    /// A row of several occurrences, of which some are after `to`, as it stands for those up to `to`; nil when there is none.
    package var kept: RunRecord?
    /// Who did it, and why.
    package var event: StoreEvent

    package init(job: JobName, to: Instant, kept: RunRecord?, event: StoreEvent) {
        self.job = job
        self.to = to
        self.kept = kept
        self.event = event
    }
}

/// What a rewinding has changed.
package struct Rewound: Sendable, Equatable {
    /// How far the job had come before.
    package var from: Instant
    /// Rows of what is due later, for which no request was made: they are gone.
    package var removed: Int

    package init(from: Instant, removed: Int) {
        self.from = from
        self.removed = removed
    }
}

/// Where people set jobs back.
package protocol RewindingStore: Sendable {
    /// Sets the watermark of a job back, removes the rows of what was due later and was decided without a request, and keeps the
    /// event, in one transaction. What was requested stays, and is not made again. nil, and nothing changed, when the job is
    /// not known or has not come further than `to`.
    func rewind(_ rewinding: Rewinding) async throws(StoreError) -> Rewound?
}

extension JobName {
    /// An instant for each job, as rows of both.
    package static func instants(reading rows: [[ColumnValue]]) throws(StoreError) -> [JobName: Instant] {
        var instants: [JobName: Instant] = [:]
        for values in rows {
            var row = RowReader(columns: ["job", "at"], values: values)
            instants[try row.jobName()] = try row.instant()
        }
        return instants
    }
}
