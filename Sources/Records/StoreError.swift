/// Why a store could not do it.
package struct StoreError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What an operator or a caller can do about it.
    package enum Reason: Sendable, Equatable {
        /// No connection, or it broke: try again later.
        case unreachable
        /// Locks, deadlocks, serialization, limits: try again soon.
        case busy
        /// The schema is missing, altered, older or newer than this program.
        case schema
        /// No right, no space, read-only: an operator must act.
        case refused
        /// The store does not know the job: register it, and ask again.
        case unregistered
        /// The host's clock is ahead of the store's by more than `Limits.clockAheadMax`: nothing is decided until it is right.
        case ahead
        /// A bug: a statement or a row is not what this program expects.
        case defect
    }

    /// Decides whether asking again can help.
    package var reason: Reason
    /// What happened, without any parameter or credential.
    package var message: String
    /// What to do about it.
    package var hint: String?

    package init(_ reason: Reason, _ message: String, hint: String? = nil) {
        self.reason = reason
        self.message = message
        self.hint = hint
    }

    /// Whether it concerns the store as a whole, and not what was asked alone.
    package var isOfStore: Bool {
        switch reason {
        case .unreachable, .schema, .refused, .unregistered: true
        case .busy, .ahead, .defect: false
        }
    }

    package var description: String { message }

    /// The refusal of what a clock decided that is `ahead` of the store's.
    package static func ahead(by ahead: Duration) -> StoreError {
        StoreError(
            .ahead,
            "this host's clock is \(ahead.components.seconds) s ahead of the store's; nothing is decided until it is right",
            hint: HostSighting.clockHint)
    }
}
