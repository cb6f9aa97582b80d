package import RunModel

/// What people ask of the runs.
package protocol HistoryStore: Sendable {
    /// Runs, newest first.
    func history(_ query: HistoryQuery) async throws(StoreError) -> [RunRecord]

    /// One run with its attempts, in their order; nil when there is none with this identity.
    func run(_ id: RunID) async throws(StoreError) -> (record: RunRecord, attempts: [AttemptRecord])?
}
