import CivilTime
import RunModel

extension RunRecord {
    /// The outcome, or the state of a run that has none yet.
    var outcomeText: String {
        outcome?.rawValue ?? state.rawValue
    }

    /// How long it took, from its first attempt to its end.
    var tookText: String {
        guard let startedAt, let finishedAt else { return "-" }
        return ElapsedText.of(finishedAt - startedAt)
    }
}
