import RunEngine
package import RunModel

extension AuditReport {
    /// The report for programs.
    package func json(_ times: TimeText) -> JSONValue {
        .object([
            .init("ok", .bool(isClean)), .init("from", times.json(from)),
            .init("through", times.json(through)),
            .init(
                "jobs",
                .array(
                    jobs.map { part in
                        .object([
                            .init("job", .string(part.job.description)),
                            .init("occurrences", .integer(Int64(part.occurrences))),
                            .init("rows", .integer(Int64(part.rows))),
                            .init("excused", .integer(Int64(part.excused))),
                            .init("findings_left_out", .integer(Int64(part.findingsLeftOut))),
                        ])
                    })),
            .init("findings", .array(jobs.flatMap(\.findings).map { $0.json(times) })),
        ])
    }
}

extension AuditFinding {
    func json(_ times: TimeText) -> JSONValue {
        .object([
            .init("job", .string(job.description)), .init("kind", .string(kind.rawValue)),
            .init("scheduled_for", times.json(first)), .init("scheduled_until", times.json(last)),
            .init("count", .integer(Int64(count))), .init("run_id", JSONValue(run?.description)),
            .init("detail", .string(detail)),
        ])
    }
}
