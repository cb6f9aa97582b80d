package import CivilTime
import RequestText
import RunModel
import Scheduling
package import TaskXML

extension Job {
    /// The lines of a schedule file that mean the same from `now` on, one for each trigger of a task that is due again;
    /// those after the first have names of their own.
    package func cronLines(from now: Instant) throws(TaskWriteError) -> [String] {
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
            // A URL may hold no reference to a secret either, so that the usual hint would lead to the next refusal.
            let isInURL = !ClearSecrets(in: request.url).names.isEmpty
            throw TaskWriteError(
                .value, "a secret stands in clear text in its request, and would in the line",
                hint: isInURL
                    ? "URLs are shown in records and logs: send it in a header, if the service takes one there"
                    : "keep it in the configuration, and write %NAME% in the task file")
        }
        guard case .triggers(let triggers) = schedule.rule else { return [try line(for: self, now)] }
        var jobs: [Job] = []
        for trigger in triggers {
            guard var job = try job(for: trigger, in: schedule.zone, from: now) else { continue }
            // Where two triggers say the same, the task runs once.
            guard !jobs.contains(where: { $0.schedule?.rule == job.schedule?.rule }) else { continue }
            if !jobs.isEmpty, let name = JobName("\(name)-\(jobs.count + 1)") { job.name = name }
            jobs.append(job)
        }
        return try jobs.map { job throws(TaskWriteError) in try line(for: job, now) }
    }

    /// The job with one trigger as its cron expression; nil when the trigger is never due again.
    private func job(
        for trigger: TaskTrigger, in zone: Zone, from now: Instant
    ) throws(TaskWriteError) -> Job? {
        guard let next = trigger.next(after: now, in: zone) else { return nil }
        let rendered = try CronRendering.line(for: trigger, on: zone)
        let expression: CronExpression
        do { expression = try CronExpression(parsing: rendered.expression, seed: name.description) } catch {
            preconditionFailure("\(rendered.expression) is no expression: \(error)")
        }
        var job = self
        job.policy.jitter = max(policy.jitter, trigger.randomDelay)
        job.schedule = Schedule(
            .cron(expression), zone: rendered.zone == nil ? zone : .utc, key: name.description)
        guard job.schedule?.next(after: now)?.instant == next.instant else {
            throw TaskWriteError(
                .schedule,
                "the task is not due before \(next.instant.rfc3339), and its line would be",
                hint: "keep the task file until then")
        }
        return job
    }

    /// The line of a job, which must be read as the same job.
    private func line(for job: Job, _ now: Instant) throws(TaskWriteError) -> String {
        guard let line = job.cronLine, let zone = job.schedule?.zone else {
            throw TaskWriteError(
                .noRequest, "no line of a schedule file says this request",
                hint: "requests to the API carry the job token there")
        }
        let file = ScheduleFile(Array(line.utf8), file: "", zones: OneZone(zone: zone), now: now)
        guard let read = file.jobs.first, read.configHash == job.configHash else {
            let problem = file.diagnostics.first { $0.severity == .error }
            throw TaskWriteError(
                .value,
                "no line of a schedule file says this request" + (problem.map { ": \($0.message)" } ?? ""),
                hint: problem?.hint ?? "keep the task file")
        }
        return line
    }
}

/// The one zone that a line names.
private struct OneZone: ZoneSource {
    let zone: Zone

    func zone(named name: String) -> Zone { name == zone.name ? zone : .utc }

    var machineZone: Zone? { nil }
    var dataVersion: String? { nil }
}
