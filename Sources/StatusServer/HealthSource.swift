package import RunEngine

/// What the status server asks.
///
/// Both answers are given at once, from what is known already: a question that waited for a stuck loop would
/// never tell that it is stuck.
package protocol HealthSource: Sendable {
    /// How the service is, computed now.
    func health() -> HealthReport

    /// Whether the process has started completely and has not begun to stop.
    func isReady() -> Bool
}
