import CivilTime
import RunModel

/// What a journal holds of a registration.
extension JobRegistration {
    static let columns = ["job", "config_hash", "zone_data", "definition", "overdue_after"]

    /// The values of `columns`.
    var columnValues: [ColumnValue] {
        [
            .text(job.description), .text(configHash), ColumnValue(zoneData), ColumnValue(definition),
            overdueAfter.map { .integer($0.wholeMicroseconds) } ?? .null,
        ]
    }

    /// The registration whose columns come next in the row.
    init(reading row: inout RowReader) throws(StoreError) {
        self.init(
            job: try row.jobName(), configHash: try row.text(), zoneData: try row.optionalText(),
            definition: try row.optionalText(),
            overdueAfter: try row.optionalInteger().map { .microseconds($0) })
    }
}

/// What a journal holds of an end, its attempt apart.
extension Completion {
    static let columns = [
        "outcome", "reason", "detail", "finished_at", "http_status", "response_bytes", "response_excerpt",
        "started_at",
    ]

    /// The values of `columns`.
    var columnValues: [ColumnValue] {
        [
            .text(outcome.rawValue), ColumnValue(reason?.rawValue), ColumnValue(detail),
            .instant(finishedAt), ColumnValue(httpStatus), ColumnValue(responseBytes),
            ColumnValue(responseExcerpt), startedAt.map { .instant($0) } ?? .null,
        ]
    }

    /// The end whose columns come next in the row.
    init(reading row: inout RowReader) throws(StoreError) {
        self.init(
            outcome: try row.choice(Outcome.self), reason: try row.optionalChoice(Reason.self),
            detail: try row.optionalText(), finishedAt: try row.instant(),
            httpStatus: try row.optionalInteger().map { Int($0) },
            responseBytes: try row.optionalInteger().map { Int($0) },
            responseExcerpt: try row.optionalText())
        startedAt = try row.optionalInstant()
    }
}
