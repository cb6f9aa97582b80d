import CSQLite
import CivilTime
import Glibc
import RunModel

/// The owner of one open database file; used by one thread at a time.
@safe
final class SQLiteConnection {
    private let handle: OpaquePointer
    private let path: String

    /// Opens or makes the file at `path`; only its owner can read it.
    ///
    /// A statement waits for `busyTimeout` while another process is writing.
    init(path: String, busyTimeout: Duration) throws(StoreError) {
        try Self.makePrivateFile(at: path)
        var opened: OpaquePointer?
        let code = unsafe sqlite3_open_v2(path, &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nil)
        guard let opened = unsafe opened else { throw StoreError(sqlite: SQLITE_NOMEM, text: "", path: path) }
        guard code == SQLITE_OK else {
            let error = unsafe StoreError(
                sqlite: sqlite3_extended_errcode(opened), text: text(of: opened), path: path)
            unsafe sqlite3_close_v2(opened)
            throw error
        }
        unsafe handle = opened
        self.path = path
        unsafe sqlite3_extended_result_codes(handle, 1)
        unsafe sqlite3_busy_timeout(handle, Int32(clamping: busyTimeout.wholeMicroseconds / 1000))
        // Commits are synced to disk: a claim that is forgotten would be a run made twice.
        try execute(
            """
            pragma journal_mode = wal;
            pragma synchronous = full;
            pragma foreign_keys = on;
            pragma trusted_schema = off;
            """
        )
    }

    deinit {
        unsafe sqlite3_close_v2(handle)
    }

    /// Whether the file at the path is another one by now, or none.
    var hasMoved: Bool {
        var answer: Int32 = 0
        let code = unsafe sqlite3_file_control(handle, "main", SQLITE_FCNTL_HAS_MOVED, &answer)
        return code == SQLITE_OK && answer != 0
    }

    /// Runs statements that take and answer nothing.
    func execute(_ sql: String) throws(StoreError) {
        guard unsafe sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw lastError() }
    }

    /// Runs one statement and answers its rows.
    func rows(_ sql: String, _ parameters: [ColumnValue] = []) throws(StoreError) -> [[ColumnValue]] {
        var prepared: OpaquePointer?
        guard unsafe sqlite3_prepare_v2(handle, sql, -1, &prepared, nil) == SQLITE_OK,
            let prepared = unsafe prepared
        else { throw lastError() }
        let statement = unsafe SQLiteStatement(adopting: prepared)
        guard statement.bind(parameters) == SQLITE_OK else { throw lastError() }
        var rows: [[ColumnValue]] = []
        while true {
            switch statement.step() {
            case SQLITE_ROW: rows.append(statement.row())
            case SQLITE_DONE: return rows
            default: throw lastError()
            }
        }
    }

    /// Runs one statement and answers how many rows it changed.
    @discardableResult
    func change(_ sql: String, _ parameters: [ColumnValue]) throws(StoreError) -> Int {
        _ = try rows(sql, parameters)
        return Int(unsafe sqlite3_changes(handle))
    }

    /// Runs `body` in a transaction; it is rolled back when `body` throws or `keeps` is false.
    ///
    /// One that writes waits for its turn at the start: waiting later could only end in an error.
    func transaction<Result>(
        keeps: Bool = true, isReadOnly: Bool = false, _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try execute(isReadOnly ? "begin" : "begin immediate")
        do throws(StoreError) {
            let result = try body()
            try execute(keeps ? "commit" : "rollback")
            return result
        } catch {
            // SQLite rolls back by itself on some errors, and then refuses to do it again.
            if unsafe sqlite3_get_autocommit(handle) == 0 { try execute("rollback") }
            throw error
        }
    }

    private func lastError() -> StoreError {
        unsafe StoreError(sqlite: sqlite3_extended_errcode(handle), text: text(of: handle), path: path)
    }

    private static func makePrivateFile(at path: String) throws(StoreError) {
        // SQLite would make it with the process's umask; its `-wal` and `-shm` files take the mode of this
        // one.
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreError(opening: path, errno: errno) }
        close(descriptor)
    }
}

private func text(of handle: OpaquePointer) -> String {
    unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) } ?? ""
}

/// The owner of one prepared statement.
@safe
private struct SQLiteStatement: ~Copyable {
    private let handle: OpaquePointer

    init(adopting handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    deinit {
        unsafe sqlite3_finalize(handle)
    }

    func bind(_ parameters: [ColumnValue]) -> Int32 {
        var position: Int32 = 0
        for parameter in parameters {
            position += 1
            let code =
                switch parameter {
                case .null: unsafe sqlite3_bind_null(handle, position)
                case .integer(let number): unsafe sqlite3_bind_int64(handle, position, number)
                case .boolean(let value): unsafe sqlite3_bind_int64(handle, position, value ? 1 : 0)
                case .instant(let instant): unsafe sqlite3_bind_int64(handle, position, instant.microseconds)
                case .text(let text): bind(text, at: position)
                }
            guard code == SQLITE_OK else { return code }
        }
        return SQLITE_OK
    }

    private func bind(_ text: String, at position: Int32) -> Int32 {
        var text = text
        return text.withUTF8 { bytes in
            // -1 is SQLITE_TRANSIENT, a cast that Swift does not import: SQLite copies the bytes before it
            // returns.
            let transient = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            guard let start = bytes.baseAddress else {
                return unsafe sqlite3_bind_text(handle, position, "", 0, nil)
            }
            return unsafe start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                unsafe sqlite3_bind_text(handle, position, $0, Int32(bytes.count), transient)
            }
        }
    }

    func step() -> Int32 {
        unsafe sqlite3_step(handle)
    }

    /// The values of the row at hand.
    func row() -> [ColumnValue] {
        unsafe (0..<sqlite3_column_count(handle)).map { column in
            switch unsafe sqlite3_column_type(handle, column) {
            case SQLITE_NULL: return .null
            case SQLITE_INTEGER: return .integer(unsafe sqlite3_column_int64(handle, column))
            default:
                guard let start = unsafe sqlite3_column_text(handle, column) else { return .null }
                let count = Int(unsafe sqlite3_column_bytes(handle, column))
                let bytes = unsafe UnsafeBufferPointer(start: start, count: count)
                return .text(unsafe String(decoding: bytes, as: UTF8.self))
            }
        }
    }
}
