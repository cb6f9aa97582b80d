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

extension Pause {
    /// The pause for programs; keys are those of the table `almanac.pauses`.
    func json(_ times: TimeText) -> JSONValue {
        let job: JSONValue =
            switch scope {
            case .all: .null
            case .job(let name): .string(name.description)
            }
        return .object([
            .init("all", .bool(scope == .all)), .init("job", job), .init("paused_at", times.json(at)),
            .init("paused_until", times.json(until)), .init("paused_by", .string(by)),
            .init("reason", JSONValue(reason)),
        ])
    }
}
