import CivilTime
import CommandRequests
import JobCatalog
import Operations
import RequestText
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
        let encoding = jobs.taskFile.encoding.map { ", \($0.rawValue)" } ?? ""
        let tasks = jobs.taskFile.tasks
        var parts = ["\(file)\(encoding)" + (tasks.count > 1 ? ", \(tasks.count) tasks" : "")]
        parts += tasks.map(text(of:))
        if !jobs.diagnostics.isEmpty { parts.append(findings) }
        parts += tasks.map(verdicts(of:))
        return parts.joined(separator: "\n\n")
    }

    private func text(of task: TaskDefinition) -> String {
        let name = task.name ?? "without a name"
        guard let job = jobs.job(of: task) else {
            return Self.block([("task", name)] + lines(of: task.request))
        }
        var lines = [("task", name), ("job", job.name.description + (job.isEnabled ? "" : " (disabled)"))]
        lines.append(("schedule", job.schedule?.words ?? "by hand"))
        lines += Self.first("next", job.isOver(at: now) ? ["none: the schedule is over"] : next(job))
        lines += self.lines(of: task.request)
        lines += Self.first("rules", Self.wrapped(job.policy.facts.map { "\($0.name)=\($0.value)" }))
        return Self.block(lines)
    }

    private func lines(of request: CommandRequest?) -> [(String, String)] {
        guard let request else { return [] }
        let headers = request.headers.map { "\($0.name): \($0.shown)" }
        return Self.first("request", ["\(request.method) \(ClearSecrets(in: request.url).shown)"] + headers)
            + (request.body.map { [("body", ClearSecrets(in: $0).shown)] } ?? [])
    }

    /// What was found, each in lines of its own: the place and the kind before it, the hint below it.
    private var findings: String {
        let diagnostics = jobs.diagnostics.enumerated().sorted { left, right in
            let (first, second) = (left.element.location, right.element.location)
            return (first.line, first.column, left.offset) < (second.line, second.column, right.offset)
        }.map(\.element)
        let places = diagnostics.map { "\($0.location.line):\($0.location.column)" }
        let width = (places.map(\.count).max() ?? 0) + 2
        let indent = width + 9
        return zip(places, diagnostics).map { place, found in
            var lines = Self.wrapped(found.message.split(separator: " ").map(String.init))
            for detail in found.details { lines.append("  " + detail) }
            if let hint = found.hint {
                lines += Self.wrapped("hint: \(hint) [\(found.code)]".split(separator: " ").map(String.init))
            } else {
                lines[lines.count - 1] += " [\(found.code)]"
            }
            let head = Self.padded(place, width) + Self.padded(found.severity.rawValue, 9)
            return head + lines.joined(separator: "\n" + String(repeating: " ", count: indent))
        }.joined(separator: "\n")
    }

    /// What becomes of each element; neighbours that mean alike, such as the months of a year, are one row.
    private func verdicts(of task: TaskDefinition) -> String {
        var table = Table(["PLACE", "ELEMENT", "VERDICT", "NOTE"])
        var rest = task.verdicts[...]
        while let first = rest.popFirst() {
            let parent = first.path.dropLast(Self.name(first).count)
            let alike = rest.prefix {
                $0.ruling == first.ruling && $0.note == first.note
                    && $0.path.dropLast(Self.name($0).count) == parent
                    && !$0.path.contains("@") && !first.path.contains("@")
            }
            // A row stands for leaves only: what has parts of its own is followed by them.
            let last = alike.count > 1 ? alike.last : nil
            if last != nil { rest = rest.dropFirst(alike.count) }
            table.add([
                "\(first.position)", first.path + (last.map { " … " + Self.name($0) } ?? ""),
                first.ruling.rawValue,
                first.note.isEmpty ? "-" : first.note,
            ])
        }
        return table.text(colour: false)
    }

    /// The last part of the path of an element.
    private static func name(_ verdict: TaskVerdict) -> String {
        String(verdict.path.split(separator: "/").last ?? "")
    }

    private static func block(_ lines: [(String, String)]) -> String {
        lines.map { padded($0, 10) + $1 }.joined(separator: "\n")
    }

    /// The values in lines of their own, the first of which has the name.
    private static func first(_ name: String, _ values: [String]) -> [(String, String)] {
        values.enumerated().map { ($0 == 0 ? name : "", $1) }
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(width - text.count, 0))
    }

    /// Words as lines that a terminal does not break.
    private static func wrapped(_ words: [String]) -> [String] {
        var lines: [String] = []
        for word in words {
            if let last = lines.last, last.count + word.count < lineWidth {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(word)
            }
        }
        return lines
    }

    /// Leaves room for the place of what is said.
    private static let lineWidth = 90

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
            .init("over", .bool(job?.isOver(at: now) ?? false)),
            .init("request", task.request?.json ?? .null),
            .init("policies", job?.policy.json ?? .null),
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

extension CommandRequest {
    fileprivate var json: JSONValue {
        .object([
            .init("method", .string(method)), .init("url", .string(ClearSecrets(in: url).shown)),
            .init(
                "headers",
                .array(
                    headers.map {
                        .object([.init("name", .string($0.name)), .init("value", .string($0.shown))])
                    })),
            .init("body", JSONValue(body.map { ClearSecrets(in: $0).shown })),
        ])
    }
}

extension Policy {
    fileprivate var json: JSONValue {
        .object(
            facts.map { fact in
                let name = fact.name.map { $0 == "-" ? "_" : String($0) }.joined()
                return .init(name, name == "retry" ? .integer(Int64(retries)) : .string(fact.value))
            })
    }
}
