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
