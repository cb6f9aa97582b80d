package import RunModel

/// What is asked of runs beside what makes them: their rows, and what would become of a claim.
package protocol HistoryStore: Sendable {
    /// What a claim would be answered: everything is done and then rolled back.
    func rehearse(_ claim: Claim) async throws(StoreError) -> ClaimAnswer

    /// Runs, newest first.
    func history(_ query: HistoryQuery) async throws(StoreError) -> [RunRecord]

    /// One run with its attempts, in their order; nil when there is none with this identity.
    func run(_ id: RunID) async throws(StoreError) -> (record: RunRecord, attempts: [AttemptRecord])?

    /// Who has these runs, and how far they have come, in the order of their identities; of one that the store does not have,
    /// nothing.
    func holdings(of runs: [RunID]) async throws(StoreError) -> [RunHolding]
}

/// Who shares a store, and who of them has something to tell it.
package protocol HostList: Sendable {
    /// How many connections were made so far: behind a new one there may be another server. Always 0 for a file.
    var connectionsMade: Int { get }

    /// Meets the database as it is now. From then on another one is not written to: `StoreError.replaced` is the answer until
    /// it is met as well, so that whoever asks can find out first what it does not know. One that is away is met by the next
    /// question.
    func meet() async

    /// All hosts, by name.
    func hosts() async throws(StoreError) -> [HostSighting]

    /// Marks a host as one that delivers what it made while the store was away, for so long from now on; zero takes the mark
    /// off.
    func mark(_ host: HostID, deliveringFor lease: Duration) async throws(StoreError)
}

extension HostList {
    /// No connection is made to a file.
    package var connectionsMade: Int { 0 }

    /// A file stays the same.
    package func meet() {}
}

extension StoreError {
    /// What is said of a database that is not the one that was met: its server was started anew, or is a standby that was
    /// promoted, or its schema was made anew.
    package static let replaced = StoreError(
        .unreachable, "the database was started anew, replaced by another one, or its schema was made anew",
        hint: "what it has lost is delivered again")
}
