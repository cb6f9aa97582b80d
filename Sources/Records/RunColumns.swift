package import RunModel

/// The columns of `runs` that are a record, in one order for every statement of every store.
extension RunRecord: StoredRow {
    /// The names in the database, in the order of `columnValues` and of reading.
    package static let columns = [
        "run_id", "job", "trigger", "dry_run", "scheduled_for", "scheduled_until", "occurrences",
        "nominal_local",
        "due_at", "state", "outcome", "reason", "detail", "attempts", "attempts_max", "retry_at", "host",
        "requested_by", "config_hash", "zone_data", "created_at", "started_at", "finished_at", "http_status",
        "response_bytes", "response_excerpt", "backfill_of",
    ]

    /// The values of `columns`.
    package var columnValues: [ColumnValue] {
        [
            .text(id.description), .text(job.description), .text(trigger.rawValue), .boolean(isDryRun),
            ColumnValue(scheduledFor), ColumnValue(scheduledUntil), ColumnValue(occurrences),
            ColumnValue(nominalLocal), .instant(dueAt), .text(state.rawValue), ColumnValue(outcome?.rawValue),
            ColumnValue(reason?.rawValue), ColumnValue(detail), ColumnValue(attempts),
            ColumnValue(attemptsMax),
            ColumnValue(retryAt), .text(host.description), ColumnValue(requestedBy), .text(configHash),
            ColumnValue(zoneData), .instant(createdAt), ColumnValue(startedAt), ColumnValue(finishedAt),
            ColumnValue(httpStatus), ColumnValue(responseBytes), ColumnValue(responseExcerpt),
            ColumnValue(backfillOf),
        ]
    }

    /// The record whose columns come next in the row.
    package init(reading row: inout RowReader) throws(StoreError) {
        var unknown = UnknownWords()
        self.init(
            id: try row.runID(), job: try row.jobName(), trigger: try row.choice(RunTrigger.self),
            isDryRun: try row.boolean(), scheduledFor: try row.optionalInstant(),
            scheduledUntil: try row.optionalInstant(), occurrences: Int(try row.integer()),
            nominalLocal: try row.optionalText(), dueAt: try row.instant(),
            state: try row.choice(RunState.self),
            outcome: try unknown.choice("outcome", &row, other: Outcome.unknown),
            reason: try unknown.choice("reason", &row, other: nil as Reason?),
            detail: unknown.detail(try row.optionalText()), attempts: Int(try row.integer()),
            attemptsMax: Int(try row.integer()),
            retryAt: try row.optionalInstant(), host: HostID(try row.text()),
            requestedBy: try row.optionalText(),
            configHash: try row.text(), zoneData: try row.optionalText(), createdAt: try row.instant(),
            startedAt: try row.optionalInstant(), finishedAt: try row.optionalInstant(),
            httpStatus: try row.optionalInteger().map { Int($0) },
            responseBytes: try row.optionalInteger().map { Int($0) }, responseExcerpt: try row.optionalText())
        backfillOf = try row.optionalInstant()
    }
}

/// The columns of `attempts` that are a record, in one order for every statement of every store.
extension AttemptRecord: StoredRow {
    /// The names in the database, in the order of `columnValues` and of reading.
    package static let columns = ["number", "started_at", "finished_at", "http_status", "reason", "detail"]

    /// The values of `columns`.
    package var columnValues: [ColumnValue] {
        [
            ColumnValue(number), .instant(startedAt), ColumnValue(finishedAt), ColumnValue(httpStatus),
            ColumnValue(reason?.rawValue), ColumnValue(detail),
        ]
    }

    /// The record whose columns come next in the row.
    package init(reading row: inout RowReader) throws(StoreError) {
        var unknown = UnknownWords()
        self.init(
            number: Int(try row.integer()), startedAt: try row.instant(),
            finishedAt: try row.optionalInstant(),
            httpStatus: try row.optionalInteger().map { Int($0) },
            reason: try unknown.choice("reason", &row, other: nil as Reason?),
            detail: unknown.detail(try row.optionalText()))
    }
}

/// What is written of an end, its attempt apart.
extension Completion {
    /// Of the table of runs, in the order of `columnValues`.
    package static let columns = [
        "outcome", "reason", "detail", "finished_at", "http_status", "response_bytes", "response_excerpt",
        "started_at", "host",
    ]

    /// The values of `columns`.
    package var columnValues: [ColumnValue] {
        [
            .text(outcome.rawValue), ColumnValue(reason?.rawValue), ColumnValue(detail),
            .instant(finishedAt), ColumnValue(httpStatus), ColumnValue(responseBytes),
            ColumnValue(responseExcerpt), ColumnValue(startedAt), ColumnValue(host?.description),
        ]
    }

    /// The end whose columns come next in the row.
    package init(reading row: inout RowReader) throws(StoreError) {
        self.init(
            outcome: try row.choice(Outcome.self), reason: try row.optionalChoice(Reason.self),
            detail: try row.optionalText(), finishedAt: try row.instant(),
            httpStatus: try row.optionalInteger().map { Int($0) },
            responseBytes: try row.optionalInteger().map { Int($0) },
            responseExcerpt: try row.optionalText())
        startedAt = try row.optionalInstant()
        host = try row.optionalText().map { HostID($0) }
    }
}
