import CLibpq
import Glibc
import PostgresStore
import Testing

/// The PostgreSQL server of the tests: `ALMANAC_TEST_DSN`, or the `PGHOST` and so on that `with-postgres`
/// exports.
enum TestServer {
    static let absence: Comment = """
        no PostgreSQL server: set ALMANAC_TEST_DSN, or run `Tests/Support/with-postgres swift test`
        """

    static let poolerAbsence: Comment = """
        no PgBouncer: run `Tests/Support/with-postgres Tests/Support/with-pgbouncer swift test`
        """

    /// The ways in which a pooler shares the server's connections.
    enum PoolMode: String {
        case session = "ALMANAC_TEST_POOLER_SESSION"
        case transaction = "ALMANAC_TEST_POOLER_TRANSACTION"
    }

    static let isThere = variable("ALMANAC_TEST_DSN") != nil || variable("PGHOST") != nil

    static let isPoolerThere = variable(PoolMode.session.rawValue) != nil

    /// Where the certificates of the server are: its own, `server.pem`, and `other.pem`, of nobody.
    static let certificates = variable("ALMANAC_TEST_TLS")

    /// Where it must be there, its absence is a failure.
    static let isRequired = variable("CI") != nil || variable("ALMANAC_REQUIRE_POSTGRES") == "1"

    /// The connection string of a database of the server; that of the server's own when nil.
    static func connectionString(database: String?) -> String {
        let given = variable("ALMANAC_TEST_DSN") ?? ""
        guard let database else { return given }
        // Of a keyword given twice the last one counts.
        guard given.contains("://") else { return given + " dbname=\(database)" }
        let (base, query) = split(given, at: "?")
        let authority = base.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).prefix(3)
        return authority.joined(separator: "/") + "/\(database)" + (query.map { "?" + $0 } ?? "")
    }

    static func variable(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }

    private static func split(_ text: String, at mark: Character) -> (String, String?) {
        guard let index = text.firstIndex(of: mark) else { return (text, nil) }
        return (String(text[..<index]), String(text[text.index(after: index)...]))
    }
}

/// A database of one test.
struct TestDatabase: Sendable {
    let name: String
    /// What the server calls the stores of this test.
    var applicationName = "almanac test"

    var connectionString: String { TestServer.connectionString(database: name) }

    func openStore() throws -> PostgresRunStore {
        try PostgresRunStore(connectionString: connectionString, applicationName: applicationName)
    }

    /// The connection string of a user of this database.
    func connectionString(user: String, password: String) -> String {
        let base = connectionString
        // Of a keyword given twice the last one counts, in both forms.
        guard base.contains("://") else { return base + " user=\(user) password=\(password)" }
        return base + (base.contains("?") ? "&" : "?") + "user=\(user)&password=\(password)"
    }

    /// Opens a store through the pooler that `with-pgbouncer` started.
    func openStore(through mode: TestServer.PoolMode) throws -> PostgresRunStore {
        try PostgresRunStore(
            connectionString: connectionString(through: mode), applicationName: applicationName)
    }

    private func connectionString(through mode: TestServer.PoolMode) -> String {
        "host=127.0.0.1 port=\(TestServer.variable(mode.rawValue) ?? "") dbname=\(name) user=almanac"
    }

    /// Runs SQL as an operator would, and answers the first column of its rows.
    @discardableResult
    func sql(_ script: String, through mode: TestServer.PoolMode? = nil) throws -> [String] {
        try query(mode.map(connectionString(through:)) ?? connectionString, script)
    }
}

extension TestDatabase {
    /// Runs `body` while another session is in the midst of `script`.
    func holding(_ script: String, _ body: () async throws -> Void) async throws {
        let connection = PQconnectdb(connectionString)
        defer { PQfinish(connection) }
        try execute(script, on: connection)
        try await body()
    }
}

@discardableResult
func query(_ connectionString: String, _ script: String) throws -> [String] {
    let connection = PQconnectdb(connectionString)
    defer { PQfinish(connection) }
    return try execute(script, on: connection)
}

@discardableResult
private func execute(_ script: String, on connection: OpaquePointer?) throws -> [String] {
    let result = PQexec(connection, script)
    defer { PQclear(result) }
    guard [PGRES_COMMAND_OK, PGRES_TUPLES_OK].contains(PQresultStatus(result)) else {
        throw SetupError(
            description: PQerrorMessage(connection).map { String(cString: $0) } ?? "no connection")
    }
    return (0..<PQntuples(result)).map { row in PQgetvalue(result, row, 0).map { String(cString: $0) } ?? "" }
}

struct SetupError: Error, CustomStringConvertible {
    let description: String
}
