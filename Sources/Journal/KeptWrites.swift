import CivilTime
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

    /// Keeps a write; when this returns it is in the file.
    nonisolated func keep(_ kept: KeptWrite) async throws(StoreError) {
        var operation = kept.write.journalled(at: clock())
        if let fence = kept.fence { operation.owned?.fence = fence }
        let number = try await file.append(operation)
        if let old = await note(number, operation) { try await file.remove(through: old, settingAside: [:]) }
    }

    /// All that is kept, oldest first. What cannot be read is left out: it was written by another version.
    func all() async throws(StoreError) -> [KeptWrite] {
        var kept: [KeptWrite] = []
        (chunks, bytes) = ([], 0)
        var last: Int64 = 0
        while true {
            let entries = try await file.entries(after: last, limit: 1000)
            guard let newest = entries.last else { return kept }
            last = newest.number
            for entry in entries {
                _ = note(entry.number, entry.operation)
                if let write = try? StoreWrite(reading: entry.operation) {
                    let fence = if case .claim = write { entry.operation.owned?.fence } else { Int64?.none }
                    kept.append(KeptWrite(write: write, fence: fence))
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
