package import CivilTime

/// A set of small numbers, 0 to 63, as days, months and weeks are.
package struct NumberSet: Hashable, Sendable, ExpressibleByArrayLiteral {
    /// Bit n stands for the number n.
    package private(set) var bits: UInt64 = 0

    /// The set of these numbers; traps on one outside 0 to 63.
    package init(_ numbers: some Sequence<Int>) {
        for number in numbers { insert(number) }
    }

    /// The set of these weekdays, Sunday being 0.
    package init(weekdays: some Sequence<Weekday>) {
        self.init(weekdays.map(\.rawValue))
    }

    /// The set of these numbers; traps on one outside 0 to 63.
    package init(arrayLiteral numbers: Int...) {
        self.init(numbers)
    }

    /// Adds a number; traps on one outside 0 to 63.
    package mutating func insert(_ number: Int) {
        precondition(number >= 0 && number < 64, "a number that the set cannot hold")
        bits |= 1 << UInt64(number)
    }

    /// Whether the number is in the set.
    package func contains(_ number: Int) -> Bool {
        number >= 0 && number < 64 && bits >> UInt64(number) & 1 == 1
    }

    /// Whether there is nothing in the set.
    package var isEmpty: Bool { bits == 0 }

    /// Whether all its numbers are in `other` too.
    package func isSubset(of other: NumberSet) -> Bool { bits & ~other.bits == 0 }

    /// The numbers in ascending order.
    package var numbers: [Int] { (0..<64).filter(contains) }
}
