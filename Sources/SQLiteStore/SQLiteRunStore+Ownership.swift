package import CivilTime
package import RunModel

/// What an owner writes about its runs: each a compare-and-set on identity, fence and a state that is not
/// finished.
extension SQLiteRunStore {
    package nonisolated func startAttempt(
        _ owned: OwnedRun, number: Int, at: Instant
    ) async throws(StoreError) -> Bool {
        try await write { store, connection throws(StoreError) in
            let changed = try connection.change(
                Statements.startAttempt, owned.key + [.integer(Int64(number)), .instant(at)])
            guard changed == 1 else { return false }
            try store.put(AttemptRecord(number: number, startedAt: at), of: owned, connection)
            return true
        }
    }

    package nonisolated func awaitRetry(
        _ owned: OwnedRun, attempt: AttemptRecord, retryAt: Instant
    ) async throws(StoreError) -> Bool {
        try await write { store, connection throws(StoreError) in
            let changed = try connection.change(
                Statements.awaitRetry, owned.key + [.instant(retryAt), ColumnValue(attempt.httpStatus)])
            guard changed == 1 else { return false }
            try store.put(attempt.storable, of: owned, connection)
            return true
        }
    }

    package nonisolated func finish(
        _ owned: OwnedRun, _ completion: Completion
    ) async throws(StoreError) -> Bool {
        try await write { store, connection throws(StoreError) in
            let end = completion.storable
            let changed = try connection.change(
                Statements.finish,
                owned.key + [
                    .text(end.outcome.rawValue), ColumnValue(end.reason?.rawValue), ColumnValue(end.detail),
                    .instant(end.finishedAt), ColumnValue(end.httpStatus), ColumnValue(end.responseBytes),
                    ColumnValue(end.responseExcerpt), end.startedAt.map { .instant($0) } ?? .null,
                ])
            guard changed == 1 else {
                return try !connection.rows(Statements.isFinishedBy, owned.key + [.instant(end.finishedAt)])
                    .isEmpty
            }
            if let attempt = end.attempt { try store.put(attempt, of: owned, connection) }
            return true
        }
    }

    package func renew(_ owned: [OwnedRun], lease: Duration) throws(StoreError) -> [RunID] {
        try transaction { connection throws(StoreError) in
            let until = now + lease
            var lost: [RunID] = []
            for run in owned
            where try connection.change(Statements.renew, run.key + [.instant(until)]) == 0 {
                lost.append(run.id)
            }
            return lost
        }
    }

    /// Writes an attempt, also one that is there already.
    func put(
        _ attempt: AttemptRecord, of owned: OwnedRun, _ connection: SQLiteConnection
    ) throws(StoreError) {
        try connection.change(Statements.putAttempt, [.text(owned.id.description)] + attempt.columnValues)
    }
}

extension OwnedRun {
    /// What each write of an owner compares.
    fileprivate var key: [ColumnValue] { [.text(id.description), .integer(fence)] }
}
