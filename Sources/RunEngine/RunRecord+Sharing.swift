import RunModel

/// Rows that stand for several occurrences, so that a job that is due each second cannot fill memory and tables.
extension RunRecord {
    /// Both lists as one; when it grows long, its older neighbours that were decided alike share rows.
    static func joined(_ rows: [RunRecord], _ more: [RunRecord]) -> [RunRecord] {
        let all = rows + more
        guard all.count > 2 * EngineLimits.missedRowsMax else { return all }
        var shared = Array(all.prefix(EngineLimits.singleRowsMin))
        for row in all.dropLast(EngineLimits.missedRowsMax).dropFirst(EngineLimits.singleRowsMin) {
            if shared.count > EngineLimits.singleRowsMin, let last = shared.last, last.isDecidedLike(row) {
                shared[shared.count - 1] = last.sharing(with: row)
            } else {
                shared.append(row)
            }
        }
        return shared + all.suffix(EngineLimits.missedRowsMax)
    }

    private func isDecidedLike(_ other: RunRecord) -> Bool {
        (outcome, reason, trigger, configHash) == (
            other.outcome, other.reason, other.trigger, other.configHash
        )
    }

    /// This row, standing for the later occurrences of `other` too.
    private func sharing(with other: RunRecord) -> RunRecord {
        var row = self
        row.scheduledUntil = other.scheduledUntil ?? other.scheduledFor
        row.occurrences += other.occurrences
        row.finishedAt = other.finishedAt
        row.detail = Self.sharedDetail(
            row.occurrences,
            occurrences > 1 ? String(detail?.split(separator: "; ", maxSplits: 1).last ?? "") : detail)
        return row
    }
}
