import Records

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

    // The forms of `history`, for the same reason.
    static let lastMarks = """
        select mark.* from unnest($1::text[]) as asked (job) cross join lateral (
            select \(shortColumns(RunMark.columns)) from almanac.runs
            where job = any (array[asked.job]) and created_at <= $2::timestamptz and not dry_run
            order by job, created_at desc, runs.run_id desc limit $3::bigint
        ) as mark
        """

    static let endedMarks = """
        select mark.* from unnest($1::text[]) as asked (job) cross join unnest($2::text[]) as wanted (outcome)
        cross join lateral (
            select \(shortColumns(RunMark.columns)) from almanac.runs
            where job = any (array[asked.job]) and outcome = wanted.outcome and created_at >= $3::timestamptz and not dry_run
            order by job desc, created_at desc, runs.run_id desc limit $4::bigint
        ) as mark
        """

    static let tally = """
        select outcome, sum(occurrences)::bigint, count(*) from (
            select outcome, case when dry_run then 0 else occurrences end as occurrences from almanac.runs
            where created_at >= $1::timestamptz order by created_at desc, run_id desc limit $2::bigint
        ) as newest group by outcome
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

    /// Words without a comma, a brace, a quotation mark or a backslash, as names and outcomes are, as an array of PostgreSQL.
    static func array(_ words: [String]) -> String { "{" + words.joined(separator: ",") + "}" }

    private static let columns = shortColumns(OccurrenceRow.columns)
}
