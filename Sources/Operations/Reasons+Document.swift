import RunEngine
package import RunModel

extension Reasons {
    /// The explanation for programs.
    package func json(_ times: TimeText) -> JSONValue {
        return .object([
            .init("job", .string(job.description)),
            .init("verdict", .string(explanation.verdict.rawValue)),
            .init("scheduled_for", times.json(explanation.scheduledFor)),
            .init("local", JSONValue(explanation.local)),
            .init("summary", .string(explanation.summary)), .init("aside", JSONValue(explanation.aside)),
            .init(
                "rules",
                .array(
                    explanation.rules.map {
                        .object([.init("rule", .string($0.name)), .init("sentence", .string($0.sentence))])
                    })),
            .init("run", row?.json(times, attempts: attempts) ?? .null),
            .init("definition_since", times.json(explanation.definition?.since)),
            .init("config_hash", JSONValue(explanation.definition?.configHash)),
            .init("zone_data", JSONValue(zoneData)),
            .init("zone_note", JSONValue(explanation.definition?.zoneNote)),
            .init("next_occurrence", times.json(following)),
            .init("over", .bool(isOver)),
            .init(
                "events",
                .array(
                    events.map {
                        .object([
                            .init("at", times.json($0.at)), .init("kind", .string($0.kind.rawValue)),
                            .init("host", .string($0.host.description)),
                            .init("job", JSONValue($0.job?.description)), .init("detail", .string($0.detail)),
                        ])
                    })),
        ])
    }
}
