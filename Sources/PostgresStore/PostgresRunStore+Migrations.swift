package import Records

extension PostgresRunStore: MigratingStore {
    /// In the order of their names; a released one is never edited.
    static let migrations = [
        Migration(name: "v0001_runs", sql: String(decoding: PackageResources.v0001_runs_sql, as: UTF8.self)),
        Migration(
            name: "v0002_views", sql: String(decoding: PackageResources.v0002_views_sql, as: UTF8.self)),
        Migration(
            name: "v0003_overdue_until_now",
            sql: String(decoding: PackageResources.v0003_overdue_until_now_sql, as: UTF8.self)),
        Migration(
            name: "v0004_backfill", sql: String(decoding: PackageResources.v0004_backfill_sql, as: UTF8.self)),
        Migration(
            name: "v0005_signatures",
            sql: String(decoding: PackageResources.v0005_signatures_sql, as: UTF8.self)),
        Migration(
            name: "v0006_launches", sql: String(decoding: PackageResources.v0006_launches_sql, as: UTF8.self)),
        Migration(
            name: "v0008_instances",
            sql: String(decoding: PackageResources.v0008_instances_sql, as: UTF8.self)),
        Migration(
            name: "v0009_delivering",
            sql: String(decoding: PackageResources.v0009_delivering_sql, as: UTF8.self)),
    ]

    package func migrateUp() throws(StoreError) -> [String] {
        try withConnection { connection throws(StoreError) in
            // A lock that ends with the transaction, so that it also holds behind a pooler.
            let opened = try connection.pipeline([
                Statements.beginWriting, settings,
                Statement(sql: "select pg_advisory_xact_lock(\(Self.lockNumber))::text"), Self.isMigrated,
                Self.encoding, Self.hasSchema, Self.openTables(isStrict: false),
            ])
            try Self.checkEncoding(opened[4])
            // Who owns the tables and sees no row of them would take each migration for a missing one.
            if let error = StoreError(
                schemaOf: try Self.openTables(opened[6]).filter { $0.remedy?.contains(" no force ") == true })
            {
                throw error
            }
            let hasSchema = Self.isTrue(opened[5])
            let applied =
                try Self.isTrue(opened[3]) ? Self.checksums(connection.pipeline([Self.applied])[0]) : [:]
            let statuses = MigrationStatus.comparing(Self.migrations, applied: applied)
            if let error = StoreError(schemaOf: statuses.filter { $0.state != .missing }) { throw error }
            var names: [String] = []
            for migration in Self.migrations where applied[migration.name] == nil {
                // Who owns a schema that an administrator made need not have the right to make one.
                try connection.execute(
                    hasSchema ? migration.sql.replacing(Self.makingSchema, with: "") : migration.sql)
                _ = try connection.pipeline([
                    Statement(
                        sql: "insert into almanac.migrations (name, checksum) values ($1, $2)",
                        parameters: [migration.name, migration.checksum])
                ])
                names.append(migration.name)
            }
            _ = try connection.pipeline([Statement(sql: "commit")])
            return names
        }
    }

    package func auditMigrations() throws(StoreError) -> [MigrationStatus] {
        let opened = try transaction(Self.isMigrated, Self.encoding, isReadOnly: true)
        try Self.checkEncoding(opened[1])
        guard Self.isTrue(opened[0]) else {
            return MigrationStatus.comparing(Self.migrations, applied: [:])
        }
        let answers = try transaction(
            Self.applied, Self.uniqueIndexes, Self.openTables(isStrict: false), isReadOnly: true)
        let statuses = MigrationStatus.comparing(Self.migrations, applied: try Self.checksums(answers[0]))
        // What makes a run happen once can also be lost by hand, or left invalid by a build that failed.
        return statuses
            + ["runs_once", "runs_one_live", "runs_backfill"].filter { !answers[1].contains([.text($0)]) }.map
        { index in
            let making = Migration.statement(making: index, in: Self.migrations) ?? ""
            return MigrationStatus(
                name: index, state: .altered, remedy: "drop index if exists almanac.\(index); \(making)")
        } + (try Self.openTables(answers[2]))
    }

    /// Tables that whoever is let into the database could read, since row level security was switched off by hand; or that their
    /// owner cannot, since it was forced.
    static func openTables(_ rows: [[ColumnValue]]) throws(StoreError) -> [MigrationStatus] {
        var statuses: [MigrationStatus] = []
        for values in rows {
            var row = RowReader(columns: ["relname", "relrowsecurity"], values: values)
            let table = try row.text()
            let change = try row.boolean() ? "no force" : "enable"
            statuses.append(
                MigrationStatus(
                    name: "row level security of \(table)", state: .altered,
                    remedy: "alter table almanac.\(table) \(change) row level security"))
        }
        return statuses
    }

    /// Any number will do, as long as every almanac uses the same.
    private static let lockNumber = 4_811_092_026

    private static let isMigrated = Statement(sql: "select to_regclass('almanac.migrations') is not null")
    private static let applied = Statement(sql: "select name, checksum from almanac.migrations")
    private static let uniqueIndexes = Statement(
        sql: """
            select relname::text from pg_index join pg_class on pg_class.oid = indexrelid
            where indrelid = 'almanac.runs'::regclass and indisunique and indisvalid and indisready
            """)

    /// Strictly each table whose owner is held to policies; else those of which this role is the owner and sees nothing.
    static func openTables(isStrict: Bool) -> Statement {
        Statement(
            sql: """
                select relname::text, relrowsecurity from pg_class where relkind in ('r', 'p')
                    and relnamespace = (select oid from pg_namespace where nspname = 'almanac')
                    and (not relrowsecurity or relforcerowsecurity
                        and (\(isStrict) or pg_has_role(relowner, 'usage') and row_security_active(oid)))
                order by relname
                """)
    }

    static let makingSchema = "create schema if not exists almanac;"
    private static let hasSchema = Statement(sql: "select to_regnamespace('almanac') is not null")
    private static let encoding = Statement(sql: "select current_setting('server_encoding')")

    /// Answers hold any character: a database that has no place for most of them would refuse the end of a run.
    private static func checkEncoding(_ rows: [[ColumnValue]]) throws(StoreError) {
        var row = RowReader(columns: ["server_encoding"], values: rows.first ?? [])
        let encoding = try row.text()
        guard !["UTF8", "SQL_ASCII"].contains(encoding) else { return }
        throw StoreError(
            .schema,
            "the database has the encoding \(encoding), which has no place for most characters; UTF8 has",
            hint: "make another: createdb --template=template0 --encoding=UTF8 NAME")
    }

    private static func isTrue(_ rows: [[ColumnValue]]) -> Bool {
        rows == [[.boolean(true)]]
    }

    private static func checksums(_ rows: [[ColumnValue]]) throws(StoreError) -> [String: String] {
        var checksums: [String: String] = [:]
        for values in rows {
            var row = RowReader(columns: ["name", "checksum"], values: values)
            checksums[try row.text()] = try row.text()
        }
        return checksums
    }
}
