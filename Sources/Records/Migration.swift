import CivilTime

/// A numbered step of a store's schema: forward only, and never edited once released.
package struct Migration: Sendable, Equatable {
    /// The file's name without its ending, as `v0001_runs`; migrations are applied in the order of their
    /// names.
    package var name: String
    /// The whole text, one statement or several, each harmless when it is repeated.
    package var sql: String

    package init(name: String, sql: String) {
        self.name = name
        self.sql = sql
    }

    /// The statement that makes the index of this name, on one line; nil when there is none.
    package static func statement(making index: String, in migrations: [Migration]) -> String? {
        for migration in migrations {
            for statement in migration.sql.split(separator: ";")
            where statement.contains("index if not exists \(index) on ") {
                // Comments stand on lines of their own before it.
                return statement.split(separator: "\n").filter { !$0.hasPrefix("--") }
                    .map { $0.drop { $0 == " " } }.joined(separator: " ")
            }
        }
        return nil
    }

    /// What the store remembers of the text that was applied, so that a later edit is noticed.
    package var checksum: String {
        var hash = StableHash()
        hash.combine(sql)
        return hash.hexadecimal
    }
}

/// What a store holds of one migration, or of one thing that an invariant rests on, as an index.
package struct MigrationStatus: Sendable, Equatable {
    /// How the store compares with what this program holds.
    package enum State: String, Sendable {
        /// In the store as this program holds it.
        case applied
        /// Not in the store: `migrate up` puts it there.
        case missing
        /// It was in the store, and somebody took it out: `migrate up` does not put it there.
        case lost
        /// What was applied is not what this program holds, an index is not valid, or a table is open.
        case altered
        /// The store was migrated by a newer program.
        case newer
        /// It could not be compared.
        case unchecked
    }

    /// The migration's file without its ending, the index's own name, or what is wrong with a table.
    package var name: String
    /// How it compares with what this program holds.
    package var state: State
    /// The SQL that puts it right, for the owner of the schema; nil when there is none as simple.
    package var remedy: String?

    /// Whether something must be done about it.
    package var isWrong: Bool { state != .applied && state != .unchecked }

    package init(name: String, state: State, remedy: String? = nil) {
        self.name = name
        self.state = state
        self.remedy = remedy
    }

    /// One status for each of `known` and for each migration that the store alone has, in the order of their
    /// names.
    package static func comparing(_ known: [Migration], applied: [String: String]) -> [MigrationStatus] {
        let expected = known.map { migration in
            let state: State =
                switch applied[migration.name] {
                case nil: .missing
                case migration.checksum: .applied
                default: .altered
                }
            return MigrationStatus(name: migration.name, state: state)
        }
        let foreign = Set(applied.keys).subtracting(known.map(\.name)).map {
            MigrationStatus(name: $0, state: .newer)
        }
        return (expected + foreign).sorted { $0.name < $1.name }
    }
}

/// A store whose schema this program can make and check.
package protocol MigratingStore: Sendable {
    /// Applies what is missing and answers its names; harmless when repeated, also by several at once.
    func migrateUp() async throws(StoreError) -> [String]

    /// Compares the store with what this program needs.
    func auditMigrations() async throws(StoreError) -> [MigrationStatus]

    /// Compares each part of the schema with what the migrations make, which takes longer; answers what differs.
    func inspectSchema() async throws(StoreError) -> [MigrationStatus]
}

extension MigratingStore {
    /// Throws a `schema` error that names everything that is missing, altered or newer.
    package func verifyMigrations() async throws(StoreError) {
        if let error = StoreError(schemaOf: try await auditMigrations()) { throw error }
    }
}

extension StoreError {
    /// The error that says what is wrong with a schema, or nil when nothing is.
    package init?(schemaOf statuses: [MigrationStatus]) {
        let wrong = statuses.filter(\.isWrong)
        guard !wrong.isEmpty else { return nil }
        let hint =
            if wrong.contains(where: { $0.state == .newer }) {
                "a newer almanac has migrated it: install that version here too"
            } else if wrong.contains(where: { $0.state != .missing && $0.remedy == nil }) {
                "it was changed by hand: restore it, or start from an empty schema"
            } else if wrong.contains(where: { $0.remedy != nil }) {
                "as the owner of the schema, run: " + wrong.compactMap(\.remedy).joined(separator: "; ")
            } else {
                "run `almanac migrate up`"
            }
        let list = wrong.map { "\($0.name) is \($0.state.rawValue)" }.joined(separator: ", ")
        self.init(.schema, "the store's schema does not fit this program: \(list)", hint: hint)
    }
}
