import Synchronization

/// The values of the configuration, replaced as a whole by a reload.
final class ValueBox: Sendable {
    private let state: Mutex<[String: String]>

    init(_ values: [String: String]) {
        state = Mutex(values)
    }

    var values: [String: String] {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
