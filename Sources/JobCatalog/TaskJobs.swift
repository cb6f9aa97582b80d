package import CivilTime
import CommandRequests
import RequestText
import RunModel
import Scheduling
package import TaskXML

/// Makes jobs of the tasks of a Windows Task Scheduler file.
///
/// What the file leaves open, such as `<API_BASE_URL>`, becomes a reference to the configuration, as `as=admin` of a
/// `.cron` line does.
package struct TaskJobs: Sendable {
    /// The jobs of the tasks without an error, in their order.
    package private(set) var jobs: [Job] = []
    /// All that was found, those of the file first and then those of each task's schedule.
    package private(set) var diagnostics: [Diagnostic] = []
    /// The file as it was read.
    package let taskFile: TaskFile

    private let file: String
    private let zones: any ZoneSource
    private let zoneName: String?
    private let now: Instant

    /// Reads `bytes`; `file` is the name for diagnostics, and the job's name where a task has none of its own.
    ///
    /// `localZone` is the zone of boundaries that name none; without it a task with such a boundary is an error. A
    /// schedule that is over at `now` is a warning.
    package init(_ bytes: [UInt8], file: String, zones: any ZoneSource, localZone: String?, now: Instant) {
        self.file = file
        self.zones = zones
        self.zoneName = localZone
        self.now = now
        // No value is filled in: each placeholder stays a reference, so that the catalog holds no value.
        taskFile = TaskFile.read(bytes, placeholders: { _ in nil })
        for diagnostic in taskFile.allDiagnostics { report(diagnostic) }
        for task in taskFile.tasks where task.diagnostics.allSatisfy({ Self.isHarmless($0) }) {
            lower(task)
        }
    }

    /// Whether a task may run in spite of it.
    private static func isHarmless(_ diagnostic: TaskDiagnostic) -> Bool {
        diagnostic.severity != .error || diagnostic.code == .missingPlaceholder
    }

    private mutating func report(_ diagnostic: TaskDiagnostic) {
        var severity: Diagnostic.Severity =
            switch diagnostic.severity {
            case .note: .note
            case .repair: .repair
            case .warning: .warning
            case .error: .error
            }
        var message = diagnostic.message
        switch diagnostic.code {
        // A missing value is for whoever starts the job to report: here nothing has a value.
        case .missingPlaceholder: return
        case .localBoundary:
            // An error below when no zone is named.
            guard let zoneName else { return }
            severity = .repair
            message += "; read in \(zoneName)"
        default: break
        }
        report(severity, diagnostic.position, diagnostic.code.rawValue, message, diagnostic.hint)
    }

    private mutating func report(
        _ severity: Diagnostic.Severity, _ position: TaskPosition, _ code: String, _ message: String,
        _ hint: String?, _ details: [String] = []
    ) {
        diagnostics.append(
            Diagnostic(
                severity, at: SourceLocation(file: file, line: position.line, column: position.column),
                code: code, message, details: details, hint: hint))
    }

    private mutating func lower(_ task: TaskDefinition) {
        guard let request = task.request else { return }
        guard let name = Self.jobName(task.name ?? Self.baseName(file)) else {
            report(
                .error, task.position, "job-name", "no job's name can be made of “\(task.name ?? file)”",
                "give the task a <URI> with letters or digits")
            return
        }
        guard case .found(let schedule) = schedule(of: task, name), let policy = policy(of: task) else {
            return
        }
        jobs.append(
            Job(
                name: name, schedule: schedule, request: Self.template(request), policy: policy,
                isEnabled: task.settings.isEnabled,
                source: SourceLocation(file: file, line: task.position.line, column: task.position.column)))
    }

    /// The rules of a task; nil after a problem was reported.
    private mutating func policy(of task: TaskDefinition) -> Policy? {
        var policy = Policy(stating: task)
        reportRestarts(of: task, policy)
        guard let options = task.options else { return policy }
        do throws(Policy.OptionsProblem) {
            try policy.apply(optionsOfTask: options.text)
            return policy
        } catch {
            report(.error, options.position, "task-options", "<Data>: \(error.message)", error.hint)
            return nil
        }
    }

    /// Says it when a task asks for more tries than a job makes.
    private mutating func reportRestarts(of task: TaskDefinition, _ policy: Policy) {
        guard let restart = task.settings.restartOnFailure, task.request?.retry == nil,
            restart.count > policy.retries
        else { return }
        let count = task.verdicts.first { $0.path.hasSuffix("/RestartOnFailure/Count") }
        report(
            .warning, count?.position ?? task.position, "restart-count",
            "<Count> asks for \(restart.count) tries, and a job makes at most \(Policy.retriesMax) after the first",
            "ask for at most \(Policy.retriesMax)")
    }

    private enum Found {
        /// Nil for a task that only runs by hand.
        case found(Schedule?)
        /// There is to be no job.
        case reported
    }

    private mutating func schedule(of task: TaskDefinition, _ name: JobName) -> Found {
        guard !task.clockTriggers.isEmpty || !task.eventTriggers.isEmpty else { return .found(nil) }
        guard let zone = zone(of: task, name) else { return .reported }
        let schedule = Schedule(
            .triggers(task.clockTriggers), zone: zone, key: name.description, events: task.eventTriggers)
        let trigger = task.triggers.first(where: \.isLive)
        let position = trigger?.position ?? task.position
        let isAlone = taskFile.tasks.count == 1
        guard task.settings.isEnabled else { return .found(schedule) }
        switch schedule.outlook(after: now) {
        case .open: break
        case .over(let last):
            report(
                .warning, position, "over", "the task “\(name)” is over" + Schedule.lastWords(last),
                "remove the \(isAlone ? "file" : "task from the file"), or correct its boundaries")
        case .never:
            report(
                .error, position, "never", "the task “\(name)” is never due",
                "let its boundaries hold a day on which it starts, or remove the "
                    + (isAlone ? "file" : "task from the file"))
            return .reported
        }
        return .found(schedule)
    }

    private mutating func zone(of task: TaskDefinition, _ name: JobName) -> Zone? {
        guard task.needsZone else { return .utc }
        guard let zoneName else {
            refuseLocalBoundary(task, name)
            return nil
        }
        do {
            return try zones.zone(named: zoneName)
        } catch {
            let position = task.triggers.first { $0.isEnabled && $0.needsZone }?.position ?? task.position
            report(.error, position, "time-zone", "ALMANAC_TASK_TIME_ZONE: \(error.message)", error.hint)
            return nil
        }
    }

    /// Says what is at stake when nobody says which zone is meant: the next occurrences under either reading.
    private mutating func refuseLocalBoundary(_ task: TaskDefinition, _ name: JobName) {
        let trigger = task.triggers.first { $0.isEnabled && $0.needsZone }
        let place = task.diagnostics.first { diagnostic in
            diagnostic.code == .localBoundary && trigger.map { $0.position <= diagnostic.position } ?? true
        }
        let machine = zones.machineZone
        var details = [reading(task, name, in: .utc, "UTC")]
        var suggestion = "ALMANAC_TASK_TIME_ZONE=UTC"
        switch machine {
        case nil: details.append("this machine's own time zone cannot be told")
        case let zone? where zone.isFixed && zone.offset(at: now) == 0:
            details.append("this machine's own time zone is UTC as well")
        case let zone?:
            details.append(reading(task, name, in: zone, "\(zone.name), as this machine's clock"))
            suggestion += " or ALMANAC_TASK_TIME_ZONE=\(zone.name)"
        }
        let claim = task.utcClaim.map { "; line \($0.line) says that UTC is meant" } ?? ""
        report(
            .error, place?.position ?? trigger?.position ?? task.position,
            TaskDiagnostic.Code.localBoundary.rawValue,
            "a time of “\(name)” has no zone: neither Z nor an offset, so that it is the local time of whichever"
                + " machine runs it",
            "say which is meant with \(suggestion) (--time-zone looks at one), or write Z behind the time for UTC"
                + claim,
            details)
    }

    /// The next occurrences of a task when its times are those of `zone`.
    private func reading(_ task: TaskDefinition, _ name: JobName, in zone: Zone, _ called: String) -> String {
        let schedule = Schedule(.triggers(task.clockTriggers), zone: zone, key: name.description)
        let times = schedule.occurrences(after: now, through: Instant(microseconds: .max), limit: 3)
        guard !times.isEmpty else { return "read in \(called): no occurrence is left" }
        return "read in \(called): next "
            + times.map { $0.instant.rfc3339(offset: zone.offset(at: $0.instant)) }.joined(separator: ", ")
    }

    /// The job of a task of the file; nil when it has an error.
    package func job(of task: TaskDefinition) -> Job? {
        jobs.first { $0.source.line == task.position.line && $0.source.column == task.position.column }
    }

    private static func template(_ request: CommandRequest) -> RequestTemplate {
        // In the order of a schedule file's line, so that both say the same job.
        let first = ["x-user-id", "x-job-token"]
        let headers =
            first.flatMap { name in request.headers.filter { $0.name.lowercased() == name } }
            + request.headers.filter { !first.contains($0.name.lowercased()) }
        var template = RequestTemplate(
            method: request.method, url: request.url,
            headers: headers.map { RequestTemplate.Header($0.name, $0.value) },
            body: request.body)
        // What would be sent anyway is not said.
        let usual = template.usualContentType
        template.headers.removeAll { header in
            header.name.lowercased() == "content-type" && header.value.literal == usual
        }
        return template
    }

    /// A job's name made of a task's: lower case, other characters as `-`; nil when nothing is left.
    private static func jobName(_ text: String) -> JobName? {
        var name = ""
        for character in text.lowercased() {
            let isKept =
                character.isASCII && (character.isLetter || character.isNumber || "._-".contains(character))
            if isKept { name.append(character) } else if name.last != "-" { name.append("-") }
        }
        let trimmed = name.drop { "._-".contains($0) }.prefix(JobName.lengthMax)
        return JobName(trimmed)
    }

    private static func baseName(_ file: String) -> String {
        let last = file.split(separator: "/").last.map(String.init) ?? file
        return last.hasSuffix(".xml") ? String(last.dropLast(4)) : last
    }
}
