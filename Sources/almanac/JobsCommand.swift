import ArgumentParser
import CivilTime
import JobCatalog
import Operations
import RunEngine
import RunModel
import Scheduling

struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs",
        abstract: "List the jobs: schedule, next occurrence, last outcome, who paused them; and the hosts.")

    @OptionGroup var output: OutputOptions

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(.files, console: Console.errors)
            let times = try output.times(session)
            let catalog = try session.catalog()
            let now = session.now()
            let records = try await session.recordsIfThere()
            let (summaries, pauses, hosts, definitions) = try await Self.facts(records, session, now)
            let known = Dictionary(summaries.map { ($0.job, $0) }) { first, _ in first }
            let since = StoredDefinition.inForceSince(definitions)
            let statuses = catalog.jobs.map {
                JobStatus(
                    job: $0, summary: known[$0.name], pauses: pauses, countsFrom: since[$0.name],
                    now: now)
            }
            if output.isJSON {
                Console.write(
                    .object([
                        .init("jobs", .array(statuses.map { $0.json(times) })),
                        .init("hosts", .array(hosts.map { $0.json(times) })),
                    ]))
            } else {
                var table = Table(
                    [
                        "JOB", "SCHEDULE", "NEXT", "LAST OUTCOME", "LAST RUN", "BY HOST", "PAUSED", "STATUS",
                    ], flexible: [.init(column: 7, widthMin: 12), .init(column: 1, widthMin: 22)],
                    optional: [5, 4, 3, 6])
                for status in statuses {
                    let last = status.lastRun
                    table.add([
                        status.job.name.description,
                        status.job.isEnabled ? status.job.schedule?.words ?? "by hand" : "disabled",
                        status.isOver ? "over" : times.text(status.next?.instant),
                        last?.outcomeText ?? "-",
                        times.text(last?.finishedAt), last?.host.description ?? "-",
                        status.pause.map { times.terms(of: $0) } ?? "-",
                        status.level.rawValue + (status.remark.map { ": " + $0 } ?? ""),
                    ])
                }
                Console.write(table, colour: output.usesColour, width: output.width)
                // Before its first daemon a store knows no host.
                if !hosts.isEmpty {
                    Console.write("")
                    let table = HostSighting.table(hosts, times)
                    Console.write(table, colour: output.usesColour, width: output.width)
                }
            }
            if case .failure(let reason) = records {
                Console.error(
                    "no store was asked: \(reason.message)" + (reason.hint.map { "\nhint: \($0)" } ?? ""))
            }
            return .done
        }
    }

    /// What the store knows; nothing when there is none.
    private static func facts(
        _ records: Result<OpenedStore, CommandError>, _ session: Session, _ now: Instant
    ) async throws(CommandError) -> ([JobSummary], [Pause], [HostSighting], [StoredDefinition]) {
        guard case .success(let opened) = records else { return ([], [], [], []) }
        return try await session.ask { () throws(StoreError) in
            (
                try await opened.store.summaries(until: now), try await opened.store.pauses(),
                try await opened.store.hosts(), try await opened.store.definitions(of: nil)
            )
        }
    }
}

extension JobStatus {
    /// What is to be said beside the columns.
    fileprivate var remark: String? { pause == nil || !job.isEnabled ? detail : beforePause }

    fileprivate func json(_ times: TimeText) -> JSONValue {
        .object([
            .init("job", .string(job.name.description)),
            .init("schedule", job.schedule.map { .string($0.description) } ?? .null),
            .init("schedule_words", job.schedule.map { .string($0.words) } ?? .null),
            .init("time_zone", job.schedule.map { .string($0.zone.name) } ?? .null),
            .init("enabled", .bool(job.isEnabled)),
            .init("next_occurrence", times.json(next?.instant)), .init("over", .bool(isOver)),
            .init("last_run", lastRun?.json(times) ?? .null),
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
