package import Records

/// Compares the schema with what the migrations make.
extension SQLiteRunStore {
    package func inspectSchema() throws(StoreError) -> [MigrationStatus] {
        try withConnection { connection throws(StoreError) in try SQLiteMigrator.inspect(connection) }
    }
}

extension SQLiteMigrator {
    /// What the file has otherwise than one that is made anew, or not at all.
    static func inspect(_ connection: SQLiteConnection) throws(StoreError) -> [MigrationStatus] {
        let made = try SQLiteConnection(path: SQLiteConnection.inMemory, busyTimeout: .zero)
        for migration in migrations { try made.execute(migration.sql) }
        let shape = "select type, name, sql from sqlite_schema where sql is not null order by rowid"
        let found = try connection.rows(shape)
        var statuses: [MigrationStatus] = []
        for values in try made.rows(shape) where !found.contains(values) {
            var row = RowReader(columns: ["type", "name"], values: values)
            let (type, name) = (try row.text(), try row.text())
            let isMissing = !found.contains { $0.prefix(2) == values.prefix(2) }
            statuses.append(
                MigrationStatus(
                    name: type == "index" ? name : "\(type) \(name)", state: isMissing ? .lost : .altered,
                    remedy: type == "index"
                        ? "drop index if exists \(name); "
                            + (Migration.statement(making: name, in: migrations) ?? "") : nil))
        }
        return statuses
    }
}
