package import Records
package import RunModel

/// The methods that only read rows.
extension InMemoryRunStore {
    package func history(_ query: HistoryQuery) -> [RunRecord] {
        precondition(query.limit >= 1, "a limit of \(query.limit) asks for nothing")
        let found = records.runs.values.map(\.record).filter { run in
            (query.job.map { $0 == run.job } ?? true) && (query.since.map { $0 <= run.createdAt } ?? true)
                && (query.until.map { run.createdAt < $0 } ?? true)
                && (query.outcome.map { $0 == run.outcome } ?? true)
                && (query.before.map { (run.createdAt, run.id) < ($0.createdAt, $0.id) } ?? true)
        }
        return Array(found.sorted { ($0.createdAt, $0.id) > ($1.createdAt, $1.id) }.prefix(query.limit))
    }

    package func run(_ id: RunID) -> (record: RunRecord, attempts: [AttemptRecord])? {
        records.runs[id].map { ($0.record, $0.attempts) }
    }

    package func holdings(of ids: [RunID]) -> [RunHolding] { records.holdings(of: ids) }
}

extension RunRecord {
    /// Whether it ended before another run did.
    func endedBefore(_ other: RunRecord) -> Bool {
        guard let end = finishedAt, let otherEnd = other.finishedAt else { return false }
        return (end, dueAt, id) < (otherEnd, other.dueAt, other.id)
    }
}
