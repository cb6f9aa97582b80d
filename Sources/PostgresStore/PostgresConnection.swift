import CLibpq
import Glibc
import Records

/// A statement with its parameters as texts; nil is null.
struct Statement {
    var sql: String
    var parameters: [String?] = []
}

/// The owner of one connection; used by one thread at a time.
///
/// Nothing here outlives a transaction on the server, so that it works behind a pooler that gives each
/// transaction another server connection: no session settings, no named statements.
@safe
final class PostgresConnection {
    private let handle: OpaquePointer

    /// How long the server may keep us waiting for an answer: more than its own statement timeout, which a server that is stopped
    /// or cut off does not enforce.
    private let answerTimeout: Duration

    /// The host's and the network's silence are noticed within seconds, unless the string says otherwise.
    private static let defaults = [
        ("connect_timeout", "5"), ("keepalives_idle", "15"), ("keepalives_interval", "5"),
        ("keepalives_count", "3"),
        ("tcp_user_timeout", "20000"),
    ]

    init(
        _ string: ConnectionString, applicationName: String, answerTimeout: Duration = .seconds(30)
    ) throws(StoreError) {
        self.answerTimeout = answerTimeout
        let options =
            [("fallback_application_name", applicationName)] + Self.defaults
            + [("dbname", string.text), ("client_encoding", "UTF8")]
        let opened = unsafe withCStrings(options.map(\.0)) { keywords in
            unsafe withCStrings(options.map(\.1)) { values in unsafe PQconnectdbParams(keywords, values, 1) }
        }
        guard let opened = unsafe opened else {
            throw StoreError(.busy, "there was no memory for a connection")
        }
        guard unsafe PQstatus(opened) == CONNECTION_OK, unsafe PQsetnonblocking(opened, 1) == 0 else {
            let message = unsafe PQerrorMessage(opened).map { unsafe String(cString: $0) } ?? ""
            unsafe PQfinish(opened)
            throw StoreError(connecting: string.masking(message))
        }
        // Notices would go to standard error.
        unsafe PQsetNoticeProcessor(opened, { _, _ in }, nil)
        unsafe handle = opened
    }

    deinit {
        unsafe PQfinish(handle)
    }

    /// Whether the connection can be used; notices that the server closed it since the last use.
    var isAlive: Bool {
        // The server's last words and the end of the stream can need a read each.
        for _ in 1...3 where wait(for: Int16(POLLIN), until: .now) {
            if unsafe PQconsumeInput(handle) == 0 { return false }
        }
        return unsafe PQstatus(handle) == CONNECTION_OK
    }

    /// Whether a transaction was left open.
    var isInTransaction: Bool {
        unsafe PQtransactionStatus(handle) != PQTRANS_IDLE
    }

    /// Sends the statements together and answers the rows of each: one round trip.
    ///
    /// After a failure the server skips the statements that follow it.
    func pipeline(_ statements: [Statement]) throws(StoreError) -> [[[ColumnValue]]] {
        guard unsafe PQenterPipelineMode(handle) == 1 else { throw broken() }
        for statement in statements {
            let sent = unsafe withCStrings(statement.parameters) { values in
                unsafe PQsendQueryParams(
                    handle, statement.sql, Int32(statement.parameters.count), nil, values, nil, nil, 1)
            }
            guard sent == 1 else { throw broken() }
        }
        guard unsafe PQpipelineSync(handle) == 1 else { throw broken() }
        let answers = try receive(until: PGRES_PIPELINE_SYNC)
        guard unsafe PQexitPipelineMode(handle) == 1 else { throw broken() }
        return answers
    }

    /// Runs a script of several statements without parameters, which answer nothing.
    func execute(_ script: String) throws(StoreError) {
        guard unsafe PQsendQuery(handle, script) == 1 else { throw broken() }
        _ = try receive(until: nil)
    }

    /// Reads results until one has the status `end`, or until there are no more when that is nil.
    private func receive(until end: ExecStatusType?) throws(StoreError) -> [[[ColumnValue]]] {
        let deadline = ContinuousClock.now + answerTimeout
        var answers: [[[ColumnValue]]] = []
        var failure: StoreError?
        while true {
            try awaitResult(until: deadline)
            guard let raw = unsafe PQgetResult(handle) else {
                // In a pipeline, the mark between the results of two statements.
                if unsafe end == nil || PQstatus(handle) != CONNECTION_OK { break }
                continue
            }
            let result = unsafe PostgresResult(adopting: raw)
            if result.status == end { break }
            switch result.status {
            case PGRES_TUPLES_OK:
                // Also after a failure all results are read, so that the connection can be used again.
                do throws(StoreError) { answers.append(try result.rows()) } catch {
                    failure = failure ?? error
                }
            case PGRES_COMMAND_OK: answers.append([])
            case PGRES_PIPELINE_ABORTED: break
            default: failure = failure ?? result.error
            }
        }
        if unsafe PQstatus(handle) != CONNECTION_OK { throw broken() }
        if let failure { throw failure }
        return answers
    }

    /// Sends what is left to send and reads until a result is complete.
    private func awaitResult(until deadline: ContinuousClock.Instant) throws(StoreError) {
        while true {
            let unsent = unsafe PQflush(handle)
            if unsent < 0 { throw broken() }
            if unsent == 0, unsafe PQisBusy(handle) == 0 { return }
            guard wait(for: Int16(POLLIN) | (unsent > 0 ? Int16(POLLOUT) : 0), until: deadline) else {
                unsafe shutdown(PQsocket(handle), Int32(SHUT_RDWR))
                unsafe PQconsumeInput(handle)
                throw StoreError(.unreachable, "the database did not answer within \(answerTimeout)")
            }
            if unsafe PQconsumeInput(handle) == 0 { throw broken() }
        }
    }

    /// Waits until the socket is ready; false when the deadline comes first.
    private func wait(for events: Int16, until deadline: ContinuousClock.Instant) -> Bool {
        var socket = pollfd(fd: unsafe PQsocket(handle), events: events, revents: 0)
        while true {
            let left = max(.zero, deadline - .now).components
            let milliseconds = left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000
            let ready = unsafe poll(&socket, 1, Int32(clamping: milliseconds))
            if ready >= 0 || errno != EINTR { return ready != 0 }
        }
    }

    private func broken() -> StoreError {
        StoreError(
            .unreachable, "the connection to the database broke", hint: "it is made again at the next call")
    }
}

/// Calls `body` with the texts as C strings and a null pointer after the last; nil is a null pointer.
func withCStrings<Result>(
    _ texts: [String?], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result
) -> Result {
    var pointers: [UnsafePointer<CChar>?] = unsafe []
    for text in texts { unsafe pointers.append(text.flatMap { unsafe UnsafePointer(strdup($0)) }) }
    unsafe pointers.append(nil)
    defer { unsafe pointers.forEach { unsafe free(UnsafeMutablePointer(mutating: $0)) } }
    return unsafe pointers.withUnsafeBufferPointer { buffer in
        guard let start = buffer.baseAddress else {
            preconditionFailure("an array of one or more has an address")
        }
        return unsafe body(start)
    }
}
