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

    @OptionGroup var watching: WatchOptions

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(.files, console: Console.errors)
            let times = try output.times(session)
            let records = try await session.recordsIfThere()
            if watching.watch {
                try await Watch.run { () throws(CommandError) in
                    try await Self.listing(records, session).text(times, output)
                }
                return .done
            }
            let listing = try await Self.listing(records, session)
            if output.isJSON {
                Console.write(listing.json(times))
            } else {
                Console.write(tables: listing.text(times, output))
            }
            if let idle = session.idleService { Console.error("warning: \(idle)") }
            if case .failure(let reason) = records {
                Console.error(
                    "no store was asked: \(reason.message)" + (reason.hint.map { "\nhint: \($0)" } ?? ""))
            }
            return .done
        }
    }

    /// The jobs and the hosts, as they are at an instant.
    private struct Listing {
        var statuses: [JobStatus]
        var hosts: [HostSighting]
        var now: Instant
        /// Whether a store was asked.
        var hasRecords: Bool

        func text(_ times: TimeText, _ output: OutputOptions) -> String {
            let jobs = JobsCommand.table(statuses, times, now, hasRecords: hasRecords).text(
                colour: output.usesColour, width: output.width)
            // Before its first daemon a store knows no host.
            guard !hosts.isEmpty else { return jobs }
            return jobs + "\n\n"
                + HostSighting.table(hosts, times).text(colour: output.usesColour, width: output.width)
        }

        func json(_ times: TimeText) -> JSONValue {
            .object([
                .init("jobs", .array(statuses.map { $0.json(times) })),
                .init("hosts", .array(hosts.map { $0.json(times) })),
            ])
        }
    }

    private static func listing(
        _ records: Result<OpenedStore, CommandError>, _ session: Session
    ) async throws(CommandError) -> Listing {
        let catalog = try session.catalog()
        let now = session.now()
        let (summaries, pauses, hosts, definitions) = try await Self.facts(records, session, now)
        let known = Dictionary(summaries.map { ($0.job, $0) }) { first, _ in first }
        let since = StoredDefinition.inForceSince(definitions)
        let statuses = catalog.jobs.map {
            JobStatus(
                job: $0, summary: known[$0.name], pauses: pauses, countsFrom: since[$0.name], now: now)
        }
        let hasRecords = if case .success = records { true } else { false }
        return Listing(statuses: statuses, hosts: hosts, now: now, hasRecords: hasRecords)
    }

    /// LEFT and RESULT stay in the narrowest terminal, with what is wrong; the rest goes.
    private static func table(
        _ statuses: [JobStatus], _ times: TimeText, _ now: Instant, hasRecords: Bool
    ) -> Table {
        var table = Table(
            ["JOB", "SCHEDULE", "NEXT", "LEFT", "RESULT", "LAST RUN", "BY HOST", "PAUSED", "STATUS"],
            flexible: [
                .init(column: 8, widthMin: 12), .init(column: 7, widthMin: 12),
                .init(column: 1, widthMin: 22),
            ], optional: [6, 5, 1, 2])
        for status in statuses {
            let (last, next) = (status.lastRun, status.next?.instant)
            table.add([
                status.job.name.description,
                status.job.isEnabled ? status.job.schedule?.words ?? "by hand" : "disabled",
                status.isOver ? "over" : times.text(next),
                status.isOver ? "over" : next.map { TimeText.rough($0 - now) } ?? "-",
                last.map { run in
                    run.outcomeText + (run.finishedAt.map { " \(TimeText.rough(now - $0)) ago" } ?? "")
                } ?? "-",
                times.text(last?.finishedAt), last?.host.description ?? "-",
                status.pause.map { times.terms(of: $0) } ?? "-",
                hasRecords ? status.level.rawValue + (status.remark.map { ": " + $0 } ?? "") : "-",
            ])
        }
        return table
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
}
