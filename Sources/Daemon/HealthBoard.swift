import CivilTime
import JobCatalog
package import RunEngine
import RunModel
import Synchronization

/// What the daemon shows of itself: written by its loop, read by whoever asks.
package final class HealthBoard: Sendable {
    private let state: Mutex<HealthFacts>

    /// A board that shows a daemon that is starting.
    package init(_ facts: HealthFacts) {
        state = Mutex(facts)
    }

    /// Changes what is shown.
    package func update(_ change: (inout HealthFacts) -> Void) {
        state.withLock { change(&$0) }
    }

    /// What is shown.
    package var facts: HealthFacts {
        state.withLock { $0 }
    }
}
