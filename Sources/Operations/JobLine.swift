package import CivilTime
import JobCatalog
package import RunEngine
package import RunModel
import Scheduling

/// A job as lists show it: its definition, its last run, what comes, how it does.
package struct JobLine: Sendable {
    /// Which job.
    package var job: JobName
    /// As its file spells it; nil when it runs by hand.
    package var schedule: String?
    /// The schedule in words; nil when it runs by hand.
    package var words: String?
    /// The zone of the schedule; nil when it runs by hand.
    package var timeZone: String?
    /// Whether it is due at all.
    package var isEnabled: Bool
    /// The first occurrence that is not decided yet; nil when none comes.
    package var next: Instant?
    /// Whether it is never due again.
    package var isOver: Bool
    /// The run that ended last, by hand or not; nil when none has.
    package var lastRun: RunRecord?
    /// When the run ended that succeeded last; nil when none has.
    package var lastSuccessAt: Instant?
    /// The occurrence that should have ended well by now and has not.
    package var overdueSince: Instant?
    /// What holds the job back; nil when it is not paused.
    package var pause: Pause?
    /// How it does.
    package var level: HealthStatus
    /// What to know about it, in a sentence; nil when all is well.
    package var detail: String?
    /// What was wrong with a paused job before its pause; nil when nothing was.
    package var beforePause: String?
    /// What its definition is known by.
    package var configHash: String
    /// Its file and line.
    package var source: String
}

extension JobLine {
    /// The line of a job.
    package init(_ status: JobStatus) {
        let job = status.job
        self.init(
            job: job.name, schedule: job.schedule?.description, words: job.schedule?.words,
            timeZone: job.schedule?.zone.name, isEnabled: job.isEnabled, next: status.next?.instant,
            isOver: status.isOver, lastRun: status.lastRun, lastSuccessAt: status.lastSuccess?.finishedAt,
            overdueSince: status.overdueSince, pause: status.pause, level: status.level,
            detail: status.detail, beforePause: status.beforePause, configHash: job.configHash,
            source: "\(job.source.file):\(job.source.line)")
    }

    /// The job for programs; of its last run those who are not trusted see less.
    package func json(_ times: TimeText, isTrusted: Bool = true) -> JSONValue {
        .object([
            .init("job", .string(job.description)), .init("schedule", JSONValue(schedule)),
            .init("schedule_words", JSONValue(words)), .init("time_zone", JSONValue(timeZone)),
            .init("enabled", .bool(isEnabled)), .init("next_occurrence", times.json(next)),
            .init("over", .bool(isOver)),
            .init("last_run", (isTrusted ? lastRun : lastRun?.redacted)?.json(times) ?? .null),
            .init("last_success_at", times.json(lastSuccessAt)),
            .init("overdue_since", times.json(overdueSince)), .init("pause", pause?.json(times) ?? .null),
            .init("status", .string(level.rawValue)), .init("detail", JSONValue(detail)),
            .init("before_pause", JSONValue(beforePause)), .init("config_hash", .string(configHash)),
            .init("source", .string(source)),
        ])
    }

    /// The job that a document tells of; nil when it tells of none.
    init?(_ document: Document) {
        guard let job = document.job("job"), let level: HealthStatus = document.word("status"),
            let configHash = document.text("config_hash"), let source = document.text("source")
        else { return nil }
        self.init(
            job: job, schedule: document.text("schedule"), words: document.text("schedule_words"),
            timeZone: document.text("time_zone"), isEnabled: document.flag("enabled"),
            next: document.instant("next_occurrence"), isOver: document.flag("over"),
            lastRun: document.object("last_run").flatMap { RunRecord($0) },
            lastSuccessAt: document.instant("last_success_at"),
            overdueSince: document.instant("overdue_since"),
            pause: document.object("pause").flatMap { Pause($0) }, level: level,
            detail: document.text("detail"), beforePause: document.text("before_pause"),
            configHash: configHash, source: source)
    }
}
