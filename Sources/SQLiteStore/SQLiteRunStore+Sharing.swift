import BlockingThread
import Records

/// A call that writes, alone or in one transaction with others.
struct Write: BatchedCall {
    typealias Body =
        @Sendable (isolated SQLiteRunStore, SQLiteConnection) throws(StoreError) -> any Sendable

    let rowCount: Int
    /// Made within a transaction, and again in another when that one was rolled back.
    let body: Body

    /// None: each call of a batch sees what those before it wrote.
    var subjects: [Never] { [] }
}

/// How calls that come at once share a transaction, and so a flush to disk.
extension SQLiteRunStore {
    /// Makes a call in the next transaction, with the others that wait for it, in the order in which they came.
    ///
    /// Nothing of the call lasts when it throws; the others of its transaction do. When the transaction itself
    /// fails, all of them do.
    nonisolated func write<Answer: Sendable>(
        rowCount: Int = 1,
        _ body: @escaping @Sendable (isolated SQLiteRunStore, SQLiteConnection) throws(StoreError) -> Answer
    ) async throws(StoreError) -> Answer {
        let write = Write(rowCount: rowCount) { store, connection throws(StoreError) in
            try body(store, connection)
        }
        let result =
            switch await queue.turn(of: write) {
            case .lead: await writeBatch()
            case .answered(let result): result
            }
        guard let answer = try result.get() as? Answer else {
            preconditionFailure("the answer of another call")
        }
        return answer
    }

    /// Makes the next batch of the queue and answers its callers, the first by the return.
    private func writeBatch() -> WriteResult {
        let batch = queue.takeBatch()
        let results = results(of: batch.map(\.call))
        for (entry, result) in zip(batch, results).dropFirst() {
            entry.caller?.resume(returning: .answered(result))
        }
        return results[0]
    }

    /// What comes of each: of all in one transaction or, when a call fails in it, of each in a part of another, so that
    /// only those fail that are to blame. Parts cost a third more, and calls seldom fail.
    private func results(of writes: [Write]) -> [WriteResult] {
        var isCallsFault = false
        do throws(StoreError) {
            return try transaction { connection throws(StoreError) in
                var results: [WriteResult] = []
                for write in writes {
                    do throws(StoreError) {
                        results.append(.success(try write.body(self, connection)))
                    } catch {
                        isCallsFault = true
                        throw error
                    }
                }
                return results
            }
        } catch {
            guard isCallsFault, writes.count > 1 else { return writes.map { _ in .failure(error) } }
            return resultsInParts(of: writes)
        }
    }

    /// What comes of each, where one that fails undoes its own part of the transaction.
    private func resultsInParts(of writes: [Write]) -> [WriteResult] {
        do throws(StoreError) {
            return try transaction { connection throws(StoreError) in
                var results: [WriteResult] = []
                for write in writes {
                    results.append(
                        try connection.part { () throws(StoreError) in try write.body(self, connection) })
                }
                return results
            }
        } catch {
            return writes.map { _ in .failure(error) }
        }
    }
}
