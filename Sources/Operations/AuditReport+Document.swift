import CivilTime
import RunEngine
package import RunModel

extension AuditReport {
    /// The report for programs, with at most so many jobs, those first of which there is something to say, and as many findings.
    package func json(_ times: TimeText, atMost most: Int = .max) -> JSONValue {
        let told = jobs.filter { !$0.findings.isEmpty || $0.excused > 0 || $0.backfilled > 0 }
        let listed = jobs.count <= most ? jobs : Array(told.prefix(most))
        let findings = jobs.flatMap(\.findings)
        return .object([
            .init("ok", .bool(isClean)), .init("from", times.json(from)),
            .init("through", times.json(through)),
            .init(
                "jobs",
                .array(
                    listed.map { part in
                        .object([
                            .init("job", .string(part.job.description)),
                            .init("occurrences", .integer(Int64(part.occurrences))),
                            .init("rows", .integer(Int64(part.rows))),
                            .init("excused", .integer(Int64(part.excused))),
                            .init("backfilled", .integer(Int64(part.backfilled))),
                            .init("findings_left_out", .integer(Int64(part.findingsLeftOut))),
                        ])
                    })),
            .init("jobs_left_out", .integer(Int64(jobs.count - listed.count))),
            .init("findings", .array(findings.prefix(most).map { $0.json(times) })),
            .init("findings_left_out", .integer(Int64(max(findings.count - most, 0)))),
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

extension AuditReport {
    /// The report that a document tells of; nil when it tells of none.
    init?(_ document: Document) {
        guard let through = document.instant("through"),
            var jobs = document.list("jobs", JobPart.init),
            let findings = document.list("findings", AuditFinding.init)
        else { return nil }
        let byJob = Dictionary(grouping: findings, by: \.job)
        for index in jobs.indices { jobs[index].findings = byJob[jobs[index].job] ?? [] }
        self.init(from: document.instant("from"), through: through, jobs: jobs)
    }
}

extension AuditReport.JobPart {
    fileprivate init?(_ document: Document) {
        guard let job = document.job("job") else { return nil }
        self.init(
            job: job, occurrences: document.integer("occurrences") ?? 0, rows: document.integer("rows") ?? 0,
            excused: document.integer("excused") ?? 0, backfilled: document.integer("backfilled") ?? 0,
            findings: [],
            findingsLeftOut: document.integer("findings_left_out") ?? 0)
    }
}

extension AuditFinding {
    fileprivate init?(_ document: Document) {
        guard let kind: Kind = document.word("kind"), let job = document.job("job"),
            let first = document.instant("scheduled_for"), let detail = document.text("detail")
        else { return nil }
        self.init(
            kind, job: job, first: first, last: document.instant("scheduled_until"),
            count: document.integer("count") ?? 1, run: document.run("run_id"), detail: detail)
    }
}
