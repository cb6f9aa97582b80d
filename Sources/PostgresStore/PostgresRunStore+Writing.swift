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

    private nonisolated func answer(to write: Write) async throws(StoreError) -> StoreAnswer {
        switch await queue.turn(of: write) {
        case .lead: try await writeBatch().get()
        case .answered(let result): try result.get()
        }
    }

    /// Writes the next batch of the queue and answers its callers, the first by the return.
    private func writeBatch() -> Result<StoreAnswer, StoreError> {
        let batch = queue.takeBatch()
        let results = results(of: batch.map(\.call))
        for (entry, result) in zip(batch, results).dropFirst() {
            entry.caller?.resume(returning: .answered(result))
        }
        return results[0]
    }

    /// What comes of each: of all in one transaction or, when that fails, of each in one of its own, so that only those
    /// fail that are to blame. What is refused once, over a new connection, is refused for all calls of its kind.
    private func results(of writes: [Write]) -> [Result<StoreAnswer, StoreError>] {
        do throws(StoreError) {
            return try results(of: WriteBatch(writes))
        } catch {
            guard writes.count > 1, error.reason != .unreachable else {
                return writes.map { _ in .failure(error) }
            }
        }
        var results: [Result<StoreAnswer, StoreError>] = []
        var refusals: [Write.Kind: StoreError] = [:]
        for (position, write) in writes.enumerated() {
            if let refusal = refusals[write.kind] {
                results.append(.failure(refusal))
                continue
            }
            do throws(StoreError) {
                results += try self.results(of: WriteBatch([write]))
            } catch  where error.reason == .unreachable {
                return results + writes[position...].map { _ in .failure(error) }
            } catch {
                if error.reason == .refused { refusals[write.kind] = error }
                results.append(.failure(error))
            }
        }
        return results
    }

    private func results(
        of batch: WriteBatch, keeps: Bool = true
    ) throws(StoreError) -> [Result<StoreAnswer, StoreError>] {
        try batch.results(from: transaction(batch.statements, keeps: keeps))
    }
}
