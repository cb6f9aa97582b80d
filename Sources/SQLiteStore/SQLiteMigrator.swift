import CivilTime
import Records

/// Brings a file to the schema of this program, which is its only user.
enum SQLiteMigrator {
    /// In the order of their names; a released one is never edited.
    static let migrations = [
        Migration(name: "v0001_runs", sql: String(decoding: PackageResources.v0001_runs_sql, as: UTF8.self)),
        Migration(
            name: "v0002_journal", sql: String(decoding: PackageResources.v0002_journal_sql, as: UTF8.self)),
        Migration(
            name: "v0003_backfill", sql: String(decoding: PackageResources.v0003_backfill_sql, as: UTF8.self)),
        Migration(
            name: "v0004_signatures",
            sql: String(decoding: PackageResources.v0004_signatures_sql, as: UTF8.self)),
        Migration(
            name: "v0005_launches", sql: String(decoding: PackageResources.v0005_launches_sql, as: UTF8.self)),
        Migration(
            name: "v0008_instances",
            sql: String(decoding: PackageResources.v0008_instances_sql, as: UTF8.self)),
        Migration(
            name: "v0009_delivering",
            sql: String(decoding: PackageResources.v0009_delivering_sql, as: UTF8.self)),
    ]

    /// The unique indexes that make a run happen once.
    private static let indexes = ["runs_once", "runs_one_live", "runs_backfill"]

    /// Applies what is missing, unless the file is altered or newer: then it throws and changes nothing.
    static func prepare(_ connection: SQLiteConnection, now: Instant) throws(StoreError) {
        let statuses = try audit(connection)
        if statuses.allSatisfy({ $0.state == .applied }) { return }
        _ = try up(connection, now: now)
        if let error = StoreError(schemaOf: try audit(connection)) { throw error }
    }

    static func up(_ connection: SQLiteConnection, now: Instant) throws(StoreError) -> [String] {
        // Somebody who only reads must not wait for a writer.
        if try audit(connection).allSatisfy({ $0.state == .applied }) { return [] }
        return try connection.transaction { () throws(StoreError) in
            let applied = try applied(connection)
            let statuses = MigrationStatus.comparing(migrations, applied: applied)
            if let error = StoreError(schemaOf: statuses.filter { $0.state != .missing }) { throw error }
            var names: [String] = []
            for migration in migrations where applied[migration.name] == nil {
                try connection.execute(migration.sql)
                try connection.change(
                    "insert into migrations (name, checksum, applied_at) values (?, ?, ?)",
                    [.text(migration.name), .text(migration.checksum), .instant(now)])
                names.append(migration.name)
            }
            return names
        }
    }

    static func audit(_ connection: SQLiteConnection) throws(StoreError) -> [MigrationStatus] {
        let statuses = MigrationStatus.comparing(migrations, applied: try applied(connection))
        guard statuses.contains(where: { $0.state == .applied }) else { return statuses }
        let found = try connection.rows(
            """
            select index_list.name from pragma_index_list('runs') as index_list where index_list."unique" = 1
            """)
        return statuses
            + indexes.filter { !found.contains([.text($0)]) }.map {
                MigrationStatus(
                    name: $0, state: .altered, remedy: Migration.statement(making: $0, in: migrations))
            }
    }

    /// The checksum of each applied migration by its name.
    private static func applied(_ connection: SQLiteConnection) throws(StoreError) -> [String: String] {
        let exists = try connection.rows(
            "select 1 from sqlite_schema where type = 'table' and name = 'migrations'")
        guard !exists.isEmpty else { return [:] }
        var checksums: [String: String] = [:]
        for values in try connection.rows("select name, checksum from migrations") {
            var row = RowReader(columns: ["name", "checksum"], values: values)
            checksums[try row.text()] = try row.text()
        }
        return checksums
    }
}
