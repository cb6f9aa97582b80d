package import RunEngine
package import RunModel

/// Which jobs a health document lists.
package enum HealthPage: Equatable, Sendable {
    /// What is wrong and, where there is room, what is well.
    case wrong
    /// All, in the order of their names, a page of them after a name.
    case all(after: JobName?)
}

/// What the status server asks.
///
/// All answers are given at once, from what is known already: a question that waited for a stuck loop would
/// never tell that it is stuck.
package protocol HealthSource: Sendable {
    /// How the service is, computed now.
    func health(_ page: HealthPage) -> HealthReport

    /// What Prometheus reads, computed now (exposition format 0.0.4), in UTF-8; `isScrape` when it is Prometheus that asks.
    func metrics(isScrape: Bool) -> [UInt8]

    /// Whether the process has started completely and has not begun to stop.
    func isReady() -> Bool
}
