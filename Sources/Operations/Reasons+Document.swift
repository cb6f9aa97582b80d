import CivilTime
import Records
import RunEngine
package import RunModel

extension Reasons {
    /// The explanation for programs.
    package func json(_ times: TimeText) -> JSONValue {
        return .object([
            .init("job", .string(job.description)),
            .init("verdict", .string(verdict.rawValue)),
            .init("scheduled_for", times.json(scheduledFor)),
            .init("local", JSONValue(local)),
            .init("summary", .string(summary)), .init("aside", JSONValue(aside)),
            .init(
                "rules",
                .array(
                    rules.map {
                        .object([.init("rule", .string($0.name)), .init("sentence", .string($0.sentence))])
                    })),
            .init("run", row?.json(times, attempts: attempts) ?? .null),
            .init("backfill", backfill?.json(times) ?? .null),
            .init("definition", JSONValue(definition?.words)),
            .init("definition_since", times.json(definition?.since)),
            .init("config_hash", JSONValue(definition?.configHash)),
            .init("zone_data", JSONValue(zoneData)),
            .init("zone_note", JSONValue(definition?.zoneNote)),
            .init("next_occurrence", times.json(following)),
            .init("over", .bool(isOver)),
            .init(
                "events",
                .array(
                    events.map { $0.json(times) })),
        ])
    }
}

extension Reasons {
    /// The explanation that a document tells of; nil when it tells of none.
    init?(_ document: Document) {
        guard let job = document.job("job"),
            let verdict: Explanation.Verdict = document.word("verdict"),
            let summary = document.text("summary"),
            let rules = document.list("rules", Explanation.Rule.init),
            let events = document.list("events", StoreEvent.init)
        else { return nil }
        let definition = document.instant("definition_since").map { since in
            Definition(
                words: document.text("definition") ?? "not known", since: since,
                configHash: document.text("config_hash"), zoneNote: document.text("zone_note"))
        }
        let run = document.object("run")
        self.init(
            job: job, verdict: verdict, scheduledFor: document.instant("scheduled_for"),
            local: document.text("local"), summary: summary, rules: rules, aside: document.text("aside"),
            definition: definition, row: run.flatMap { RunRecord($0) },
            backfill: document.object("backfill").flatMap { RunRecord($0) },
            attempts: run?.list("attempt_records", AttemptRecord.init) ?? [],
            following: document.instant("next_occurrence"), isOver: document.flag("over"),
            zoneData: document.text("zone_data"), events: events)
    }
}

extension Explanation.Rule {
    fileprivate init?(_ document: Document) {
        guard let name = document.text("rule"), let sentence = document.text("sentence") else { return nil }
        self.init(name: name, sentence: sentence)
    }
}

extension StoreEvent {
    fileprivate func json(_ times: TimeText) -> JSONValue {
        .object([
            .init("at", times.json(at)), .init("kind", .string(kind.rawValue)),
            .init("host", .string(host.description)), .init("job", JSONValue(job?.description)),
            .init("detail", .string(detail)),
        ])
    }

    fileprivate init?(_ document: Document) {
        guard let at = document.instant("at"), let kind: Kind = document.word("kind"),
            let host = document.text("host"), let detail = document.text("detail")
        else { return nil }
        self.init(at: at, host: HostID(host), kind: kind, job: document.job("job"), detail: detail)
    }
}
