import Records

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

    static let lastMarks = """
        select \(shortColumns(RunMark.columns)) from runs
        where job = ?1 and created_at <= ?2 and dry_run = 0 order by created_at desc, run_id desc limit ?3
        """

    static let endedMarks = """
        select \(shortColumns(RunMark.columns)) from runs
        where job = ?1 and outcome = ?2 and created_at >= ?3 and dry_run = 0
        order by created_at desc, run_id desc limit ?4
        """

    static let tally = """
        select outcome, sum(occurrences), count(*) from (
            select outcome, case when dry_run then 0 else occurrences end as occurrences from runs
            where created_at >= ?1 order by created_at desc, run_id desc limit ?2
        ) group by outcome
        """

    /// The columns of rows that are read without the beginning of their answer.
    static func shortColumns(_ columns: [String]) -> String {
        columns.map { $0 == OccurrenceRow.nullColumn ? "null" : "\"\($0)\"" }.joined(separator: ", ")
    }

    private static let columns = shortColumns(OccurrenceRow.columns)
}
