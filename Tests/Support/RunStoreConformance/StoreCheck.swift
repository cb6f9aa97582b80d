package import Records

/// One behaviour that every run store has, as a program that throws when a store lacks it.
package struct StoreCheck: Sendable, CustomStringConvertible {
    /// The behaviour in a sentence.
    package let description: String
    private let body: @Sendable (StoreBench) async throws -> Void

    init(_ description: String, _ body: @escaping @Sendable (StoreBench) async throws -> Void) {
        self.description = description
        self.body = body
    }

    /// Runs the check; `open` answers a further store on the same records, which are empty at first.
    package func run(opening open: @escaping @Sendable () async throws -> any Store) async throws {
        try await body(StoreBench(open: open))
    }

    /// All of them.
    package static let all: [StoreCheck] =
        registrationChecks + claimChecks + pauseChecks + ownershipChecks + takeoverChecks + decisionChecks
        + readingChecks + refusalChecks + watchingChecks + instanceChecks
        + pruningChecks + crowdChecks

    /// Those of stores that can be read by those who check or explain.
    package static let ofReading: [StoreCheck] = occurrenceChecks
}

/// What a store did that it must not do.
package struct Violation: Error, CustomStringConvertible {
    package let description: String
}

/// Throws a violation that says `what` unless the two are equal.
func expectEqual<Value: Equatable>(_ found: Value, _ wanted: Value, _ what: String) throws {
    guard found == wanted else { throw Violation(description: "\(what): found \(found), wanted \(wanted)") }
}

/// Throws a violation that says `what` unless it holds.
func expect(_ holds: Bool, _ what: String) throws {
    guard holds else { throw Violation(description: what) }
}

/// Throws a violation unless `body` throws a store's error of this reason; answers the error.
@discardableResult
func expectRefusal(
    _ reason: StoreError.Reason, _ what: String, _ body: () async throws -> Void
) async throws -> StoreError {
    do {
        try await body()
    } catch let error as StoreError {
        try expectEqual(error.reason, reason, "\(what) (\(error))")
        return error
    }
    throw Violation(description: "\(what): nothing was refused")
}
