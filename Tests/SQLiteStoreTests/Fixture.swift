import CSQLite
import CivilTime
import Records
import RunStoreConformance
import SQLiteStore

/// What the clock of the stores under test says unless a test moves it.
let fixedNow = StoreBench.midnight

let purge = StoreBench.purge

/// Makes `purge` known to the store.
func register(in store: SQLiteRunStore) async throws {
    _ = try await store.register([JobRegistration(job: purge, configHash: "1")], by: nil, now: fixedNow)
}

/// Runs SQL on the file as an operator would, and answers a column of its rows.
@discardableResult
func sqlite(_ path: String, _ script: String, column: Int32 = 0) throws -> [String] {
    try withHandle(path) { try run(script, column: column, on: $0) }
}

/// Runs `body` while another connection is in the midst of `script`.
func holding(_ path: String, _ script: String, _ body: () async throws -> Void) async throws {
    var handle: OpaquePointer?
    sqlite3_open(path, &handle)
    defer { sqlite3_close_v2(handle) }
    try run(script, on: handle)
    try await body()
}

struct SetupError: Error, CustomStringConvertible {
    let description: String
}

private func withHandle<Result>(_ path: String, _ body: (OpaquePointer?) throws -> Result) throws -> Result {
    var handle: OpaquePointer?
    sqlite3_open(path, &handle)
    defer { sqlite3_close_v2(handle) }
    // The last of several connections that close at once holds the file for a moment.
    sqlite3_busy_timeout(handle, 10_000)
    return try body(handle)
}

@discardableResult
private func run(_ script: String, column: Int32 = 0, on handle: OpaquePointer?) throws -> [String] {
    var statement: OpaquePointer?
    guard sqlite3_prepare_v2(handle, script, -1, &statement, nil) == SQLITE_OK else {
        throw SetupError(description: String(cString: sqlite3_errmsg(handle)))
    }
    defer { sqlite3_finalize(statement) }
    var rows: [String] = []
    while true {
        switch sqlite3_step(statement) {
        case SQLITE_ROW: rows.append(sqlite3_column_text(statement, column).map { String(cString: $0) } ?? "")
        case SQLITE_DONE: return rows
        default: throw SetupError(description: String(cString: sqlite3_errmsg(handle)))
        }
    }
}
