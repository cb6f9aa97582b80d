package import RunModel

extension Rehearsal {
    /// The rehearsal for programs.
    package var json: JSONValue {
        .object([
            .init("job", .string(job.description)), .init("ready", .bool(isReady)),
            .init("request", .array(request.map { .string($0) })),
            .init(
                "checks",
                .array(
                    checks.map {
                        .object([
                            .init("name", .string($0.name)), .init("passed", .bool($0.isPassed)),
                            .init("detail", .string($0.detail)),
                        ])
                    })),
            .init("notes", .array(notes.map { .string($0) })),
            .init("run_id", JSONValue(run?.description)),
            .init("exit_status", .integer(Int64(exitStatus.rawValue))),
        ])
    }

    /// The rehearsal that a document tells of; nil when it tells of none.
    init?(_ document: Document) {
        guard let job = document.job("job"),
            let status = document.integer("exit_status").flatMap({ ExitStatus(rawValue: Int32($0)) }),
            let checks = document.list(
                "checks",
                { check -> Check? in
                    guard let name = check.text("name"), let detail = check.text("detail") else { return nil }
                    // That of the first that failed is the status of the whole.
                    return Check(
                        name: name, isPassed: check.flag("passed"), detail: detail, status: status)
                })
        else { return nil }
        self.init(
            job: job, request: document.texts("request"), checks: checks, notes: document.texts("notes"),
            run: document.run("run_id"))
    }
}
