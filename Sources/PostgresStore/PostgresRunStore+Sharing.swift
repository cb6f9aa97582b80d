import BlockingThread
import Records

/// How calls that come at once share a transaction.
extension PostgresRunStore {
    nonisolated func answer(to write: Write) async throws(StoreError) -> StoreAnswer {
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

    func results(
        of batch: WriteBatch, keeps: Bool = true
    ) throws(StoreError) -> [Result<StoreAnswer, StoreError>] {
        try batch.results(from: transaction(batch.statements, keeps: keeps))
    }
}
