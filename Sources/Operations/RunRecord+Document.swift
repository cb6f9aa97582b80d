import Records
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
        var fields = zip(Self.columns, columnValues).map { name, value in
            // A backfill is called what it is.
            JSONValue.Member(name, name == "trigger" ? .string(triggerText) : times.json(value))
        }
        if let attempts {
            fields.append(.init("attempt_records", .array(attempts.map { $0.json(times) })))
        }
        return .object(fields)
    }
}

extension AttemptRecord {
    /// The attempt for programs; keys are those of the table `almanac.attempts`.
    package func json(_ times: TimeText) -> JSONValue {
        .object(zip(Self.columns, columnValues).map { .init($0, times.json($1)) })
    }
}

extension RunRecord {
    /// The run that a document tells of; nil when it tells of none.
    init?(_ document: Document) {
        let run: RunRecord? = document.row { name, value in
            name == "trigger" && value == .text(Self.backfill) ? .text(RunTrigger.manual.rawValue) : value
        }
        guard let run else { return nil }
        self = run
    }
}

extension AttemptRecord {
    /// The attempt that a document tells of; nil when it tells of none.
    init?(_ document: Document) {
        guard let attempt: AttemptRecord = document.row() else { return nil }
        self = attempt
    }
}
