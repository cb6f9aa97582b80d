import CivilTime
import Records
import RunEngine
import RunModel

/// What the store has taken of this host in the last minutes, in a file of its own: it outlives the daemon, though not
/// always the machine, since nothing is synced for it.
actor KeptWrites {
    /// How long a write is kept: replication that is further behind has long been somebody's alarm.
    private static let ageMax: Duration = .seconds(900)
    /// How much is kept, in bytes of their text: some 25,000 runs.
    private static let bytesMax = 64 << 20
    /// Writes that are dropped together.
    private static let chunkBytes = 1 << 20

    /// Writes that follow one another.
    private struct Chunk {
        var through: Int64
        var begunAt: Instant
        var bytes: Int
    }

    private let file: any OperationJournal
    private let clock: @Sendable () -> Instant
    /// Oldest first.
    private var chunks: [Chunk] = []
    private var bytes = 0

    init(in file: any OperationJournal, clock: @escaping @Sendable () -> Instant) {
        self.file = file
        self.clock = clock
    }

    /// Keeps what the store is about to be asked for, when it decides occurrences; answers the number of that question.
    nonisolated func ask(_ write: StoreWrite) async throws(StoreError) -> Int64? {
        guard let first = write.decisions.first else { return nil }
        var operation = write.journalled(at: clock())
        // Whatever was answered has a fence, or no owner.
        operation.owned = OwnedRun(id: first.id, fence: 0)
        return try await append(operation)
    }

    /// Keeps what the store has answered, to a question of that number; when this returns it is in the file.
    nonisolated func keep(_ write: StoreWrite, _ answer: StoreAnswer, to question: Int64?)
        async throws(StoreError)
    {
        let kept = KeptWrite(write, answer)
        guard let question else {
            if let kept { try await keep(kept) }
            return
        }
        var owned: OwnedRun?
        if let kept, let first = write.decisions.first, kept.fence != nil || kept.write == write {
            owned = OwnedRun(id: first.id, fence: kept.fence ?? 1)
        } else if let kept {
            try await keep(kept)
        }
        _ = try await append(
            JournalledOperation(
                owned: owned, recordedAt: clock(), version: StoreWrite.version,
                payload: Self.answerPrefix + String(question) + "}"))
    }

    /// Keeps a write that the store has taken.
    nonisolated func keep(_ kept: KeptWrite) async throws(StoreError) {
        var operation = kept.write.journalled(at: clock())
        if let fence = kept.fence { operation.owned?.fence = fence }
        _ = try await append(operation)
    }

    /// Keeps no longer what is kept of a run: the store has another decision.
    nonisolated func giveUp(_ id: RunID) async throws(StoreError) {
        _ = try await append(
            JournalledOperation(
                owned: OwnedRun(id: id, fence: 1), recordedAt: clock(), version: StoreWrite.version,
                payload: Self.givenUp))
    }

    private nonisolated func append(_ operation: JournalledOperation) async throws(StoreError) -> Int64 {
        let number = try await file.append(operation)
        if let old = await note(number, operation) { try await file.remove(through: old, settingAside: [:]) }
        return number
    }

    private static let answerPrefix = #"{"operation":"answer","to":"#
    private static let givenUp = #"{"operation":"given_up"}"#

    /// All that is kept, oldest first, and what was asked for without an answer. What cannot be read is left out: it was written
    /// by another version.
    func all() async throws(StoreError) -> (kept: [KeptWrite], unanswered: [RunRecord]) {
        var contents = Contents()
        (chunks, bytes) = ([], 0)
        var last: Int64 = 0
        while true {
            let entries = try await file.entries(after: last, limit: 1000)
            guard let newest = entries.last else { break }
            last = newest.number
            for entry in entries {
                _ = note(entry.number, entry.operation)
                contents.take(entry)
            }
        }
        return (contents.kept, contents.questions.sorted { $0.key < $1.key }.flatMap(\.value.decisions))
    }

    /// What the entries that were read so far say together.
    private struct Contents {
        private var writes: [KeptWrite] = []
        /// So many of the writes are not kept any more of a run.
        private var givenUp: [RunID: Int] = [:]
        var questions: [Int64: StoreWrite] = [:]

        var kept: [KeptWrite] {
            writes.enumerated().filter { number, write in
                guard let id = write.write.owned?.id, let end = givenUp[id] else { return true }
                return number >= end
            }.map(\.element)
        }

        mutating func take(_ entry: JournalEntry) {
            let (owned, payload) = (entry.operation.owned, entry.operation.payload)
            if payload.hasPrefix(KeptWrites.answerPrefix) {
                let number = Int64(payload.dropFirst(KeptWrites.answerPrefix.count).dropLast())
                let asked = number.flatMap { questions.removeValue(forKey: $0) }
                if let asked, let owned { writes.append(KeptWrite(taken: asked, fence: owned.fence)) }
            } else if payload == KeptWrites.givenUp {
                if let owned { givenUp[owned.id] = writes.count }
            } else if let write = try? StoreWrite(reading: entry.operation) {
                if owned?.fence == 0 {
                    questions[entry.number] = write
                } else {
                    writes.append(KeptWrite(taken: write, fence: owned?.fence))
                }
            }
        }
    }

    /// Notes what the file holds. Now and then it answers the number up to which writes are too old to keep.
    private func note(_ number: Int64, _ operation: JournalledOperation) -> Int64? {
        let size = operation.payload.utf8.count
        bytes += size
        if let last = chunks.last, last.bytes < Self.chunkBytes,
            operation.recordedAt - last.begunAt < .seconds(60)
        {
            chunks[chunks.count - 1].through = max(last.through, number)
            chunks[chunks.count - 1].bytes += size
            return nil
        }
        chunks.append(Chunk(through: number, begunAt: operation.recordedAt, bytes: size))
        var old: Int64?
        while chunks.count > 1, let next = chunks.dropFirst().first, let first = chunks.first,
            bytes - first.bytes >= Self.bytesMax || operation.recordedAt - next.begunAt >= Self.ageMax
        {
            old = first.through
            bytes -= first.bytes
            chunks.removeFirst()
        }
        return old
    }
}
