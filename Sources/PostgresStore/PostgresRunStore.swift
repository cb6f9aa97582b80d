import BlockingThread
package import Records
import Synchronization

/// Runs recorded in PostgreSQL, the record that all hosts share; its clock decides when a lease has run out.
///
/// Each method is one transaction, sent together in one round trip over one connection; calls that write runs and come
/// while another is under way share the next (`BatchQueue`). A connection that is lost, or on which the database
/// refused something, is made again by the next call, after a growing pause when the last try failed. The schema is
/// never changed by the way: that is `migrateUp`.
package actor PostgresRunStore: RunStore {
    private let executor = ThreadExecutor()
    private let string: ConnectionString
    /// Where it is, as people call it, without a secret: `PostgreSQL almanac@db.example.org`.
    package nonisolated var place: String { "PostgreSQL " + string.place }
    private let applicationName: String
    /// Of each transaction.
    let settings: Statement
    let queue = BatchQueue<Write, Result<StoreAnswer, StoreError>>()
    private var connection: PostgresConnection?
    private let made = Atomic(0)
    /// How many connections were made so far.
    package nonisolated var connectionsMade: Int { made.load(ordering: .acquiring) }
    private let answerTimeout: Duration
    private var backoff = Backoff()
    /// Whether only the database that was met is written to, and which that is; nil until it has answered.
    private var isFaithful = false
    private var met: String?
    /// How many transactions were sent, each in one round trip; for measurements.
    package private(set) var roundTrips = 0

    /// The store behind a libpq connection string, a URI or keywords and values; throws when it cannot be
    /// read.
    ///
    /// No connection is made before the first call. `applicationName` is what the server's lists show of it.
    /// The server gives a statement up after `statementTimeout`; one that has not answered after `answerTimeout` is given up.
    package init(
        connectionString: String, applicationName: String, statementTimeout: Duration = .seconds(10),
        answerTimeout: Duration = .seconds(30)
    ) throws(StoreError) {
        self.answerTimeout = answerTimeout
        string = try ConnectionString(connectionString)
        self.applicationName = applicationName
        settings = Statements.settings(statementTimeout: statementTimeout)
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Closes the connection; a later call makes it again.
    package func close() {
        connection = nil
    }

    /// Runs the statements as one transaction and answers the rows of each; it is rolled back when `keeps` is
    /// false.
    func transaction(
        _ statements: Statement..., keeps: Bool = true, isReadOnly: Bool = false
    ) throws(StoreError) -> [[[ColumnValue]]] {
        try transaction(statements, keeps: keeps, isReadOnly: isReadOnly)
    }

    func transaction(
        _ statements: [Statement], keeps: Bool = true, isReadOnly: Bool = false
    ) throws(StoreError) -> [[[ColumnValue]]] {
        try withConnection { connection throws(StoreError) in
            let begin = isReadOnly ? Statements.beginReading : Statements.beginWriting
            let end = Statement(sql: keeps ? "commit" : "rollback")
            // A pooler may let somebody read elsewhere.
            let faith =
                isFaithful && !isReadOnly ? [Statement(sql: Statements.isTheSame, parameters: [met])] : []
            roundTrips += 1
            do throws(StoreError) {
                let answers = try connection.pipeline([begin, settings] + faith + statements + [end])
                if !faith.isEmpty, case .text(let identity)? = answers[2].first?.first { met = identity }
                return Array(answers.dropFirst(2 + faith.count).dropLast())
            } catch  where error.isOfReadOnlyDatabase && !isReadOnly {
                guard beginsAllTheSame(on: connection) else { throw error }
                roundTrips += 1
                return try connection.pipeline(statements + [end]).dropLast()
            }
        }
    }

    package func meet() -> Bool {
        let before = met
        (isFaithful, met) = (true, nil)
        // One that does not answer says why to the next question.
        _ = try? transaction()
        guard let met else {
            met = before
            return false
        }
        return before.map { $0 != met } ?? false
    }

    /// Begins a transaction that writes on a server connection which somebody else, before us at the pooler, left
    /// read-only; false when it is a standby, or an operator's wish.
    private func beginsAllTheSame(on connection: PostgresConnection) -> Bool {
        guard endsTransaction(of: connection) else { return false }
        roundTrips += 1
        do throws(StoreError) {
            return try connection.pipeline([
                Statements.beginWritingAllTheSame, settings, Statements.isLeftReadOnly,
            ])[2] == [[.boolean(true)]]
        } catch {
            // As a standby does; the first error says what is wrong.
            return false
        }
    }

    /// Runs `body` on a live connection, and leaves no transaction open after a failure.
    func withConnection<Result>(
        _ body: (PostgresConnection) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        let connection = try connected()
        do throws(StoreError) {
            return try body(connection)
        } catch {
            // After a break nobody knows what was left in the connection. One that was refused may never work
            // again: it may lead to a standby, or have begun while the database was read-only.
            if [.unreachable, .refused].contains(error.reason) || !endsTransaction(of: connection) {
                close()
            }
            throw error
        }
    }

    /// Rolls back what a failure left open; false when the connection is of no use any more.
    private func endsTransaction(of connection: PostgresConnection) -> Bool {
        guard connection.isInTransaction else { return connection.isAlive }
        do throws(StoreError) {
            _ = try connection.pipeline([Statement(sql: "rollback")])
            return !connection.isInTransaction
        } catch {
            return false
        }
    }

    private func connected() throws(StoreError) -> PostgresConnection {
        if let connection, connection.isAlive { return connection }
        connection = nil
        if let error = backoff.refusal(at: .now) { throw error }
        do throws(StoreError) {
            let made = try PostgresConnection(
                string, applicationName: applicationName, answerTimeout: answerTimeout)
            connection = made
            self.made.add(1, ordering: .releasing)
            backoff = Backoff()
            return made
        } catch {
            backoff.failed(error, at: .now)
            throw error
        }
    }
}

/// The pause before a connection is tried again: it doubles with each failure, up to a limit.
private struct Backoff {
    private static let shortest = Duration.milliseconds(100)
    /// Long enough to leave a database that starts in peace, short beside any lease.
    private static let longest = Duration.seconds(5)

    private var pause = shortest
    private var last: (error: StoreError, until: ContinuousClock.Instant)?

    /// The error of the last try, while it is too early for the next.
    func refusal(at now: ContinuousClock.Instant) -> StoreError? {
        guard let last, now < last.until else { return nil }
        return last.error
    }

    mutating func failed(_ error: StoreError, at now: ContinuousClock.Instant) {
        last = (error, now + pause)
        pause = min(pause * 2, Self.longest)
    }
}
