package import RunModel

/// Where pauses are kept, beside the runs, so that every claim can ask.
package protocol PauseStore: Sendable {
    /// Puts a pause in force, in the place of an earlier one of the same scope.
    func pause(_ pause: Pause) async throws(StoreError)

    /// Ends the pause of exactly this scope, and answers it; nil when none was in force.
    func resume(_ scope: PauseScope) async throws(StoreError) -> Pause?
}
