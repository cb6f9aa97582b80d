import CivilTime
import JobCatalog
package import RunEngine
package import RunModel
import Scheduling

extension JobStatus {
    /// The job for programs; of its last run those who are not trusted see less.
    package func json(_ times: TimeText, isTrusted: Bool = true) -> JSONValue {
        .object([
            .init("job", .string(job.name.description)),
            .init("schedule", job.schedule.map { .string($0.description) } ?? .null),
            .init("schedule_words", job.schedule.map { .string($0.words) } ?? .null),
            .init("time_zone", job.schedule.map { .string($0.zone.name) } ?? .null),
            .init("enabled", .bool(job.isEnabled)),
            .init("next_occurrence", times.json(next?.instant)), .init("over", .bool(isOver)),
            .init("last_run", (isTrusted ? lastRun : lastRun?.redacted)?.json(times) ?? .null),
            .init("last_success_at", times.json(lastSuccess?.finishedAt)),
            .init("overdue_since", times.json(overdueSince)),
            .init("pause", pause?.json(times) ?? .null),
            .init("status", .string(level.rawValue)),
            .init("detail", detail.map { .string($0) } ?? .null),
            .init("config_hash", .string(job.configHash)),
            .init("source", .string("\(job.source.file):\(job.source.line)")),
        ])
    }
}
