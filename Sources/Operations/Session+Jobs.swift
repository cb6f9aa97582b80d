package import CivilTime
import JobCatalog
package import Records
import RunEngine
package import RunModel

/// The jobs, a page of them, and the hosts, as they are at an instant.
package struct JobListing: Sendable {
    /// In the order of the files when it is all of them, else of their names.
    package var lines: [JobLine]
    /// How many jobs there are; nil when that is not said.
    package var count: Int?
    /// The last job that is listed, when others follow.
    package var next: JobName?
    /// By name; empty before the first daemon.
    package var hosts: [HostSighting]
    /// When it was asked.
    package var now: Instant
    /// Whether the records were asked.
    package var hasRecords: Bool

    /// The list for programs.
    package func json(_ times: TimeText) -> JSONValue {
        .object([
            .init("jobs", .array(lines.map { $0.json(times) })),
            .init("hosts", .array(hosts.map { $0.json(times) })),
            .init("next", JSONValue(next?.description)),
        ])
    }
}

extension Session {
    /// The records for a list of jobs, which can do without; else why there are none. Nil when the service itself is asked.
    package func recordsOfJobs() async throws(CommandError) -> Result<OpenedStore, CommandError>? {
        asksService ? nil : try await recordsIfThere()
    }

    /// The jobs whose names follow `name`, at most `limit` of them, with what `records` know of them.
    package func jobs(
        after name: JobName?, limit: Int, _ records: Result<OpenedStore, CommandError>?
    ) async throws(CommandError) -> JobListing {
        guard let records else { return try await jobsOfService(after: name, limit: limit) }
        let catalog = try catalog()
        let now = now()
        let isWhole = name == nil && catalog.jobs.count <= limit
        // In the order of the files, unless there are too many for one page.
        let found =
            isWhole ? Array(catalog.jobs.indices) : catalog.indices(after: name, atMost: limit + 1)
        let jobs = found.prefix(limit).map { catalog.jobs[$0] }
        var listing = JobListing(
            lines: [], count: catalog.jobs.count, next: found.count > limit ? jobs.last?.name : nil,
            hosts: [], now: now, hasRecords: false)
        var (summaries, pauses, definitions) = ([JobSummary](), [Pause](), [StoredDefinition]())
        if case .success(let opened) = records {
            listing.hasRecords = true
            let store = opened.store
            let names = jobs.map(\.name)
            (summaries, pauses, listing.hosts, definitions) = try await ask { () throws(StoreError) in
                let (pauses, hosts) = (try await store.pauses(), try await store.hosts())
                guard !isWhole else {
                    return (
                        try await store.summaries(until: now), pauses, hosts,
                        try await store.definitions(of: nil)
                    )
                }
                var definitions: [StoredDefinition] = []
                for name in names { definitions += try await store.definitions(of: name) }
                return (try await store.summaries(of: names, until: now), pauses, hosts, definitions)
            }
        }
        let known = Dictionary(summaries.map { ($0.job, $0) }) { first, _ in first }
        let since = StoredDefinition.inForceSince(definitions)
        listing.lines = jobs.map {
            JobLine(
                JobStatus(
                    job: $0, summary: known[$0.name], pauses: pauses, countsFrom: since[$0.name], now: now))
        }
        return listing
    }
}
