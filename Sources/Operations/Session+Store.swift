import CivilTime
import Host
import JobCatalog
import PostgresStore
package import Records
import SQLiteStore

/// A store that can also make and check its schema, and be read by those who check or explain.
package typealias AnyStore = Store & MigratingStore & ReadingStore & SignatureStore & LaunchStore

/// A store that was opened, and where it is.
package struct OpenedStore: Sendable {
    /// Shared by all who ask it.
    package var store: any AnyStore
    /// `postgres` when `DB_DSN` is set, else `sqlite`.
    package var kind: String
    /// Where it is, without a secret: `PostgreSQL almanac@db.example.org`, or the path of the file.
    package var place: String
}

/// What a command does when there is no embedded store yet; a database is there, or cannot be reached.
package enum MissingStore: Sendable {
    /// It makes one: there will be something to record.
    case make
    /// It makes one where a variable names it, so that nobody pauses what nobody reads.
    case makeIfNamed
    /// It says so, and ends.
    case refuse
}

extension Session {
    /// The store that the configuration names, once its schema was found to fit. The embedded store makes its own schema; a
    /// database is for `almanac migrate up`, since others depend on it, unless `migrates`.
    package func openRecords(
        ifMissing: MissingStore = .refuse, migrates: Bool = false, isDaemon: Bool = false
    ) async throws(CommandError) -> OpenedStore {
        if let lent { return lent }
        let opened = try openStore(ifMissing: ifMissing)
        if !isDaemon { try checkDaemon(has: opened) }
        try await ask { () throws(StoreError) in
            if opened.kind == "sqlite" || migrates { _ = try await opened.store.migrateUp() }
            try await opened.store.verifyMigrations()
        }
        return opened
    }

    /// Whoever asks beside the service means its records: settings that were changed since its start name others.
    private func checkDaemon(has opened: OpenedStore) throws(CommandError) {
        guard standpoint.records == .service,
            let place = StateDirectory.placeOfDaemon(configuration.stateDirectory), place != opened.place
        else { return }
        throw CommandError(
            .configuration,
            "the service has its records in \(place), and its settings name \(opened.place) by now",
            hint: "let it take them: systemctl restart almanac; or put the setting back")
    }

    /// The records, for a command that can do without them; else why there are none.
    package func recordsIfThere() async throws(CommandError) -> Result<OpenedStore, CommandError> {
        if let refusal = standpoint.refusal { return .failure(refusal) }
        if let missing = try missingStore() { return .failure(missing) }
        return .success(try await openRecords())
    }

    /// How long a question of those who only look may take.
    private static let readingLimit: Duration = .seconds(5)

    /// The store that the configuration names, on a connection of its own that is made by the first question: what others
    /// read takes nothing from the runs.
    package func readingStore() throws(CommandError) -> OpenedStore {
        guard let connectionString = try connectionString() else {
            return OpenedStore(
                store: SQLiteRunStore(path: embeddedStore, clock: Clocks.now), kind: "sqlite",
                place: embeddedStore)
        }
        let store = try answer { () throws(StoreError) in
            try PostgresRunStore(
                connectionString: connectionString,
                applicationName: "almanac \(ProcessInformation.processID) reader",
                statementTimeout: Self.readingLimit, answerTimeout: Self.readingLimit + .seconds(1))
        }
        return OpenedStore(store: store, kind: "postgres", place: store.place)
    }

    /// What is done with the service's own rights is done as root, and not through its socket.
    func checkRoot() throws(CommandError) {
        guard asksService else { return }
        throw CommandError(.refused, "only root may do this", hint: "run: \(Standpoint.asRoot)")
    }

    private func openStore(ifMissing: MissingStore) throws(CommandError) -> OpenedStore {
        if let refusal = standpoint.refusal { throw refusal }
        try checkRoot()
        if let store = try database() {
            return OpenedStore(store: store, kind: "postgres", place: store.place)
        }
        let makes =
            switch ifMissing {
            case .make: true
            case .makeIfNamed: standpoint.records == .named
            case .refuse: false
            }
        if makes {
            try onHost { () throws(HostError) in try StateDirectory.make(configuration.stateDirectory) }
        } else if let missing = try missingStore() {
            throw missing
        }
        return OpenedStore(
            store: SQLiteRunStore(path: embeddedStore, clock: Clocks.now), kind: "sqlite",
            place: embeddedStore)
    }

    /// Where the records are, as people call it.
    func place() throws(CommandError) -> String { try database()?.place ?? embeddedStore }

    private func database() throws(CommandError) -> PostgresRunStore? {
        guard let connectionString = try connectionString() else { return nil }
        let process = ProcessInformation.processID
        return try answer { () throws(StoreError) in
            try PostgresRunStore(connectionString: connectionString, applicationName: "almanac \(process)")
        }
    }

    private var embeddedStore: String { configuration.stateDirectory + "/almanac.db" }

    private func connectionString() throws(CommandError) -> String? {
        do throws(Configuration.Failure) {
            return try configuration.value("DB_DSN")?.text
        } catch {
            throw CommandError(.configuration, error.problem.rendered)
        }
    }

    /// That there are no records yet, and when they begin; nil when there are, or when a database has them.
    private func missingStore() throws(CommandError) -> CommandError? {
        guard try connectionString() == nil, StateDirectory.isMissing(embeddedStore) else { return nil }
        let hint =
            switch standpoint.records {
            case .service: "they begin when the service starts: systemctl start almanac"
            case .named: "they begin with a run; is it the right ALMANAC_STATE_DIRECTORY?"
            case .own:
                "they begin with a run, like `almanac run-now JOB`; DB_DSN names a database that has some"
            }
        return CommandError(.configuration, "there are no records at \(embeddedStore)", hint: hint)
    }

    /// What the store, once its schema was found to fit, answers to one question.
    package func query<Result>(
        _ body: (any AnyStore) async throws(StoreError) -> Result
    ) async throws(CommandError) -> Result {
        let store = try await openRecords().store
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

    /// Applies the migrations that are missing, and answers their names, and where the store is.
    package func migrateUp() async throws(CommandError) -> (applied: [String], place: String) {
        let opened = try openStore(ifMissing: .make)
        let applied = try await ask { () throws(StoreError) in try await opened.store.migrateUp() }
        return (applied, opened.place)
    }

    /// Compares the schema with what this program needs.
    package func auditMigrations() async throws(CommandError) -> [MigrationStatus] {
        let store = try openStore(ifMissing: .refuse).store
        return try await ask { () throws(StoreError) in
            let statuses = try await store.auditMigrations()
            // Before all migrations are there, more is missing than they tell.
            guard !statuses.contains(where: { [.missing, .newer].contains($0.state) }) else {
                return statuses
            }
            return try await statuses
                + store.inspectSchema().filter { !statuses.map(\.name).contains($0.name) }
        }
    }
}
