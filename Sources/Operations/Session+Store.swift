import CivilTime
import Host
import JobCatalog
import PostgresStore
package import RunModel
import SQLiteStore

/// A store that can also make and check its schema, and be read by those who check or explain.
package typealias AnyStore = Store & MigratingStore & ReadingStore

extension Session {
    /// The store that the configuration names, and its kind: `postgres` when `DB_DSN` is set, else `sqlite`.
    package func openStore() throws(CommandError) -> (store: any AnyStore, kind: String) {
        let value: Configuration.Value?
        do throws(Configuration.Failure) {
            value = try configuration.value("DB_DSN")
        } catch {
            throw CommandError(.configuration, error.problem.rendered)
        }
        if let value {
            let process = ProcessInformation.processID
            let store = try answer { () throws(StoreError) in
                try PostgresRunStore(connectionString: value.text, applicationName: "almanac \(process)")
            }
            return (store, "postgres")
        }
        try onHost { () throws(HostError) in try StateDirectory.make(configuration.stateDirectory) }
        return (
            SQLiteRunStore(path: configuration.stateDirectory + "/almanac.db", clock: Clocks.now), "sqlite"
        )
    }

    /// The store, once its schema was found to fit. The embedded store makes its own; a database is for
    /// `almanac migrate up`, since others depend on it.
    package func openFittingStore() async throws(CommandError) -> (store: any AnyStore, kind: String) {
        let (store, kind) = try openStore()
        try await ask { () throws(StoreError) in
            if kind == "sqlite" { _ = try await store.migrateUp() }
            try await store.verifyMigrations()
        }
        return (store, kind)
    }

    /// What the store, once its schema was found to fit, answers to one question.
    package func query<Result>(
        _ body: (any AnyStore) async throws(StoreError) -> Result
    ) async throws(CommandError) -> Result {
        let store = try await openFittingStore().store
        return try await ask { () throws(StoreError) in try await body(store) }
    }

    /// What the store answers; its error ends the command.
    package func ask<Result>(_ body: () async throws(StoreError) -> Result) async throws(CommandError)
        -> Result
    {
        do throws(StoreError) {
            return try await body()
        } catch {
            throw CommandError(error)
        }
    }

    /// What this machine answers; its refusal ends the command.
    func onHost<Result>(_ body: () throws(HostError) -> Result) throws(CommandError) -> Result {
        do throws(HostError) {
            return try body()
        } catch {
            throw CommandError(error)
        }
    }

    /// What the store answers at once.
    private func answer<Result>(_ body: () throws(StoreError) -> Result) throws(CommandError) -> Result {
        do throws(StoreError) {
            return try body()
        } catch {
            throw CommandError(error)
        }
    }

    /// Applies the migrations that are missing, and answers their names.
    package func migrateUp() async throws(CommandError) -> [String] {
        let store = try openStore().store
        return try await ask { () throws(StoreError) in try await store.migrateUp() }
    }

    /// Compares the schema with what this program needs.
    package func auditMigrations() async throws(CommandError) -> [MigrationStatus] {
        let store = try openStore().store
        return try await ask { () throws(StoreError) in try await store.auditMigrations() }
    }
}
