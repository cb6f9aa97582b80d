package import CivilTime
package import Records
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
        let found = records.runs.values.map(\.record).filter { run in
            run.job == job && run.backfillOf.map { from <= $0 && $0 <= through } ?? false
        }
        return Array(
            found.sorted { ($0.backfillOf ?? .earliest) < ($1.backfillOf ?? .earliest) }.prefix(limit))
    }

    package func runs(from first: RunID, through last: RunID, limit: Int) -> [RunID] {
        Array(records.runs.keys.filter { first <= $0 && $0 <= last }.sorted().prefix(limit))
    }

    package func marks(of jobs: [JobName], until: Instant, limit: Int) -> [RunMark] {
        jobs.flatMap { job in marks { $0.job == job && $0.createdAt <= until }.prefix(limit) }
    }

    package func marks(
        of jobs: [JobName], ended outcomes: [Outcome], since: Instant, limit: Int
    ) -> [RunMark] {
        jobs.flatMap { job in
            outcomes.flatMap { outcome in
                marks { $0.job == job && $0.outcome == outcome && $0.createdAt >= since }.prefix(limit)
            }
        }
    }

    private func marks(_ isMeant: (RunRecord) -> Bool) -> [RunMark] {
        records.runs.values.map(\.record).filter { !$0.isDryRun && isMeant($0) }
            .sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }.map { RunMark($0) }
    }

    package func newestEvents(of job: JobName, _ kinds: [StoreEvent.Kind], limit: Int) -> [StoreEvent] {
        let found = events(from: .earliest, until: .latest, job: job, limit: .max).filter {
            kinds.contains($0.kind)
        }
        return Array(found.reversed().prefix(limit))
    }

    package func tally(since: Instant, limit: Int) -> Tally {
        let newest = history(HistoryQuery(since: since, limit: limit))
        return Tally(
            newest.map {
                TallyRow(outcome: $0.outcome, occurrences: $0.isDryRun ? 0 : $0.occurrences, rows: 1)
            },
            limit: limit)
    }

    package func prunedUntil(of job: JobName) -> Instant? { records.jobs[job]?.prunedUntil }

    /// The rows of a job that stand for occurrences, in their order, without the beginnings of answers.
    private func occurrenceRows(of job: JobName) -> [OccurrenceRow] {
        records.runs.values.filter {
            $0.record.job == job && $0.record.scheduledFor != nil && !$0.record.isDryRun
        }
        .sorted { ($0.record.scheduledFor ?? .earliest) < ($1.record.scheduledFor ?? .earliest) }
        .map { row in
            var record = row.record
            record.responseExcerpt = nil
            return OccurrenceRow(record: record, leaseUntil: row.leaseUntil)
        }
    }
}
