package import Records

/// What a journal holds of a registration.
extension JobRegistration: TableRow {
    package static let columns = columnNames

    package static var unread: JobRegistration { JobRegistration(job: .unread, configHash: "") }

    package mutating func visit(_ columns: inout ColumnVisit) throws(StoreError) {
        try columns.column("job", &job)
        try columns.column("config_hash", &configHash)
        try columns.column("zone_data", &zoneData)
        try columns.column("definition", &definition)
        try columns.column("overdue_after", &overdueAfter)
    }
}
