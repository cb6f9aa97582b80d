package import CivilTime
import RunModel
import Scheduling
package import TaskXML

extension Job {
    /// The job as a task for Windows, whose triggers count from the day `start` on.
    ///
    /// `values` answers values of the configuration that may stand in the file; what it does not answer stays a
    /// reference, and a secret always does. `machineZone` is the zone of the Windows machine, where it is known.
    package func task(
        from start: CivilDate, machineZone: String?, values: (String) -> String?
    ) throws(TaskWriteError) -> TaskDefinition {
        guard let schedule else {
            throw TaskWriteError(
                .schedule, "the job “\(name)” has no schedule", hint: "Windows tasks are for times")
        }
        let triggers: [TaskTrigger]
        switch schedule.rule {
        case .triggers(let given): triggers = given
        case .cron(let expression):
            triggers = try TaskTriggerRendering.triggers(
                for: expression, in: schedule.zone, from: start,
                machineIsInZone: schedule.zone.name == machineZone)
        }
        var settings = TaskSettings()
        settings.multipleInstances = policy.overlap.multipleInstances
        settings.startWhenAvailable = policy.catchUp != .none
        settings.executionTimeLimit = policy.timeout
        settings.isEnabled = isEnabled
        return TaskDefinition(
            registration: .init(
                uri: "\\Almanac\\\(name)", author: "Almanac", description: "\(name): \(schedule.words)"),
            triggers: triggers.map { TaskTriggerDefinition(kind: .clock($0)) }, settings: settings,
            request: taskRequest(values))
    }

    private func taskRequest(_ values: (String) -> String?) -> TaskRequest {
        func value(_ text: TemplateText) -> TaskValue {
            TaskValue(
                text.parts.map { part in
                    switch part {
                    case .literal(let literal): return .literal(literal)
                    case .reference(let name):
                        let filled = ValueName.shown.contains(name) ? values(name) : nil
                        return filled.map { .literal($0) } ?? .reference(name)
                    }
                })
        }
        return TaskRequest(
            method: request.method, url: value(request.url),
            headers: request.headers.map {
                .init(name: $0.name, value: value($0.value), isSecret: $0.isSecret)
            },
            body: request.body.map(value), failsOnStatus: true,
            retry: policy.retries > 0 && !policy.declinesTransient
                ? .init(count: policy.retries, delay: policy.backoff.lowerBound) : nil,
            position: TaskPosition(line: 1, column: 1))
    }
}

extension Job {
    /// What of its rules Task Scheduler and curl have no words for, each in a sentence.
    package var lossesOnWindows: [String] {
        var losses: [String] = []
        if policy.decline != .none {
            losses.append("Windows shows the declined statuses \(policy.decline) as failures")
        }
        if policy.retries > 0, policy.declinesTransient {
            losses.append("curl does not retry, since it would retry a declined status")
        }
        if policy.accept != .successful {
            losses.append("Windows takes every status below 400 as success, not only \(policy.accept)")
        }
        return losses
    }
}

extension Policy {
    /// Whether a status that curl's --retry repeats means “not now” here (curl(1), --retry).
    fileprivate var declinesTransient: Bool {
        [408, 429, 500, 502, 503, 504].contains(where: decline.contains)
    }
}

extension Policy.Overlap {
    /// The policy of Task Scheduler that means the same.
    fileprivate var multipleInstances: TaskSettings.MultipleInstances {
        switch self {
        case .skip: .ignoreNew
        case .queue: .queue
        case .replace: .stopExisting
        case .allow: .parallel
        }
    }
}

extension Job {
    /// The lines of a schedule file that mean the same, one for each trigger of a task; those after the first have
    /// names of their own.
    package func cronLines() throws(TaskWriteError) -> [String] {
        guard case .triggers(let triggers)? = schedule?.rule else {
            guard let line = cronLine else { throw Self.unsayable }
            return [line]
        }
        var lines: [String] = []
        for (index, trigger) in triggers.enumerated() {
            let rendered = try CronRendering.line(for: trigger)
            var job = self
            if index > 0, let name = JobName("\(name)-\(index + 1)") { job.name = name }
            do {
                let expression = try CronExpression(parsing: rendered.expression, seed: job.name.description)
                let zone = rendered.zone == nil ? schedule?.zone ?? .utc : .utc
                job.schedule = Schedule(.cron(expression), zone: zone, key: job.name.description)
            } catch {
                preconditionFailure("\(rendered.expression) is no expression: \(error)")
            }
            guard let line = job.cronLine else { throw Self.unsayable }
            lines.append(line)
        }
        return lines
    }

    private static var unsayable: TaskWriteError {
        TaskWriteError(
            .noRequest, "no line of a schedule file says this request",
            hint: "requests to the API carry the job token there")
    }
}
