package import CivilTime
import Host
import Records
import RunEngine
package import RunModel

/// What setting a job back came to.
package struct RewindResult: Sendable {
    /// Which job.
    package var job: JobName
    /// Where the store is that was changed.
    package var place: String
    /// From when on it is decided again.
    package var to: Instant
    /// How far it had come.
    package var from: Instant
    /// Rows of what is still to come, without a request: they are gone.
    package var removed: Int
}

extension Session {
    /// Sets a job back to now whose occurrences a clock that was ahead has decided: what was requested stays as it is.
    package func rewind(_ text: String, reason: String) async throws(CommandError) -> RewindResult {
        try checkRoot()
        let opened = try await openRecords(ifMissing: .makeIfNamed)
        let store = opened.store
        let name = try await knownJob(text, in: opened)
        let now = now()
        let summaries = try await ask { () throws(StoreError) in
            try await store.summaries(of: [name], until: now)
        }
        guard let watermark = summaries.first?.watermark else {
            throw CommandError(.badInput, "\(opened.place) does not know the job “\(text)” yet")
        }
        guard watermark > now else {
            throw CommandError(
                .usage,
                "\(name) is decided up to \(watermark), which has passed: there is nothing to set back",
                hint:
                    "`almanac why \(name)` says why something did not run, and `almanac backfill` makes it good"
            )
        }
        let event = StoreEvent(
            at: now, host: HostID(ProcessInformation.hostName()), kind: .rewound, job: name,
            detail: "set back from \(watermark) to \(now) by \(operatorName): \(reason)"
                .storable(bytesMax: Limits.detailBytesMax))
        let rewinding = Rewinding(
            job: name, to: now, kept: try await rowAcross(now, of: name, in: store), event: event)
        let done = try await ask { () throws(StoreError) in try await store.rewind(rewinding) }
        guard let done else {
            throw CommandError(
                .tryAgain, "\(name) was set back meanwhile", hint: "`almanac why \(name)` shows by whom")
        }
        // It reads what changed when somebody asks; without that within a minute.
        if idleService == nil { _ = try? await askDaemon("GET", "/health", timeout: .seconds(2)) }
        return RewindResult(
            job: name, place: opened.place, to: now, from: done.from, removed: done.removed)
    }

    /// A row of several occurrences, of which some are after `now`, as it stands for those before.
    private func rowAcross(
        _ now: Instant, of job: JobName, in store: any AnyStore
    ) async throws(CommandError) -> RunRecord? {
        let rows = try await ask { () throws(StoreError) in
            try await store.occurrences(of: job, covering: now + .microseconds(1))
        }
        guard
            let row = rows.map(\.record).first(where: {
                $0.scheduledUntil != nil && $0.scheduledFor.map { $0 <= now } ?? false
            })
        else { return nil }
        let definitions = try await ask { () throws(StoreError) in try await store.definitions(of: job) }
        return row.part(until: now, by: definitions, zones: zones)
    }
}
