package import CivilTime
package import RunModel

/// What an owner writes about its runs: each a compare-and-set on identity, fence and a state that is not
/// finished.
extension SQLiteRunStore {
    package func startAttempt(_ owned: OwnedRun, number: Int, at: Instant) throws(StoreError) -> Bool {
        try transaction { connection throws(StoreError) in
            let changed = try connection.change(
                Statements.startAttempt, key(owned) + [.integer(Int64(number)), .instant(at)])
            guard changed == 1 else { return false }
            try put(AttemptRecord(number: number, startedAt: at), of: owned, connection)
            return true
        }
    }

    package func awaitRetry(
        _ owned: OwnedRun, attempt: AttemptRecord, retryAt: Instant
    ) throws(StoreError) -> Bool {
        try transaction { connection throws(StoreError) in
            let changed = try connection.change(
                Statements.awaitRetry, key(owned) + [.instant(retryAt), ColumnValue(attempt.httpStatus)])
            guard changed == 1 else { return false }
            try put(attempt.storable, of: owned, connection)
            return true
        }
    }

    package func finish(_ owned: OwnedRun, _ completion: Completion) throws(StoreError) -> Bool {
        try transaction { connection throws(StoreError) in
            let end = completion.storable
            let changed = try connection.change(
                Statements.finish,
                key(owned) + [
                    .text(end.outcome.rawValue), ColumnValue(end.reason?.rawValue), ColumnValue(end.detail),
                    .instant(end.finishedAt), ColumnValue(end.httpStatus), ColumnValue(end.responseBytes),
                    ColumnValue(end.responseExcerpt),
                ])
            guard changed == 1 else {
                return try !connection.rows(Statements.isFinishedBy, key(owned) + [.instant(end.finishedAt)])
                    .isEmpty
            }
            if let attempt = end.attempt { try put(attempt, of: owned, connection) }
            return true
        }
    }

    package func renew(_ owned: [OwnedRun], lease: Duration) throws(StoreError) -> [RunID] {
        try transaction { connection throws(StoreError) in
            let until = now + lease
            var lost: [RunID] = []
            for run in owned where try connection.change(Statements.renew, key(run) + [.instant(until)]) == 0
            {
                lost.append(run.id)
            }
            return lost
        }
    }

    private func key(_ owned: OwnedRun) -> [ColumnValue] {
        [.text(owned.id.description), .integer(owned.fence)]
    }

    func put(
        _ attempt: AttemptRecord, of owned: OwnedRun, _ connection: SQLiteConnection
    ) throws(StoreError) {
        try connection.change(Statements.putAttempt, [.text(owned.id.description)] + attempt.columnValues)
    }
}
