import CSQLite
import CivilTime
import Glibc
import Records

/// The owner of one open database file; used by one thread at a time.
@safe
final class SQLiteConnection {
    private let handle: OpaquePointer
    private let path: String
    /// The statements that were run, by their text: preparing one takes longer than most take to run.
    private var prepared: [String: SQLiteStatement] = [:]

    /// More than the program has; one that makes its texts anew must not fill memory.
    private static let preparedMax = 128

    /// The path of a database that is in no file.
    static let inMemory = ":memory:"

    /// Opens or makes the file at `path`; only its owner can read it.
    ///
    /// A statement waits for `busyTimeout` while another process is writing. What is not synced may be gone when the machine
    /// fails, though the file stays whole.
    init(path: String, busyTimeout: Duration, isSynced: Bool = true) throws(StoreError) {
        if path != Self.inMemory { try Self.makePrivateFile(at: path) }
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
            pragma synchronous = \(isSynced ? "full" : "normal");
            pragma foreign_keys = on;
            pragma trusted_schema = off;
            """
        )
    }

    deinit {
        // It lives on until its statements are gone, which are next.
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
        let statement = try statement(sql)
        // Also after a failure: a statement that is not at its end holds its transaction open.
        defer { statement.reset() }
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

    private func statement(_ sql: String) throws(StoreError) -> SQLiteStatement {
        if let known = prepared[sql] { return known }
        var opened: OpaquePointer?
        let code = unsafe sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &opened, nil)
        guard code == SQLITE_OK, let opened = unsafe opened else { throw lastError() }
        let statement = unsafe SQLiteStatement(adopting: opened)
        if prepared.count >= Self.preparedMax { prepared = [:] }
        prepared[sql] = statement
        return statement
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

    /// Runs `body` as a part of a transaction; nothing of the part lasts when `body` throws.
    ///
    /// Throws when the whole transaction is lost with it.
    func part<Result>(
        _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Swift.Result<Result, StoreError> {
        _ = try rows("savepoint part")
        do throws(StoreError) {
            let result = try body()
            _ = try rows("release part")
            return .success(result)
        } catch {
            // On some errors SQLite rolls back the transaction by itself, or can undo nothing less.
            guard unsafe sqlite3_get_autocommit(handle) == 0 else { throw error }
            do throws(StoreError) {
                _ = try rows("rollback to part")
                _ = try rows("release part")
            } catch _ {
                throw error
            }
            return .failure(error)
        }
    }

    private func lastError() -> StoreError {
        unsafe StoreError(sqlite: sqlite3_extended_errcode(handle), text: text(of: handle), path: path)
    }

    private static func makePrivateFile(at path: String) throws(StoreError) {
        // SQLite would make it with the process's umask; its `-wal` and `-shm` files take the mode of this
        // one. One that is there is not opened: to close it would end the locks of this process's other connections
        // (fcntl(2)), and whoever else closes the file would then remove what they have written.
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if descriptor >= 0 {
            close(descriptor)
        } else if unsafe errno != EEXIST || access(path, R_OK | W_OK) != 0 {
            throw StoreError(opening: path, errno: errno)
        } else {
            try checkOwner(of: path)
        }
    }

    /// Refuses a file of somebody else, who could change the records; root may look at those of a directory's owner.
    private static func checkOwner(of path: String) throws(StoreError) {
        let parent = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(
            separator: "/")
        var (file, directory) = (stat(), stat())
        guard unsafe stat(path, &file) == 0, file.st_uid != geteuid(),
            unsafe geteuid() != 0 || stat(parent.isEmpty ? "." : parent, &directory) != 0
                || directory.st_uid != file.st_uid
        else { return }
        throw StoreError(
            .refused, "\(path) belongs to another user (uid \(file.st_uid), and this is uid \(geteuid()))",
            hint: "chown \(geteuid()) \(path), or set ALMANAC_STATE_DIRECTORY to a directory of this user")
    }
}

private func text(of handle: OpaquePointer) -> String {
    unsafe sqlite3_errmsg(handle).map { unsafe String(cString: $0) } ?? ""
}
