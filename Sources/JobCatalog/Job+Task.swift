package import CivilTime
import CommandRequests
import RequestText
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
        let triggers =
            try clockTriggers(of: schedule, from: start, machineZone).map {
                TaskTriggerDefinition(kind: .clock($0))
            }
            + schedule.events.map { trigger throws(TaskWriteError) in
                TaskTriggerDefinition(kind: .event(try trigger.pinned(to: schedule.zone, machineZone)))
            }
        var task = TaskDefinition(
            registration: .init(
                uri: "\\Almanac\\\(name)", author: "Almanac", description: "\(name): \(schedule.words)"),
            triggers: triggers, settings: policy.taskSettings, request: taskRequest(values))
        task.settings.isEnabled = isEnabled
        // What no element states goes into the file as an option, so that reading it gives the same job.
        if Policy(stating: task) != policy {
            task.options = .init("")
            task.options = .init(policy.options(beyond: Policy(stating: task)))
        }
        return task
    }

    private func clockTriggers(
        of schedule: Schedule, from start: CivilDate, _ machineZone: String?
    ) throws(TaskWriteError) -> [TaskTrigger] {
        switch schedule.rule {
        case .cron(let expression):
            return try TaskTriggerRendering.triggers(
                for: expression, in: schedule.zone, from: start,
                machineIsInZone: schedule.zone.name == machineZone)
        case .triggers(let given):
            return try given.map { trigger throws(TaskWriteError) in
                try trigger.pinned(to: schedule.zone, machineZone)
            }
        }
    }

    private func taskRequest(_ values: (String) -> String?) -> CommandRequest {
        func value(_ text: TemplateText) -> TemplateText {
            TemplateText(
                text.parts.map { part in
                    guard case .reference(let name) = part, ValueName.shown.contains(name),
                        let filled = values(name)
                    else { return part }
                    return .literal(filled)
                })
        }
        var headers = request.headers
        // curl would call every body a form.
        if let type = request.usualContentType,
            !headers.contains(where: { $0.name.lowercased() == "content-type" })
        {
            headers.append(.init("Content-Type", TemplateText(literal: type)))
        }
        return CommandRequest(
            method: request.method, url: value(request.url),
            headers: headers.map { .init(name: $0.name, value: value($0.value), isSecret: $0.isSecret) },
            body: request.body.map(value), timeout: policy.curlTimeout, failsOnStatus: true,
            retry: policy.curlRetry)
    }
}
