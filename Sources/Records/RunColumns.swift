import CivilTime
package import RunModel

/// The columns of `runs` that are a record, and the members of its document.
extension RunRecord: TableRow {
    package static let columns = columnNames

    package static var unread: RunRecord {
        RunRecord(
            id: RunID(random: 0), job: .unread, trigger: .schedule, dueAt: .earliest, state: .finished,
            host: HostID(""), configHash: "", createdAt: .earliest)
    }

    package mutating func visit(_ columns: inout ColumnVisit) throws(StoreError) {
        try columns.column("run_id", &id)
        try columns.column("job", &job)
        try columns.column("trigger", &trigger)
        try columns.column("dry_run", &isDryRun)
        try columns.column("backfill_of", &backfillOf)
        try columns.column("scheduled_for", &scheduledFor)
        try columns.column("scheduled_until", &scheduledUntil)
        try columns.column("occurrences", &occurrences)
        try columns.column("nominal_local", &nominalLocal)
        try columns.column("due_at", &dueAt)
        try columns.column("state", &state)
        try columns.word("outcome", &outcome, other: .unknown)
        try columns.word("reason", &reason, other: nil)
        try columns.detail(&detail)
        try columns.column("attempts", &attempts)
        try columns.column("attempts_max", &attemptsMax)
        try columns.column("retry_at", &retryAt)
        try columns.column("host", &host)
        try columns.column("requested_by", &requestedBy)
        try columns.column("config_hash", &configHash)
        try columns.column("zone_data", &zoneData)
        try columns.column("created_at", &createdAt)
        try columns.column("started_at", &startedAt)
        try columns.column("finished_at", &finishedAt)
        try columns.column("http_status", &httpStatus)
        try columns.column("response_bytes", &responseBytes)
        try columns.column("response_excerpt", &responseExcerpt)
    }
}

/// The columns of `attempts` that are a record, and the members of its document.
extension AttemptRecord: TableRow {
    package static let columns = columnNames

    package static var unread: AttemptRecord { AttemptRecord(number: 0, startedAt: .earliest) }

    package mutating func visit(_ columns: inout ColumnVisit) throws(StoreError) {
        try columns.column("number", &number)
        try columns.column("started_at", &startedAt)
        try columns.column("finished_at", &finishedAt)
        try columns.column("http_status", &httpStatus)
        try columns.word("reason", &reason, other: nil)
        try columns.detail(&detail)
    }
}

/// What is written of an end into the table of runs, its attempt apart.
extension Completion: TableRow {
    package static let columns = columnNames

    package static var unread: Completion { Completion(outcome: .unknown, finishedAt: .earliest) }

    package mutating func visit(_ columns: inout ColumnVisit) throws(StoreError) {
        try columns.column("outcome", &outcome)
        try columns.column("reason", &reason)
        try columns.column("detail", &detail)
        try columns.column("finished_at", &finishedAt)
        try columns.column("http_status", &httpStatus)
        try columns.column("response_bytes", &responseBytes)
        try columns.column("response_excerpt", &responseExcerpt)
        try columns.column("started_at", &startedAt)
        try columns.column("host", &host)
    }
}
