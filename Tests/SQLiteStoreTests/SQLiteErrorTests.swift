import CSQLite
import Records
import Testing

@testable import SQLiteStore

@Suite("what SQLite's errors mean")
struct SQLiteErrorTests {
    @Test(
        "each result code has a reason, a text without values and a hint",
        arguments: [
            (SQLITE_BUSY, "", StoreError.Reason.busy, "/r.sqlite is locked by another process"),
            (SQLITE_BUSY | 1 << 8, "", .busy, "/r.sqlite is locked by another process"),
            (SQLITE_READONLY, "", .refused, "/r.sqlite cannot be written"),
            (SQLITE_CANTOPEN, "", .refused, "/r.sqlite cannot be opened"),
            (SQLITE_FULL, "", .refused, "there is no space left for /r.sqlite"),
            (SQLITE_CORRUPT, "", .refused, "/r.sqlite is not a sound SQLite database"),
            (SQLITE_IOERR, "disk I/O error", .refused, "/r.sqlite cannot be read or written: disk I/O error"),
            (
                SQLITE_ERROR, "no such table: runs", .schema,
                "the schema of /r.sqlite does not fit this program: no such table: runs"
            ),
            (
                SQLITE_CONSTRAINT, "CHECK constraint failed: runs_finished", .defect,
                "/r.sqlite: CHECK constraint failed: runs_finished"
            ),
        ])
    func codes(code: Int32, text: String, reason: StoreError.Reason, message: String) {
        let error = StoreError(sqlite: code, text: text, path: "/r.sqlite")
        #expect(error.reason == reason)
        #expect(error.message == message)
        #expect(error.hint?.isEmpty == false)
    }
}
