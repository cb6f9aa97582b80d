import RunModel

/// The statements on the rows of occurrences, for those who check or explain them.
extension Statements {
    static let occurrences = """
        select \(columns) from runs
        where job = ?1 and scheduled_for > ?2 and scheduled_for <= ?3 and dry_run = 0
        order by scheduled_for limit ?4
        """

    static let covering = """
        select \(columns) from runs where job = ?1 and scheduled_for = ?2 and dry_run = 0
        union all
        select \(columns) from runs
        where job = ?1 and scheduled_until >= ?2 and scheduled_for < ?2 and dry_run = 0
        order by scheduled_for
        """

    static let lastOccurrence = """
        select \(columns) from runs where job = ?1 and scheduled_for <= ?2 and dry_run = 0
        order by scheduled_for desc limit 1
        """

    static let backfills = """
        select \(runColumns) from runs
        where job = ?1 and backfill_of >= ?2 and backfill_of <= ?3 order by backfill_of limit ?4
        """

    static let prunedUntil = "select pruned_until from jobs where job = ?"

    static let runsBetween = """
        select run_id from runs where run_id >= ?1 and run_id <= ?2 order by run_id limit ?3
        """

    /// The columns of rows that are read without the beginning of their answer.
    static func shortColumns(_ columns: [String]) -> String {
        columns.map { $0 == OccurrenceRow.nullColumn ? "null" : "\"\($0)\"" }.joined(separator: ", ")
    }

    private static let columns = shortColumns(OccurrenceRow.columns)
}
