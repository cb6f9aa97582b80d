import CSQLite
import Glibc

/// Which store the program that is measured records in.
enum StoreKind: String, CaseIterable {
    case sqlite
    case postgres

    var name: String {
        switch self {
        case .sqlite: "SQLite"
        case .postgres: "PostgreSQL"
        }
    }
}

/// An empty store of one daemon, looked at from outside.
struct MeasuredStore {
    let kind: StoreKind
    /// What the daemon is told of it.
    let environment: [String: String]
    /// Answers the number that is the first column of the only row.
    private let number: (String) throws -> Double
    /// Inserts one row, durably, into a table of its own.
    let commit: () throws -> Void
    /// Removes what is not below the daemon's directory.
    let remove: () -> Void

    /// How many runs have ended well.
    func succeeded() throws -> Int {
        Int(try number("select count(*) from \(runs) where state = 'finished' and outcome = 'succeeded'"))
    }

    /// How many runs have ended, however that was; cheap, so that it can be asked often.
    func finished() throws -> Int {
        Int(try number("select count(*) from \(runs) where state = 'finished'"))
    }

    private var runs: String { kind == .sqlite ? "runs" : "almanac.runs" }

    /// The embedded store below a state directory; the daemon makes it.
    static func sqlite(below directory: String) throws -> MeasuredStore {
        let floor = try SQLiteFile(directory + "/floor.db", isNew: true)
        try floor.execute("create table floor (at integer not null) strict")
        return MeasuredStore(
            kind: .sqlite, environment: [:],
            number: { try SQLiteFile(directory + "/almanac.db", isNew: false).number($0) },
            commit: { try floor.execute("insert into floor values (1)") }, remove: {})
    }

    /// A new database of the server that ALMANAC_TEST_DSN names.
    static func postgres(named name: String) throws -> MeasuredStore {
        guard let address = testServer else { throw Trouble("ALMANAC_TEST_DSN names no PostgreSQL server") }
        let server = try Server(address)
        try server.column("create database \(name)")
        let own = address.prefix(through: address.lastIndex(of: "/") ?? address.startIndex) + name
        let database = try Server(String(own))
        try database.column("create table public.floor (at timestamptz not null)")
        return MeasuredStore(
            // Nobody listens on loopback, and encryption would be measured.
            kind: .postgres, environment: ["DB_DSN": String(own), "PGSSLMODE": "disable"],
            number: { try database.number($0) },
            commit: { try database.column("insert into public.floor values (now())") },
            // It goes with the throw-away server if it cannot be removed here.
            remove: { _ = try? server.column("drop database \(name) with (force)") })
    }

    /// The address of a PostgreSQL server for measurements; nil when there is none.
    static var testServer: String? {
        getenv("ALMANAC_TEST_DSN").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// A connection to a file of SQLite, with the settings of the embedded store.
final class SQLiteFile {
    private let handle: OpaquePointer

    init(_ path: String, isNew: Bool) throws(Trouble) {
        var opened: OpaquePointer?
        let flags = isNew ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
        let code = sqlite3_open_v2(path, &opened, flags, nil)
        guard code == SQLITE_OK, let opened else {
            sqlite3_close_v2(opened)
            throw Trouble("\(path): \(String(cString: sqlite3_errstr(code)))")
        }
        handle = opened
        sqlite3_busy_timeout(handle, 10_000)
        if isNew { try execute("pragma journal_mode = wal; pragma synchronous = full") }
    }

    deinit {
        sqlite3_close_v2(handle)
    }

    func execute(_ sql: String) throws(Trouble) {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw failure }
    }

    func number(_ sql: String) throws(Trouble) -> Double {
        var statement: OpaquePointer?
        defer { sqlite3_finalize(statement) }
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK,
            sqlite3_step(statement) == SQLITE_ROW
        else { throw failure }
        return sqlite3_column_double(statement, 0)
    }

    private var failure: Trouble { Trouble("SQLite: \(String(cString: sqlite3_errmsg(handle)))") }
}
