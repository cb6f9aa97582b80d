import CLibpq
import Glibc
import PostgresStore
import Testing

/// The PostgreSQL server of the tests: `ALMANAC_TEST_DSN`, or the `PGHOST` and so on that `pg_virtualenv` exports.
enum TestServer {
    static let absence: Comment = """
        no PostgreSQL server: set ALMANAC_TEST_DSN, or run `pg_virtualenv -v 15 swift test`
        """

    static let isThere = variable("ALMANAC_TEST_DSN") != nil || variable("PGHOST") != nil

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

    var connectionString: String { TestServer.connectionString(database: name) }

    func openStore() throws -> PostgresRunStore {
        try PostgresRunStore(connectionString: connectionString, applicationName: "almanac test")
    }

    /// Runs SQL as an operator would, and answers the first column of its rows.
    @discardableResult
    func sql(_ script: String) throws -> [String] {
        try query(connectionString, script)
    }
}

/// Runs `body` with a database of its own, which is dropped afterwards, with connections that are left.
func withDatabase<Result>(_ body: (TestDatabase) async throws -> Result) async throws -> Result {
    let database = TestDatabase(name: "almanac_test_\(getpid())_\(UInt32.random(in: 0 ... .max))")
    let server = TestServer.connectionString(database: nil)
    try query(server, "create database \(database.name)")
    let result: Result
    do {
        result = try await body(database)
    } catch {
        try query(server, "drop database \(database.name) with (force)")
        throw error
    }
    try query(server, "drop database \(database.name) with (force)")
    return result
}

@discardableResult
private func query(_ connectionString: String, _ script: String) throws -> [String] {
    let connection = PQconnectdb(connectionString)
    defer { PQfinish(connection) }
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
