import CivilTime
import RunModel
import Scheduling
package import TaskXML

extension Job {
    /// The lines of a schedule file that mean the same, one for each trigger of a task; those after the first have
    /// names of their own.
    package func cronLines() throws(TaskWriteError) -> [String] {
        guard let schedule else {
            throw TaskWriteError(
                .schedule, "no line of a schedule file says a job without a schedule",
                hint: "keep the task file: its job runs by hand")
        }
        if let event = schedule.events.first {
            throw TaskWriteError(
                .schedule, "no line of a schedule file says “\(event.words(in: schedule.zone))”",
                hint: "keep the task file: its job runs at that event")
        }
        guard !holdsClearSecret else {
            throw TaskWriteError(
                .value, "a secret stands in clear text in its request, and would in the line",
                hint: "keep it in the configuration, and write %NAME% in the task file")
        }
        guard case .triggers(let triggers) = schedule.rule else {
            guard let line = cronLine else { throw Self.unsayable }
            return [line]
        }
        var lines: [String] = []
        for (index, trigger) in triggers.enumerated() {
            let rendered = try CronRendering.line(for: trigger)
            var job = self
            job.policy.jitter = max(policy.jitter, trigger.randomDelay)
            if index > 0, let name = JobName("\(name)-\(index + 1)") { job.name = name }
            do {
                let expression = try CronExpression(parsing: rendered.expression, seed: job.name.description)
                let zone = rendered.zone == nil ? schedule.zone : .utc
                job.schedule = Schedule(.cron(expression), zone: zone, key: job.name.description)
            } catch {
                preconditionFailure("\(rendered.expression) is no expression: \(error)")
            }
            guard let line = job.cronLine else { throw Self.unsayable }
            lines.append(line)
        }
        return lines
    }

    private var holdsClearSecret: Bool {
        let headers = request.headers.map {
            TaskRequest.Header(name: $0.name, value: $0.value, isSecret: SecretName.holds($0.name))
        }
        return headers.contains(where: \.holdsClearSecret)
            || ([request.url] + (request.body.map { [$0] } ?? [])).contains {
                !ClearSecrets(in: $0).names.isEmpty
            }
    }

    private static var unsayable: TaskWriteError {
        TaskWriteError(
            .noRequest, "no line of a schedule file says this request",
            hint: "requests to the API carry the job token there")
    }
}
