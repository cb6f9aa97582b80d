package import Records

/// Compares the schema with what the migrations make, column by column.
extension PostgresRunStore {
    /// The same server makes the schema again, as temporary tables that are rolled back, so that both are described in the
    /// words of one version. Where that is refused, as on a standby, one status says so.
    package func inspectSchema() throws(StoreError) -> [MigrationStatus] {
        do throws(StoreError) {
            let tables = try transaction(Self.openTables(isStrict: true), isReadOnly: true)
            return try Self.openTables(tables[0]) + differences().map(Self.status)
        } catch  where error.reason == .refused {
            return [
                MigrationStatus(
                    name: "columns, constraints, indexes, views: \(error.message)", state: .unchecked)
            ]
        }
    }

    /// What the schema has in another form, or not at all.
    private struct Difference {
        var kind: String
        var table: String
        var name: String
        /// As the migrations make it.
        var expected: String
        /// As it is; nil when it is missing.
        var found: String?

        var isMissing: Bool { found == nil }
    }

    private func differences() throws(StoreError) -> [Difference] {
        try withConnection { connection throws(StoreError) in
            _ = try connection.pipeline([Statements.beginWriting, settings])
            for migration in Self.migrations {
                try connection.execute(
                    migration.sql.replacing(Self.makingSchema, with: "")
                        .replacing("almanac.", with: "pg_temp."))
            }
            let rows = try connection.pipeline([Self.comparison, Statement(sql: "rollback")])[0]
            var differences: [Difference] = []
            for values in rows {
                var row = RowReader(
                    columns: ["kind", "relation", "name", "expected", "found"], values: values)
                differences.append(
                    Difference(
                        kind: try row.text(), table: try row.text(), name: try row.text(),
                        expected: try row.text(), found: try row.optionalText()))
            }
            let missing = Set(differences.filter { $0.kind == "table" }.map(\.table))
            return differences.filter { $0.kind == "table" || !missing.contains($0.table) }
        }
    }

    private static func status(of difference: Difference) -> MigrationStatus {
        let (table, name) = ("almanac.\(difference.table)", difference.name)
        let remedy =
            switch difference.kind {
            case "table": again(table)
            case "view": "drop view if exists \(table); " + again(table)
            case "column": column(difference)
            case "index":
                "drop index if exists almanac.\(name); "
                    + (Migration.statement(making: name, in: migrations) ?? "")
            default:
                "alter table \(table) drop constraint if exists \(name), add constraint \(name) "
                    + difference.expected.replacing("REFERENCES ", with: "REFERENCES almanac.")
            }
        let what =
            switch difference.kind {
            case "table", "view": "\(difference.kind) \(name)"
            case "index": name
            default: "\(difference.kind) \(name) of \(difference.table)"
            }
        return MigrationStatus(
            name: what, state: difference.isMissing ? .lost : .altered,
            remedy: remedy)
    }

    /// Each migration is harmless when it is repeated, and those that make a table or a view make it whole.
    private static func again(_ relation: String) -> String {
        let names = migrations.filter { $0.sql.contains(relation) }.map { "'\($0.name)'" }
        return "delete from almanac.migrations where name in (\(names.joined(separator: ", ")));"
            + " -- then: almanac migrate up; and roles.sql, if its roles are used"
    }

    private static func column(_ difference: Difference) -> String {
        let (table, name) = ("almanac.\(difference.table)", difference.name)
        let wanted = ColumnForm(difference.expected)
        guard let found = difference.found.map(ColumnForm.init) else {
            return
                "alter table \(table) add column \(name) \(wanted.type) \(wanted.nullability) \(wanted.value)"
        }
        var changes: [String] = []
        if found.type != wanted.type {
            changes.append("alter \(name) type \(wanted.type) using \(name)::\(wanted.type)")
        }
        if found.nullability != wanted.nullability {
            changes.append("alter \(name) \(wanted.nullability == "null" ? "drop" : "set") not null")
        }
        if found.value != wanted.value {
            let change = wanted.value.hasPrefix("generated") ? "add " : "set "
            changes.append("alter \(name) \(wanted.value.isEmpty ? "drop default" : change + wanted.value)")
        }
        return "alter table \(table) " + changes.joined(separator: ", ")
    }

    /// What the comparison says of a column.
    private struct ColumnForm {
        var type: String
        /// `not null` or `null`.
        var nullability: String
        /// Where its values come from, as it is written in a table's definition.
        var value: String

        init(_ text: String) {
            let parts = text.split(separator: "|", maxSplits: 2, omittingEmptySubsequences: false).map(
                String.init)
            (type, nullability, value) = (parts[0], parts[1], parts[2])
        }
    }

    /// A row for each thing that the temporary tables have otherwise. Not-null constraints are said of columns; an index that a
    /// constraint made goes with that.
    private static let comparison = Statement(
        sql: """
            with relations as (
                select oid, relname, relkind, reloptions, relnamespace = pg_my_temp_schema() as is_expected
                from pg_class where relkind in ('r', 'p', 'v')
                    and relnamespace in ('almanac'::regnamespace, pg_my_temp_schema())
            ), described as (
                select is_expected, 1 as place, case relkind when 'v' then 'view' else 'table' end as kind, relname,
                    relname as name,
                    case relkind when 'v' then coalesce(reloptions::text, '') || pg_get_viewdef(oid) else '' end
                        as definition
                from relations
                union all
                select is_expected, 2, 'column', relname, attname,
                    concat(format_type(atttypid, atttypmod), '|', case when attnotnull then 'not ' end, 'null|',
                        case attidentity when 'a' then 'generated always as identity'
                            when 'd' then 'generated by default as identity'
                            else 'default ' || pg_get_expr(adbin, adrelid) end)
                from relations join pg_attribute on attrelid = relations.oid
                left join pg_attrdef on adrelid = attrelid and adnum = attnum
                where relkind <> 'v' and attnum > 0 and not attisdropped
                union all
                select is_expected, case contype when 'f' then 4 else 3 end, 'constraint', relname, conname,
                    pg_get_constraintdef(pg_constraint.oid)
                from relations join pg_constraint on conrelid = relations.oid where contype in ('c', 'f', 'p', 'u', 'x')
                union all
                select is_expected, 5, 'index', relname, (select relname from pg_class where oid = indexrelid),
                    pg_get_indexdef(indexrelid) || case when indisvalid and indisready then '' else ' invalid' end
                from relations join pg_index on indrelid = relations.oid
                where not exists (select from pg_constraint where conindid = indexrelid)
            ), comparable as (
                select is_expected, place, kind, relname, name,
                    regexp_replace(definition, '\\m(almanac|pg_temp(_[0-9]+)?)[.]', '', 'g') as definition
                from described
            )
            select expected.kind, expected.relname::text, expected.name::text, expected.definition, found.definition
            from comparable as expected
            left join comparable as found on not found.is_expected and found.kind = expected.kind
                and found.relname = expected.relname and found.name = expected.name
            where expected.is_expected and expected.definition is distinct from found.definition
            order by expected.place, expected.relname, expected.name
            """)
}
