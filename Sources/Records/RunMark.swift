package import CivilTime
package import RunModel

/// A run as a mark in a picture shows it: when, how long, how it ended. Pictures show thousands, so it is read without all else.
package struct RunMark: Sendable, Equatable {
    package var id: RunID
    package var job: JobName
    /// nil until it has ended.
    package var outcome: Outcome?
    /// The first occurrence that it stands for; nil for a run by hand.
    package var scheduledFor: Instant?
    /// How many occurrences it stands for, 1 or more.
    package var occurrences: Int
    /// When its first request was to start.
    package var dueAt: Instant
    /// When it was decided.
    package var createdAt: Instant
    /// When its first attempt started; nil when there was none.
    package var startedAt: Instant?
    /// nil until it has ended.
    package var finishedAt: Instant?

    /// Where it is on a time line.
    package var at: Instant { scheduledFor ?? dueAt }

    /// How long it took; nil when nothing was sent, or when it has not ended.
    package var duration: Duration? {
        guard let startedAt, let finishedAt, finishedAt >= startedAt else { return nil }
        return finishedAt - startedAt
    }

    /// How late its first request was; nil when nothing was sent.
    package var lateness: Duration? { startedAt.map { max($0 - dueAt, .zero) } }
}

extension RunMark {
    /// What a picture shows of a run.
    package init(_ run: RunRecord) {
        self.init(
            id: run.id, job: run.job, outcome: run.outcome, scheduledFor: run.scheduledFor,
            occurrences: run.occurrences, dueAt: run.dueAt, createdAt: run.createdAt,
            startedAt: run.startedAt, finishedAt: run.finishedAt)
    }
}

extension RunMark: StoredRow {
    /// The names in the database, in the order of reading.
    package static let columns = [
        "run_id", "job", "outcome", "scheduled_for", "occurrences", "due_at", "created_at", "started_at",
        "finished_at",
    ]

    /// The mark whose columns come next in the row.
    package init(reading row: inout RowReader) throws(StoreError) {
        var unknown = UnknownWords()
        self.init(
            id: try row.runID(), job: try row.jobName(),
            outcome: try unknown.choice("outcome", &row, other: Outcome.unknown),
            scheduledFor: try row.optionalInstant(), occurrences: Int(try row.integer()),
            dueAt: try row.instant(), createdAt: try row.instant(), startedAt: try row.optionalInstant(),
            finishedAt: try row.optionalInstant())
    }
}

/// How many occurrences ended how.
package struct Tally: Sendable, Equatable {
    /// By outcome; without those that have not ended.
    package var counts: [Outcome: Int]
    /// Whether all were counted; else the newest were.
    package var isWhole: Bool

    package init(counts: [Outcome: Int], isWhole: Bool) {
        self.counts = counts
        self.isWhole = isWhole
    }

    /// How many ended.
    package var total: Int { counts.values.reduce(0, +) }
    /// How many ended as they should.
    package var well: Int { counts[.succeeded, default: 0] + counts[.declined, default: 0] }
}

/// An outcome of rows, and how many occurrences and rows there are of it.
package struct TallyRow: StoredRow {
    package static let columns = ["outcome", "occurrences", "rows"]
    /// nil for those that have not ended.
    package var outcome: Outcome?
    package var occurrences: Int
    package var rows: Int

    package init(outcome: Outcome?, occurrences: Int, rows: Int) {
        self.outcome = outcome
        self.occurrences = occurrences
        self.rows = rows
    }

    package init(reading row: inout RowReader) throws(StoreError) {
        var unknown = UnknownWords()
        self.init(
            outcome: try unknown.choice("outcome", &row, other: Outcome.unknown),
            occurrences: Int(try row.integer()),
            rows: Int(try row.integer()))
    }
}

extension Tally {
    /// The sum of `rows`, which were asked for with `limit`.
    package init(_ rows: [TallyRow], limit: Int) {
        var counts: [Outcome: Int] = [:]
        for row in rows {
            if let outcome = row.outcome { counts[outcome, default: 0] += row.occurrences }
        }
        self.init(counts: counts, isWhole: rows.reduce(0) { $0 + $1.rows } < limit)
    }
}
