import CivilTime
import Records
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
