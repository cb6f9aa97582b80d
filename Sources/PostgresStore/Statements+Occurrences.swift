import RunModel

/// The statements on the rows of occurrences, for those who check or explain them.
extension Statements {
    static let occurrences = """
        select \(columns) from almanac.runs
        where job = $1 and scheduled_for > $2::timestamptz and scheduled_for <= $3::timestamptz
            and not dry_run
        order by runs.scheduled_for limit $4::bigint
        """

    static let covering = """
        select \(columns) from almanac.runs
        where job = $1 and scheduled_for = $2::timestamptz and not dry_run
        union all
        select \(columns) from almanac.runs
        where job = $1 and scheduled_until >= $2::timestamptz and scheduled_for < $2::timestamptz
            and not dry_run
        order by scheduled_for
        """

    static let lastOccurrence = """
        select \(columns) from almanac.runs
        where job = $1 and scheduled_for <= $2::timestamptz and not dry_run
        order by runs.scheduled_for desc limit 1
        """

    static let backfills = """
        select \(runColumns(reading: true)) from almanac.runs
        where job = $1 and backfill_of >= $2::timestamptz and backfill_of <= $3::timestamptz
        order by backfill_of limit $4::bigint
        """

    static let prunedUntil = "select pruned_until from almanac.jobs where job = $1"

    static let runsBetween = """
        select run_id::text from almanac.runs where run_id >= $1::uuid and run_id <= $2::uuid
        order by runs.run_id limit $3::bigint
        """

    /// The columns of rows that are read without the beginning of their answer.
    static func shortColumns(_ columns: [String]) -> String {
        columns.map { column in
            switch column {
            case OccurrenceRow.nullColumn: "null::text as response_excerpt"
            case "run_id": "run_id::text"
            default: column
            }
        }.joined(separator: ", ")
    }

    private static let columns = shortColumns(OccurrenceRow.columns)
}
