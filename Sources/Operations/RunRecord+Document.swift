import CivilTime
package import RunModel

extension RunRecord {
    /// The run without what only those may see who have a token: the beginning of the answer, and who asked for it.
    package var redacted: RunRecord {
        var record = self
        record.responseExcerpt = nil
        record.requestedBy = nil
        // These say who.
        if reason == .cancelled { record.detail = Self.cancelledText }
        if reason == .paused { record.detail = Self.pausedText }
        return record
    }

    private static let cancelledText = "somebody gave it up"
    private static let pausedText = "it was paused"

    /// The run for programs; keys are those of the table `almanac.runs`.
    package func json(_ times: TimeText, attempts: [AttemptRecord]? = nil) -> JSONValue {
        func text(_ value: String?) -> JSONValue { value.map { .string($0) } ?? .null }
        func number(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }
        var fields: [JSONValue.Member] = [
            .init("run_id", .string(id.description)), .init("job", .string(job.description)),
            .init("trigger", .string(triggerText)), .init("dry_run", .bool(isDryRun)),
            .init("backfill_of", times.json(backfillOf)),
            .init("scheduled_for", times.json(scheduledFor)),
            .init("scheduled_until", times.json(scheduledUntil)),
            .init("occurrences", number(occurrences)), .init("nominal_local", text(nominalLocal)),
            .init("due_at", times.json(dueAt)),
            .init("state", .string(state.rawValue)), .init("outcome", text(outcome?.rawValue)),
            .init("reason", text(reason?.rawValue)),
            .init("detail", text(detail)), .init("attempts", number(self.attempts)),
            .init("attempts_max", number(attemptsMax)),
            .init("retry_at", times.json(retryAt)), .init("host", .string(host.description)),
            .init("requested_by", text(requestedBy)),
            .init("config_hash", .string(configHash)), .init("zone_data", text(zoneData)),
            .init("created_at", times.json(createdAt)),
            .init("started_at", times.json(startedAt)), .init("finished_at", times.json(finishedAt)),
            .init("http_status", number(httpStatus)), .init("response_bytes", number(responseBytes)),
            .init("response_excerpt", text(responseExcerpt)),
        ]
        if let attempts {
            fields.append(.init("attempt_records", .array(attempts.map { $0.json(times) })))
        }
        return .object(fields)
    }
}

extension AttemptRecord {
    /// The attempt for programs; keys are those of the table `almanac.attempts`.
    package func json(_ times: TimeText) -> JSONValue {
        .object([
            .init("number", .integer(Int64(number))), .init("started_at", times.json(startedAt)),
            .init("finished_at", times.json(finishedAt)),
            .init("http_status", httpStatus.map { .integer(Int64($0)) } ?? .null),
            .init("reason", reason.map { .string($0.rawValue) } ?? .null),
            .init("detail", detail.map { .string($0) } ?? .null),
        ])
    }
}

extension RunRecord {
    /// The run that a document tells of; nil when it tells of none.
    init?(_ document: Document) {
        guard let id = document.run("run_id"), let job = document.job("job"),
            let word = document.text("trigger"),
            let trigger = word == Self.backfill ? .manual : RunTrigger(rawValue: word),
            let dueAt = document.instant("due_at"),
            let state: RunState = document.word("state"), let host = document.text("host"),
            let configHash = document.text("config_hash"), let createdAt = document.instant("created_at")
        else { return nil }
        self.init(
            id: id, job: job, trigger: trigger, isDryRun: document.flag("dry_run"),
            backfillOf: document.instant("backfill_of"),
            scheduledFor: document.instant("scheduled_for"),
            scheduledUntil: document.instant("scheduled_until"),
            occurrences: document.integer("occurrences") ?? 1, nominalLocal: document.text("nominal_local"),
            dueAt: dueAt, state: state, outcome: document.word("outcome"), reason: document.word("reason"),
            detail: document.text("detail"), attempts: document.integer("attempts") ?? 0,
            attemptsMax: document.integer("attempts_max") ?? 1, retryAt: document.instant("retry_at"),
            host: HostID(host), requestedBy: document.text("requested_by"), configHash: configHash,
            zoneData: document.text("zone_data"), createdAt: createdAt,
            startedAt: document.instant("started_at"), finishedAt: document.instant("finished_at"),
            httpStatus: document.integer("http_status"), responseBytes: document.integer("response_bytes"),
            responseExcerpt: document.text("response_excerpt"))
    }
}

extension AttemptRecord {
    /// The attempt that a document tells of; nil when it tells of none.
    init?(_ document: Document) {
        guard let number = document.integer("number"), let startedAt = document.instant("started_at") else {
            return nil
        }
        self.init(
            number: number, startedAt: startedAt, finishedAt: document.instant("finished_at"),
            httpStatus: document.integer("http_status"), reason: document.word("reason"),
            detail: document.text("detail"))
    }
}
