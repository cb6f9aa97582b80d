package import Records

extension SQLiteRunStore: MigratingStore {
    package func migrateUp() throws(StoreError) -> [String] {
        try withConnection { connection throws(StoreError) in try SQLiteMigrator.up(connection, now: now) }
    }

    package func auditMigrations() throws(StoreError) -> [MigrationStatus] {
        try withConnection { connection throws(StoreError) in try SQLiteMigrator.audit(connection) }
    }
}
