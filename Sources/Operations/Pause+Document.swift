package import RunModel

extension Pause {
    /// The pause for programs; keys are those of the table `almanac.pauses`.
    package func json(_ times: TimeText) -> JSONValue {
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

extension Pause {
    /// The pause that a document tells of; nil when it tells of none.
    init?(_ document: Document) {
        guard let at = document.instant("paused_at"), let by = document.text("paused_by") else { return nil }
        let scope: PauseScope
        if document.flag("all") {
            scope = .all
        } else if let job = document.job("job") {
            scope = .job(job)
        } else {
            return nil
        }
        self.init(
            scope: scope, at: at, until: document.instant("paused_until"), by: by,
            reason: document.text("reason"))
    }
}
