import Operations
import RunModel

extension PauseScope {
    /// The scope as the subject of a sentence.
    var subject: String {
        switch self {
        case .all: "all jobs"
        case .job(let name): name.description
        }
    }

    /// The verb that goes with `subject`.
    var verb: String { self == .all ? "are" : "is" }
}

extension TimeText {
    /// Who said a pause and when: `by amina@api-1 at 2026-11-23T04:40:00Z: cutover`.
    func origin(of pause: Pause) -> String {
        "by \(pause.by) at \(text(pause.at))" + (pause.reason.map { ": \($0)" } ?? "")
    }

    /// A pause in the fewest words, for a cell of a table: `until 2026-11-23T04:40:00Z by amina@api-1: cutover`.
    func terms(of pause: Pause) -> String {
        (pause.until.map { "until \(text($0)) " } ?? "") + "by \(pause.by)"
            + (pause.reason.map { ": \($0)" } ?? "")
    }
}
