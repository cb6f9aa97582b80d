/// A value that may be missing and is large: one word where there is none.
indirect enum Boxed<Value> {
    case none
    case some(Value)

    /// Keeps `value`.
    init(_ value: Value?) {
        self = value.map { .some($0) } ?? .none
    }

    /// The value; nil when there is none.
    var value: Value? {
        switch self {
        case .none: nil
        case .some(let value): value
        }
    }
}

extension Boxed: Sendable where Value: Sendable {}
extension Boxed: Equatable where Value: Equatable {}
