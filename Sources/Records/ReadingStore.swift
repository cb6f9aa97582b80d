package import CivilTime
package import RunModel

/// A row of the history that stands for occurrences, as those need it who check or explain it.
package struct OccurrenceRow: Sendable, Equatable {
    /// The row; the beginning of the answer is left out.
    package var record: RunRecord
    /// Until when its owner answers for it, by the store's clock; nil once it has ended.
    package var leaseUntil: Instant?

    package init(record: RunRecord, leaseUntil: Instant? = nil) {
        self.record = record
        self.leaseUntil = leaseUntil
    }
}

/// What those ask who check or explain what was recorded. Dry runs and runs by hand stand for no occurrence.
package protocol ReadingStore: Sendable {
    /// The rows whose first occurrence was due after `after` and not after `through`, in their order, at most `limit`.
    func occurrences(of job: JobName, after: Instant, through: Instant, limit: Int) async throws(StoreError)
        -> [OccurrenceRow]

    /// The rows that stand for the occurrence at `instant`, in their order: none or one, unless something is wrong.
    func occurrences(of job: JobName, covering instant: Instant) async throws(StoreError) -> [OccurrenceRow]

    /// The last row before `instant`, or that begins then; nil when there is none.
    func lastOccurrence(of job: JobName, notAfter instant: Instant) async throws(StoreError) -> OccurrenceRow?

    /// The backfills of occurrences that were due from `from` on and not after `through`, in their order, at most `limit`.
    func backfills(
        of job: JobName, from: Instant, through: Instant, limit: Int
    ) async throws(StoreError) -> [RunRecord]

    /// Up to where rows of the job were deleted since they were old; nil when none was.
    func prunedUntil(of job: JobName) async throws(StoreError) -> Instant?

    /// What is known of these jobs at `now`, of those that the store knows, in the order of their names.
    func summaries(of jobs: [JobName], until now: Instant) async throws(StoreError) -> [JobSummary]

    /// The last runs of each of these jobs that were created before or at `until`, at most `limit` of a job, the newest first,
    /// without dry runs.
    func marks(of jobs: [JobName], until: Instant, limit: Int) async throws(StoreError) -> [RunMark]

    /// The last runs of each of these jobs that were created from `since` on and ended in one of `outcomes`, at most `limit`
    /// for a job and an outcome, without dry runs.
    func marks(of jobs: [JobName], ended outcomes: [Outcome], since: Instant, limit: Int)
        async throws(StoreError) -> [RunMark]

    /// How the occurrences of the rows ended that were created from `since` on, of the newest `limit` rows, without dry runs.
    func tally(since: Instant, limit: Int) async throws(StoreError) -> Tally

    /// The newest events of these kinds that concern the job or all jobs, newest first, at most `limit`.
    func newestEvents(of job: JobName, _ kinds: [StoreEvent.Kind], limit: Int) async throws(StoreError)
        -> [StoreEvent]

    /// Closes what is open; a later question opens it again.
    func close() async

    /// The runs whose identities are from `first` to `last`, at most `limit`, in the order of their identities.
    func runs(from first: RunID, through last: RunID, limit: Int) async throws(StoreError) -> [RunID]
}

extension OccurrenceRow: StoredRow {
    /// The columns of the table of runs in the order of reading; the names of `nullColumn` are not asked for.
    package static let columns = RunRecord.columns + ["lease_until"]

    /// The column that is read as null.
    package static let nullColumn = "response_excerpt"

    /// The row whose columns come next.
    package init(reading row: inout RowReader) throws(StoreError) {
        self.init(record: try RunRecord(reading: &row), leaseUntil: try row.optionalInstant())
    }
}
