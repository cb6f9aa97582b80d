import BlockingThread
package import CivilTime
package import RunModel

/// The methods that write rows of runs: calls that come at once share transactions.
extension PostgresRunStore {
    package nonisolated func claim(_ claim: Claim, rehearse: Bool) async throws(StoreError) -> ClaimAnswer {
        let write = Write(claim)
        // What is rolled back goes alone.
        let answer = try await rehearse ? rehearsal(of: write) : answer(to: write)
        guard case .claim(let answer) = answer else { preconditionFailure("no answer to a claim") }
        return answer
    }

    package nonisolated func startAttempt(
        _ owned: OwnedRun, number: Int, at: Instant
    ) async throws(StoreError) -> Bool {
        try await change(
            Write(
                .startAttempt, of: owned, ["attempts": ColumnValue(number), "started_at": .instant(at)],
                AttemptRecord(number: number, startedAt: at)))
    }

    package nonisolated func awaitRetry(
        _ owned: OwnedRun, attempt: AttemptRecord, retryAt: Instant
    ) async throws(StoreError) -> Bool {
        try await change(
            Write(
                .awaitRetry, of: owned,
                ["retry_at": .instant(retryAt), "http_status": ColumnValue(attempt.httpStatus)],
                attempt.storable))
    }

    package nonisolated func finish(
        _ owned: OwnedRun, _ completion: Completion
    ) async throws(StoreError) -> Bool {
        let end = completion.storable
        return try await change(
            Write(
                .finish, of: owned,
                [
                    "outcome": .text(end.outcome.rawValue), "reason": ColumnValue(end.reason?.rawValue),
                    "detail": ColumnValue(end.detail), "finished_at": .instant(end.finishedAt),
                    "http_status": ColumnValue(end.httpStatus),
                    "response_bytes": ColumnValue(end.responseBytes),
                    "response_excerpt": ColumnValue(end.responseExcerpt),
                    "started_at": end.startedAt.map { .instant($0) } ?? .null,
                ], end.attempt))
    }

    @discardableResult
    package nonisolated func record(
        _ decisions: [RunRecord]
    ) async throws(StoreError) -> [RunID: Instant] {
        guard case .record(let leftOut) = try await answer(to: Write(recording: decisions)) else {
            preconditionFailure("no answer to a record")
        }
        return leftOut
    }

    private nonisolated func change(_ write: Write) async throws(StoreError) -> Bool {
        guard case .change(let isOwned) = try await answer(to: write) else {
            preconditionFailure("no answer to a change")
        }
        return isOwned
    }

    private nonisolated func answer(to write: Write) async throws(StoreError) -> WriteAnswer {
        switch await queue.turn(of: write) {
        case .lead: try await writeBatch().get()
        case .answered(let result): try result.get()
        }
    }

    /// Writes the next batch of the queue and answers its callers, the first by the return.
    private func writeBatch() -> Result<WriteAnswer, StoreError> {
        let batch = queue.takeBatch()
        let results = results(of: batch.map(\.call))
        for (entry, result) in zip(batch, results).dropFirst() {
            entry.caller?.resume(returning: .answered(result))
        }
        return results[0]
    }

    /// What comes of each: of all in one transaction or, when that fails, of each in one of its own, so that only those
    /// fail that are to blame. What is refused once, over a new connection, is refused for all calls of its kind.
    private func results(of writes: [Write]) -> [Result<WriteAnswer, StoreError>] {
        do throws(StoreError) {
            return try results(of: WriteBatch(writes))
        } catch {
            guard writes.count > 1, error.reason != .unreachable else {
                return writes.map { _ in .failure(error) }
            }
        }
        var results: [Result<WriteAnswer, StoreError>] = []
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
    ) throws(StoreError) -> [Result<WriteAnswer, StoreError>] {
        try batch.results(from: transaction(batch.statements, keeps: keeps))
    }

    private func rehearsal(of write: Write) throws(StoreError) -> WriteAnswer {
        try results(of: WriteBatch([write]), keeps: false)[0].get()
    }
}
