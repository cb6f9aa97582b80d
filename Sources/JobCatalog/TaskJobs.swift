package import CivilTime
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
    /// schedule without an occurrence after `now` is an error.
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

    /// The longest time that a run is expected to take when only a task's limit is known.
    private static let usualTimeMax: Duration = .seconds(3600)

    /// Whether a task may run in spite of it.
    private static func isHarmless(_ diagnostic: TaskDiagnostic) -> Bool {
        diagnostic.severity != .error || diagnostic.code == .missingPlaceholder
    }

    private mutating func report(_ diagnostic: TaskDiagnostic) {
        let severity: Diagnostic.Severity
        if diagnostic.code == .localBoundary, zoneName == nil { return }
        switch (diagnostic.code, diagnostic.severity) {
        // A missing value is for whoever starts the job to report: here nothing has a value.
        case (.missingPlaceholder, _): return
        // An error below when no zone is named.
        case (.localBoundary, _): severity = .repair
        case (_, .note): severity = .note
        case (_, .repair): severity = .repair
        case (_, .warning): severity = .warning
        case (_, .error): severity = .error
        }
        report(severity, diagnostic.position, diagnostic.code.rawValue, diagnostic.message, diagnostic.hint)
    }

    private mutating func report(
        _ severity: Diagnostic.Severity, _ position: TaskPosition, _ code: String, _ message: String,
        _ hint: String?
    ) {
        diagnostics.append(
            Diagnostic(
                severity, at: SourceLocation(file: file, line: position.line, column: position.column),
                code: code,
                message, hint: hint))
    }

    private mutating func lower(_ task: TaskDefinition) {
        guard let request = task.request else { return }
        guard let name = Self.jobName(task.name ?? Self.baseName(file)) else {
            report(
                .error, task.position, "job-name", "no job's name can be made of “\(task.name ?? file)”",
                "give the task a <URI> with letters or digits")
            return
        }
        guard case .found(let schedule) = schedule(of: task, name) else { return }
        for trigger in task.triggers where trigger.isEnabled { reportEvent(trigger) }
        var policy = Policy()
        policy.retries = request.retry?.count ?? 0
        if let delay = request.retry?.delay, delay > .zero { policy.backoff = delay...delay }
        policy.timeout = task.timeLimit ?? Policy.durationMax
        // A limit of days, which is Task Scheduler's default, says nothing of how long a request takes.
        let delay = task.clockTriggers.map(\.randomDelay).max() ?? .zero
        if policy.timeout > Self.usualTimeMax || delay > .zero {
            policy.overdueAfter = delay + min(policy.timeout, Self.usualTimeMax) + .seconds(600)
        }
        policy.overlap = Self.overlap(task.settings.multipleInstances)
        policy.catchUp = task.settings.startWhenAvailable ? .latest : .none
        jobs.append(
            Job(
                name: name, schedule: schedule, request: Self.template(request), policy: policy,
                isEnabled: task.settings.isEnabled,
                source: SourceLocation(file: file, line: task.position.line, column: task.position.column)))
    }

    /// A trigger that is no time starts nothing, which must not go unsaid.
    private mutating func reportEvent(_ trigger: TaskTriggerDefinition) {
        let kind: String
        switch trigger.kind {
        case .boot: kind = "BootTrigger"
        case .registration: kind = "RegistrationTrigger"
        case .clock, .refused: return
        }
        report(
            .warning, trigger.position, "event-trigger", "<\(kind)> starts no run here",
            "give the task a time, or run the job by hand at that event: almanac run-now")
    }

    private enum Found {
        /// Nil for a task that only runs by hand.
        case found(Schedule?)
        case reported
    }

    private mutating func schedule(of task: TaskDefinition, _ name: JobName) -> Found {
        guard !task.clockTriggers.isEmpty else { return .found(nil) }
        guard let zone = zone(of: task, name) else { return .reported }
        let schedule = Schedule(.triggers(task.clockTriggers), zone: zone, key: name.description)
        guard !task.settings.isEnabled || schedule.next(after: now) != nil else {
            report(
                .error, task.position, "never", "the task “\(name)” has no occurrence left",
                "its triggers have ended; take the file out, or correct its boundaries")
            return .reported
        }
        return .found(schedule)
    }

    private mutating func zone(of task: TaskDefinition, _ name: JobName) -> Zone? {
        guard task.needsZone else { return .utc }
        let position = task.triggers.first { $0.isEnabled && $0.needsZone }?.position ?? task.position
        guard let zoneName else {
            let claim = task.utcClaim.map { "; a comment at line \($0.line) claims UTC, then set UTC" } ?? ""
            report(
                .error, position, TaskDiagnostic.Code.localBoundary.rawValue,
                "a boundary of “\(name)” has no Z and no offset, so it means the local time of a machine"
                    + readings(task, name),
                "name its zone in ALMANAC_TASK_TIME_ZONE\(claim), or write Z behind the boundary")
            return nil
        }
        do {
            return try zones.zone(named: zoneName)
        } catch {
            report(.error, position, "time-zone", "ALMANAC_TASK_TIME_ZONE: \(error.message)", error.hint)
            return nil
        }
    }

    /// The job of a task of the file; nil when it has an error.
    package func job(of task: TaskDefinition) -> Job? {
        jobs.first { $0.source.line == task.position.line && $0.source.column == task.position.column }
    }

    /// The next three occurrences if the times were UTC, to show what is at stake.
    private func readings(_ task: TaskDefinition, _ name: JobName) -> String {
        let schedule = Schedule(.triggers(task.clockTriggers), zone: .utc, key: name.description)
        let times = schedule.occurrences(after: now, through: Instant(microseconds: .max), limit: 3)
        return times.isEmpty
            ? "" : "; read as UTC it is next due at " + times.map(\.instant.rfc3339).joined(separator: ", ")
    }

    private static func overlap(_ policy: TaskSettings.MultipleInstances) -> Policy.Overlap {
        switch policy {
        case .ignoreNew: .skip
        case .queue: .queue
        case .stopExisting: .replace
        case .parallel: .allow
        }
    }

    private static func template(_ request: TaskRequest) -> RequestTemplate {
        // In the order of a schedule file's line, so that both say the same job.
        let first = ["x-user-id", "x-job-token"]
        let headers =
            first.flatMap { name in request.headers.filter { $0.name.lowercased() == name } }
            + request.headers.filter { !first.contains($0.name.lowercased()) }
        return RequestTemplate(
            method: request.method, url: TemplateText(request.url),
            headers: headers.map { RequestTemplate.Header($0.name, TemplateText($0.value)) },
            body: request.body.map { TemplateText($0) })
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

extension TemplateText {
    fileprivate init(_ value: TaskValue) {
        self.init(
            value.parts.map { part in
                switch part {
                case .literal(let text): .literal(text)
                case .reference(let name): .reference(name)
                }
            })
    }
}
