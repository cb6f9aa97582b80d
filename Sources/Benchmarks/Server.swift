import CLibpq

/// A connection for questions about the server.
final class Server {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private let connection: OpaquePointer

    init(_ address: String) throws {
        guard let opened = PQconnectdb(address) else { throw Failure(description: "no memory") }
        connection = opened
    }

    deinit {
        PQfinish(connection)
    }

    /// The first column of what a statement answers.
    @discardableResult
    func column(_ sql: String) throws -> [String] {
        let result = PQexec(connection, sql)
        defer { PQclear(result) }
        guard [PGRES_COMMAND_OK, PGRES_TUPLES_OK].contains(PQresultStatus(result)) else {
            let message = PQerrorMessage(connection).map { String(cString: $0) }
            throw Failure(description: message ?? "no connection")
        }
        return (0..<PQntuples(result)).map { row in
            PQgetvalue(result, row, 0).map { String(cString: $0) } ?? ""
        }
    }

    func value(_ sql: String) throws -> String { try column(sql).first ?? "" }

    func number(_ sql: String) throws -> Double { Double(try value(sql)) ?? 0 }
}
