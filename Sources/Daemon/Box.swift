import Synchronization

/// A value that a reload replaces as a whole, and that others read meanwhile.
package final class Box<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    /// A box that holds `value`.
    package init(_ value: Value) {
        state = Mutex(value)
    }

    /// What it holds now.
    package var value: Value {
        get { state.withLock { $0 } }
        set { state.withLock { $0 = newValue } }
    }
}
