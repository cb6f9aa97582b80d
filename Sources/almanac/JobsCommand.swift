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

    @Option(help: "The most jobs to list, 1 to 10000.")
    var limit = 1000

    @Option(help: "Only jobs whose names follow this one: the next page of a long list.")
    var after: String?

    @OptionGroup var output: OutputOptions

    @OptionGroup var watching: WatchOptions

    /// The most jobs of one call.
    private static let limitMax = 10_000

    func validate() throws {
        guard 1...Self.limitMax ~= limit else {
            throw ValidationError("--limit must be from 1 to \(Self.limitMax)")
        }
        guard after.map({ JobName($0) != nil }) ?? true else {
            throw ValidationError("--after must be the name of a job")
        }
    }

    func run() async throws {
        try await Console.exiting {
            let session = try Program.session(.files, console: Console.errors)
            let times = try output.times(session)
            let records = try await session.recordsIfThere()
            if watching.watch {
                try await Watch.run { () throws(CommandError) in
                    try await page(records, session).text(times, output)
                }
                return .done
            }
            let listing = try await page(records, session)
            if output.isJSON {
                Console.write(listing.json(times))
            } else {
                Console.write(tables: listing.text(times, output))
            }
            if let next = listing.next {
                Console.error(
                    "\(listing.statuses.count) of \(listing.count) jobs; the next: almanac jobs --after \(next)"
                )
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
        /// How many jobs there are.
        var count: Int
        /// The last job that is listed, when others follow.
        var next: JobName?
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
                .init("next", JSONValue(next?.description)),
            ])
        }
    }

    private func page(
        _ records: Result<OpenedStore, CommandError>, _ session: Session
    ) async throws(CommandError) -> Listing {
        let catalog = try session.catalog()
        let now = session.now()
        let isWhole = after == nil && catalog.jobs.count <= limit
        // In the order of the files, unless there are too many for one page.
        let found =
            isWhole
            ? Array(catalog.jobs.indices)
            : catalog.indices(after: after.flatMap { JobName($0) }, atMost: limit + 1)
        let jobs = found.prefix(limit).map { catalog.jobs[$0] }
        let (summaries, pauses, hosts, definitions) = try await Self.facts(
            of: isWhole ? nil : jobs.map(\.name), records, session, now)
        let known = Dictionary(summaries.map { ($0.job, $0) }) { first, _ in first }
        let since = StoredDefinition.inForceSince(definitions)
        let statuses = jobs.map {
            JobStatus(
                job: $0, summary: known[$0.name], pauses: pauses, countsFrom: since[$0.name], now: now)
        }
        let hasRecords = if case .success = records { true } else { false }
        return Listing(
            statuses: statuses, count: catalog.jobs.count, next: found.count > limit ? jobs.last?.name : nil,
            hosts: hosts, now: now, hasRecords: hasRecords)
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

    /// What the store knows of these jobs, or of all; nothing when there is none.
    private static func facts(
        of jobs: [JobName]?, _ records: Result<OpenedStore, CommandError>, _ session: Session, _ now: Instant
    ) async throws(CommandError) -> ([JobSummary], [Pause], [HostSighting], [StoredDefinition]) {
        guard case .success(let opened) = records else { return ([], [], [], []) }
        let store = opened.store
        return try await session.ask { () throws(StoreError) in
            let (pauses, hosts) = (try await store.pauses(), try await store.hosts())
            guard let jobs else {
                return (
                    try await store.summaries(until: now), pauses, hosts, try await store.definitions(of: nil)
                )
            }
            var definitions: [StoredDefinition] = []
            for job in jobs { definitions += try await store.definitions(of: job) }
            return (try await store.summaries(of: jobs, until: now), pauses, hosts, definitions)
        }
    }
}

extension JobStatus {
    /// What is to be said beside the columns.
    fileprivate var remark: String? { pause == nil || !job.isEnabled ? detail : beforePause }
}
