package import CivilTime
package import RunModel

extension InMemoryRunStore: ReadingStore, SignatureStore, LaunchStore {
    package func close() {}

    package func summaries(of jobs: [JobName], until now: Instant) -> [JobSummary] {
        summaries(until: now).filter { jobs.contains($0.job) }
    }

    package func occurrences(
        of job: JobName, after: Instant, through: Instant, limit: Int
    ) -> [OccurrenceRow] {
        precondition(limit >= 1, "a limit of \(limit) asks for nothing")
        return Array(
            occurrenceRows(of: job).filter { row in
                row.record.scheduledFor.map { after < $0 && $0 <= through } ?? false
            }.prefix(limit))
    }

    package func occurrences(of job: JobName, covering instant: Instant) -> [OccurrenceRow] {
        occurrenceRows(of: job).filter { row in
            row.record.scheduledFor.map { $0 <= instant && instant <= row.record.scheduledUntil ?? $0 }
                ?? false
        }
    }

    package func lastOccurrence(of job: JobName, notAfter instant: Instant) -> OccurrenceRow? {
        occurrenceRows(of: job).last { row in row.record.scheduledFor.map { $0 <= instant } ?? false }
    }

    package func backfills(of job: JobName, from: Instant, through: Instant, limit: Int) -> [RunRecord] {
        let found = runs.values.map(\.record).filter { run in
            run.job == job && run.backfillOf.map { from <= $0 && $0 <= through } ?? false
        }
        return Array(
            found.sorted { ($0.backfillOf ?? .earliest) < ($1.backfillOf ?? .earliest) }.prefix(limit))
    }

    package func runs(from first: RunID, through last: RunID, limit: Int) -> [RunID] {
        Array(runs.keys.filter { first <= $0 && $0 <= last }.sorted().prefix(limit))
    }

    package func prunedUntil(of job: JobName) -> Instant? { jobs[job]?.prunedUntil }

    /// The rows of a job that stand for occurrences, in their order, without the beginnings of answers.
    private func occurrenceRows(of job: JobName) -> [OccurrenceRow] {
        runs.values.filter { $0.record.job == job && $0.record.scheduledFor != nil && !$0.record.isDryRun }
            .sorted { ($0.record.scheduledFor ?? .earliest) < ($1.record.scheduledFor ?? .earliest) }
            .map { row in
                var record = row.record
                record.responseExcerpt = nil
                return OccurrenceRow(record: record, leaseUntil: row.leaseUntil)
            }
    }
}
