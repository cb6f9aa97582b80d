import BlockingThread
import CivilTime
package import Records
import RunModel

/// The methods that write rows of runs: calls that come at once share transactions.
extension PostgresRunStore {
    package nonisolated func perform(_ write: StoreWrite) async throws(StoreError) -> StoreAnswer {
        switch write {
        case .register(let jobs, let host, let now):
            return .registered(try await makeKnown(jobs, by: host, now: now))
        case .note(let events):
            try await keep(events)
            return .noted
        case .claim(let claim): return try await answer(to: Write(claim))
        case .startAttempt(let owned, let number, let at):
            return try await answer(
                to: Write(
                    .startAttempt, of: owned, ["attempts", "started_at"],
                    [ColumnValue(number), .instant(at)], AttemptRecord(number: number, startedAt: at)))
        case .awaitRetry(let owned, let attempt, let retryAt):
            return try await answer(
                to: Write(
                    .awaitRetry, of: owned, ["retry_at", "http_status"],
                    [.instant(retryAt), ColumnValue(attempt.httpStatus)], attempt.storable))
        case .finish(let owned, let completion):
            let end = completion.storable
            return try await answer(
                to: Write(.finish, of: owned, Completion.columns, end.columnValues, end.attempt))
        case .record(let rows): return try await answer(to: Write(recording: rows))
        }
    }

    /// What is rolled back goes alone.
    package func rehearse(_ claim: Claim) throws(StoreError) -> ClaimAnswer {
        let answers = try results(of: WriteBatch([Write(claim)]), keeps: false)
        guard case .claim(let answer) = try answers[0].get() else {
            preconditionFailure("no answer to a claim")
        }
        return answer
    }
}
