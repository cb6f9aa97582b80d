import BlockingThread
import CLibpq
package import Records

/// Asks a database of somebody else's one question, in a transaction that can change nothing.
package actor PostgresReader {
    private let executor = ThreadExecutor()
    private let string: ConnectionString
    private let applicationName: String

    /// How long the database may take for an answer.
    private static let statementTimeoutMilliseconds = 8000

    /// A reader of the database behind a libpq connection string.
    package init(connectionString: String, applicationName: String) throws(StoreError) {
        string = try ConnectionString(connectionString)
        self.applicationName = applicationName
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// The first value of the first row, as text, which is nil when it is null or there is no row; and how many rows there are.
    package func answer(to statement: String) throws(StoreError) -> (value: String?, rows: Int) {
        let options = [
            ("fallback_application_name", applicationName), ("connect_timeout", "5"), ("dbname", string.text),
            ("client_encoding", "UTF8"),
        ]
        let opened = unsafe withCStrings(options.map(\.0)) { keywords in
            unsafe withCStrings(options.map(\.1)) { values in unsafe PQconnectdbParams(keywords, values, 1) }
        }
        guard let connection = unsafe opened else {
            throw StoreError(.busy, "there was no memory for a connection")
        }
        defer { unsafe PQfinish(connection) }
        guard unsafe PQstatus(connection) == CONNECTION_OK else {
            let message = unsafe PQerrorMessage(connection).map { unsafe String(cString: $0) } ?? ""
            throw StoreError(connecting: string.masking(message))
        }
        unsafe PQsetNoticeProcessor(connection, { _, _ in }, nil)
        _ = try unsafe Self.first(
            "begin transaction read only; set local statement_timeout = \(Self.statementTimeoutMilliseconds)",
            isSeveral: true, connection)
        let answer = try unsafe Self.first(statement, isSeveral: false, connection)
        // What the server does with the end of a transaction that only read matters to nobody.
        _ = try? unsafe Self.first("rollback", isSeveral: true, connection)
        return answer
    }

    /// Runs it; only with parameters, of which there are none, the server refuses a second statement behind the first.
    private static func first(
        _ statement: String, isSeveral: Bool, _ connection: OpaquePointer
    ) throws(StoreError) -> (value: String?, rows: Int) {
        let result =
            isSeveral
            ? unsafe PQexec(connection, statement)
            : unsafe PQexecParams(connection, statement, 0, nil, nil, nil, nil, 0)
        guard let result = unsafe result else {
            throw StoreError(.unreachable, "the database does not answer")
        }
        let answer = unsafe PostgresResult(adopting: result)
        guard answer.status == PGRES_TUPLES_OK || answer.status == PGRES_COMMAND_OK else {
            // Of somebody's own statement the server's words say more than ours of a schema.
            throw StoreError(.refused, answer.message)
        }
        return (answer.firstText, answer.rowCount)
    }
}
