import CivilTime
import JobCatalog
import RunModel
import Scheduling
import TaskXML

/// What there is to know about a task file.
struct TaskReport {
    private let file: String
    private let jobs: TaskJobs
    private let now: Instant
    private let times: TimeText

    /// How many occurrences are shown.
    private static let occurrencesShown = 3

    init(file: String, jobs: TaskJobs, now: Instant, times: TimeText) {
        self.file = file
        self.jobs = jobs
        self.now = now
        self.times = times
    }

    var hasErrors: Bool { jobs.diagnostics.contains { $0.severity == .error } }

    /// The report for people.
    var text: String {
        var parts = ["\(file)" + (jobs.taskFile.encoding.map { " (\($0.rawValue))" } ?? "")]
        for task in jobs.taskFile.tasks { parts.append(text(of: task)) }
        if !jobs.diagnostics.isEmpty {
            var table = Table(["PLACE", "KIND", "CODE", "FOUND"])
            for found in jobs.diagnostics {
                let place = "\(found.location.line):\(found.location.column)"
                table.add([
                    place, found.severity.rawValue, found.code,
                    found.message + (found.hint.map { "; \($0)" } ?? ""),
                ])
            }
            parts.append(table.text(colour: false))
        }
        for task in jobs.taskFile.tasks {
            var table = Table(["PLACE", "VERDICT", "ELEMENT", "NOTE"])
            for verdict in task.verdicts {
                table.add([
                    "\(verdict.position)", verdict.ruling.rawValue, verdict.path,
                    verdict.note.isEmpty ? "-" : verdict.note,
                ])
            }
            parts.append(table.text(colour: false))
        }
        return parts.joined(separator: "\n\n")
    }

    private func text(of task: TaskDefinition) -> String {
        var lines: [(String, String)] = [("task", task.name ?? "without a name")]
        let job = jobs.job(of: task)
        if let job {
            lines.append(("job", job.name.description + (job.isEnabled ? "" : " (disabled)")))
            lines.append(("schedule", job.schedule?.words ?? "by hand"))
            for occurrence in next(job) { lines.append(("next", occurrence)) }
            lines.append(("policies", job.policyText))
        }
        if let request = task.request {
            lines.append(("request", "\(request.method) \(request.url)"))
            for header in request.headers { lines.append(("", "\(header.name): \(header.shown)")) }
            if let body = request.body { lines.append(("body", "\(body)")) }
        }
        return lines.map { name, value in
            name + String(repeating: " ", count: 10 - name.count) + value
        }.joined(separator: "\n")
    }

    private func next(_ job: Job) -> [String] {
        let occurrences =
            job.schedule?.occurrences(
                after: now, through: Instant(microseconds: .max), limit: Self.occurrencesShown) ?? []
        return occurrences.map { times.text($0.instant) }
    }

    /// The report for programs.
    var json: JSONValue {
        .object([
            .init("file", .string(file)), .init("encoding", JSONValue(jobs.taskFile.encoding?.rawValue)),
            .init("tasks", .array(jobs.taskFile.tasks.map(json(of:)))),
            .init("diagnostics", .array(jobs.diagnostics.map(\.json))),
        ])
    }

    private func json(of task: TaskDefinition) -> JSONValue {
        let job = jobs.job(of: task)
        return .object([
            .init("name", JSONValue(task.name)), .init("job", JSONValue(job?.name.description)),
            .init("enabled", .bool(task.settings.isEnabled)),
            .init("schedule_words", JSONValue(job?.schedule?.words)),
            .init("time_zone", JSONValue(job?.schedule?.zone.name)),
            .init("next_occurrences", .array(job.map(next)?.map { .string($0) } ?? [])),
            .init("request", task.request?.json ?? .null),
            .init("policies", job?.policyJSON ?? .null),
            .init(
                "verdicts",
                .array(
                    task.verdicts.map {
                        .object([
                            .init("element", .string($0.path)), .init("verdict", .string($0.ruling.rawValue)),
                            .init("note", .string($0.note)), .init("line", .integer(Int64($0.position.line))),
                            .init("column", .integer(Int64($0.position.column))),
                        ])
                    })),
        ])
    }
}

extension TaskRequest {
    fileprivate var json: JSONValue {
        .object([
            .init("method", .string(method)), .init("url", .string(url.description)),
            .init(
                "headers",
                .array(
                    headers.map {
                        .object([.init("name", .string($0.name)), .init("value", .string($0.shown))])
                    })),
            .init("body", JSONValue(body?.description)),
        ])
    }
}

extension TaskRequest.Header {
    /// The value, or a mark when it is a secret that stands in the file in clear.
    fileprivate var shown: String {
        isSecret && value.references.isEmpty ? "***" : value.description
    }
}

extension Job {
    fileprivate var policyText: String {
        "overlap=\(policy.overlap.rawValue) catch-up=\(policy.catchUp.rawValue) retry=\(policy.retries) "
            + "timeout=\(DurationText.compact(policy.timeout))"
    }

    fileprivate var policyJSON: JSONValue {
        .object([
            .init("overlap", .string(policy.overlap.rawValue)),
            .init("catch_up", .string(policy.catchUp.rawValue)),
            .init("retry", .integer(Int64(policy.retries))),
            .init("timeout", .string(DurationText.compact(policy.timeout))),
            .init("accept", .string(policy.accept.description)),
            .init("jitter", .string(DurationText.compact(policy.jitter))),
        ])
    }
}
