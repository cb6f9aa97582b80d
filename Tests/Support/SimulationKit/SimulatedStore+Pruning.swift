import CivilTime
import RunModel

/// Forgetting what is old.
extension SimulatedStore {
    /// Deletes the rows that ended more than `age` ago, and notes for each job up to where rows are gone. Answers the
    /// deleted.
    mutating func prune(olderThan age: Duration) -> [RunRecord] {
        let old = rows.values.map(\.record)
            .filter { row in
                row.finishedAt.map { $0 < now - age } ?? (bug == .pruningTakesLive && row.dueAt < now - age)
            }
            .sorted { ($0.dueAt, $0.id) < ($1.dueAt, $1.id) }
        for row in old { forget(row) }
        guard bug == .pruningForgetsJob else { return old }
        let kept = Set(rows.values.map(\.record.job))
        for job in Set(old.map(\.job)).subtracting(kept) { forget(job) }
        return old
    }
}
