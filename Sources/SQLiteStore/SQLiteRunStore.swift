import BlockingThread
package import CivilTime
import Records

/// Runs recorded in a file of this host, in SQLite; each change is on disk when its method returns.
///
/// Each method is one transaction; calls that write runs or the journal and come while another is under way share
/// the next (`BatchQueue`), and its flush to disk.
///
/// The file is opened, made and migrated by the first call that needs it, and again after a failure of the
/// file, so that a full or read-only disk is survived without a restart.
package actor SQLiteRunStore: RunStore {
    private let executor = ThreadExecutor()
    private let path: String
    private let busyTimeout: Duration
    private let isSynced: Bool
    private let clock: @Sendable () -> Instant
    let madeAnew: (@Sendable () -> Void)?
    /// The last number of a journal that is made anew; nil when none is.
    var lastNumber: ColumnValue?
    private var connection: SQLiteConnection?
    private var isMigrated = false
    typealias WriteResult = Result<any Sendable, StoreError>
    nonisolated let queue = BatchQueue<Write, WriteResult>()
    /// How many transactions that write were begun; for measurements.
    package private(set) var transactions = 0

    /// The store in the file at `path`; `clock` tells the wall clock's time, by which leases run out.
    ///
    /// Each change is on disk when its method returns, unless `isSynced` is false: then it outlives the process alone.
    /// A call waits for `busyTimeout` while another process is writing, and then throws `busy`. A file that was removed or
    /// replaced is an error to every call; with `madeAnew` only while its journal holds something: an empty one is made
    /// anew, and `madeAnew` called.
    package init(
        path: String, busyTimeout: Duration = .seconds(5), isSynced: Bool = true,
        clock: @escaping @Sendable () -> Instant,
        madeAnew: (@Sendable () -> Void)? = nil
    ) {
        self.path = path
        self.busyTimeout = busyTimeout
        self.isSynced = isSynced
        self.clock = clock
        self.madeAnew = madeAnew
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Closes the file; a later call opens it again.
    package func close() {
        connection = nil
        isMigrated = false
    }

    var now: Instant { clock() }

    /// Runs `body` in a transaction on a file whose schema fits; nothing of it lasts when it throws or
    /// `keeps` is false.
    func transaction<Result>(
        keeps: Bool = true, isReadOnly: Bool = false,
        _ body: (SQLiteConnection) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try withConnection { connection throws(StoreError) in
            if !isMigrated {
                try SQLiteMigrator.prepare(connection, now: now)
                if let lastNumber { try number(connection, after: lastNumber) }
                isMigrated = true
            }
            if !isReadOnly { transactions += 1 }
            return try connection.transaction(keeps: keeps, isReadOnly: isReadOnly) {
                () throws(StoreError) in
                try body(connection)
            }
        }
    }

    /// Runs `body` on the file as it is; a failure of the file closes it, so that the next call starts
    /// afresh.
    func withConnection<Result>(
        _ body: (SQLiteConnection) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        // The connection is kept: a new file in the old one's place would know nothing of what ran.
        if let old = connection, old.hasMoved, try !makeAnewIfEmpty(old) {
            throw StoreError(
                .refused, "the file \(path) was removed or replaced",
                hint: "put it back, or restart the daemon")
        }
        do throws(StoreError) {
            let open =
                if let connection { connection } else {
                    try SQLiteConnection(path: path, busyTimeout: busyTimeout, isSynced: isSynced)
                }
            connection = open
            return try body(open)
        } catch {
            if [.refused, .schema].contains(error.reason) { close() }
            throw error
        }
    }
}
