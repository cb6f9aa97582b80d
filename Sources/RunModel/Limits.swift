/// The bounds of runs and their records.
package enum Limits {
    /// The longest beginning of an answer's body that is kept: enough for an error page's message, small in a table.
    package static let responseExcerptBytesMax = 8 * 1024
    /// Where reading an answer's body stops: no API of ours answers a job with more, and an endless body must end.
    package static let responseBodyBytesMax = 1024 * 1024
    /// The most header bytes of an answer: what nginx allows its own upstreams by far.
    package static let responseHeaderBytesMax = 64 * 1024
    /// Requests under way at once on one host.
    package static let requestsInFlightMax = 64
    /// The longest `detail` of a record, in bytes.
    package static let detailBytesMax = 1024
    /// The longest definition of a job that is kept for later proofs, in bytes: a task file with many triggers.
    package static let definitionBytesMax = 64 * 1024
    /// A host whose clock is further ahead of the store's decides nothing: what hosts that keep time differ by is far less, and
    /// what such a host could decide too early is little.
    package static let clockAheadMax: Duration = .seconds(30)
    /// The longest `requestedBy` of a record, in bytes: a user's name and where they came from.
    package static let requestedByBytesMax = 255
}
