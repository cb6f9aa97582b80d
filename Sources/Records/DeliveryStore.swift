package import RunModel

/// What is asked of the store of all hosts by who delivers to it what was made while it was away: who shares it, and what it has.
package protocol DeliveryStore: Sendable {
    /// How many connections were made so far: behind a new one there may be another server. Always 0 for a file.
    var connectionsMade: Int { get }

    /// Meets the database as it is now, and answers whether it is another one than was met before. From then on another one is
    /// not written to: `StoreError.replaced` is the answer until it is met as well, so that whoever asks can find out first
    /// what it does not know. The first one is met by the next question when it is away.
    @discardableResult
    func meet() async -> Bool

    /// All hosts, by name.
    func hosts() async throws(StoreError) -> [HostSighting]

    /// Marks a host as one that delivers what it made while the store was away, for so long from now on; zero takes the mark
    /// off.
    func mark(_ host: HostID, deliveringFor lease: Duration) async throws(StoreError)

    /// Who has these runs, and how far they have come, in the order of their identities; of one that the store does not have,
    /// nothing.
    func holdings(of runs: [RunID]) async throws(StoreError) -> [RunHolding]

    /// The definitions of a job, or of all jobs, by name and oldest first.
    func definitions(of job: JobName?) async throws(StoreError) -> [StoredDefinition]

    /// What a claim would be answered: everything is done and then rolled back.
    func rehearse(_ claim: Claim) async throws(StoreError) -> ClaimAnswer
}

extension DeliveryStore {
    /// No connection is made to a file.
    package var connectionsMade: Int { 0 }

    /// A file stays the same.
    package func meet() -> Bool { false }
}

extension StoreError {
    /// What is said of a database that is not the one that was met: its server was started anew, or is a standby that was
    /// promoted, or its schema was made anew.
    package static let replaced = StoreError(
        .unreachable, "the database was started anew, replaced by another one, or its schema was made anew",
        hint: "what it has lost is delivered again")
}
