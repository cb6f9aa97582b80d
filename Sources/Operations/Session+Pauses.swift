package import CivilTime
import Host
import JobCatalog
import Records
package import RunModel

/// What somebody asked to hold back or to let go: all jobs, or these.
package enum PauseRequest: Sendable {
    /// Every job, those to come included.
    case all
    /// Jobs by the names that were typed, one or more.
    case jobs([String])
}

/// What a command that pauses came to.
package struct PauseResult: Sendable {
    /// A pause that is in force now.
    package struct Entry: Sendable {
        /// As it was recorded.
        package var pause: Pause
        /// The one in whose place it is; nil when there was none.
        package var replaced: Pause?
    }

    /// Where the store is that was changed.
    package var place: String
    /// In the order in which they were asked for.
    package var entries: [Entry] = []
    /// The pause of all that holds the jobs back as well, when only jobs were asked for.
    package var pauseOfAll: Pause?
    /// Runs of the paused jobs that are under way, which go on to their end.
    package var liveRuns = 0
}

/// What a command that ends pauses came to.
package struct ResumeResult: Sendable {
    /// A scope that was asked for.
    package struct Entry: Sendable {
        /// What was to go on.
        package var scope: PauseScope
        /// The pause that was ended; nil when none was in force.
        package var ended: Pause?
    }

    /// Where the store is that was changed.
    package var place: String
    /// In the order in which they were asked for.
    package var entries: [Entry] = []
    /// What still holds jobs back: that of all first, then those of jobs by name.
    package var left: [Pause] = []
}

extension Session {
    /// Holds jobs back, on every host, from `now` on, until `until` or until somebody ends it; when one of the names is
    /// not known, none is.
    package func pause(
        _ request: PauseRequest, at now: Instant, until: Instant?, reason: String?
    ) async throws(CommandError) -> PauseResult {
        if asksService { return try await pauseByService(request, until: until, reason: reason) }
        let opened = try await openRecords(ifMissing: .makeIfNamed)
        let store = opened.store
        let before = try await ask { () throws(StoreError) in try await store.pauses() }
        let summaries = try await summaries(of: request, until: now, in: store)
        let scopes = try scopes(request, summaries, before)
        var result = PauseResult(place: opened.place)
        for scope in scopes {
            let pause = Pause(scope: scope, at: now, until: until, by: operatorName, reason: reason)
                .storable
            try await ask { () throws(StoreError) in try await store.pause(pause) }
            try await note(.paused, scope, pause.detail, in: store)
            let replaced = before.first { $0.scope == scope }
            result.entries.append(.init(pause: pause, replaced: replaced))
        }
        if !scopes.contains(.all) { result.pauseOfAll = before.first { $0.scope == .all } }
        result.liveRuns =
            scopes.contains(.all)
            ? try await liveRuns(in: store)
            : summaries.filter { scopes.contains(.job($0.job)) }.reduce(0) { $0 + $1.liveRuns }
        return result
    }

    /// Ends pauses: that of all, or those of jobs; when one of the names is not known, none is.
    package func resume(_ request: PauseRequest) async throws(CommandError) -> ResumeResult {
        if asksService { return try await resumeByService(request) }
        let opened = try await openRecords(ifMissing: .makeIfNamed)
        let store = opened.store
        let now = now()
        let before = try await ask { () throws(StoreError) in try await store.pauses() }
        let summaries = try await summaries(of: request, until: now, in: store)
        var result = ResumeResult(place: opened.place)
        for scope in try scopes(request, summaries, before) {
            let ended = try await ask { () throws(StoreError) in try await store.resume(scope) }
            if let ended {
                try await note(
                    .resumed, scope, "the pause was ended by \(operatorName); \(ended.detail)", in: store
                )
            }
            result.entries.append(.init(scope: scope, ended: ended))
        }
        result.left = try await ask { () throws(StoreError) in try await store.pauses() }
        return result
    }

    /// When a pause from `now` on ends by itself: at an instant, after a duration, or, without both, never.
    package func pauseEnd(
        until: (text: String, option: String)?, for duration: (text: String, option: String)?, in zone: Zone,
        after now: Instant
    ) throws(CommandError) -> Instant? {
        if let until, let duration {
            throw CommandError(.usage, "\(duration.option) and \(until.option): name one")
        }
        if let until {
            let end = try instant(until.text, option: until.option, in: zone)
            guard end > now else {
                throw CommandError(
                    .usage, "\(until.option): \(end) has passed", hint: "name an instant after \(now)")
            }
            return end
        }
        guard let duration else { return nil }
        let length = try self.duration(duration.text, option: duration.option)
        guard length > .zero else {
            throw CommandError(
                .usage, "\(duration.option) must be longer than zero", hint: "`almanac resume` ends a pause")
        }
        return now + length
    }

    /// The pauses in force, by the store's clock.
    package func pauses() async throws(CommandError) -> [Pause] {
        try await query { (store) throws(StoreError) in try await store.pauses() }
    }

    /// Keeps that somebody held jobs back or let them go, for those who ask why.
    func note(
        _ kind: StoreEvent.Kind, _ scope: PauseScope, _ detail: String, in store: any AnyStore
    ) async throws(CommandError) {
        let job: JobName? = if case .job(let name) = scope { name } else { nil }
        let event = StoreEvent(
            at: now(), host: HostID(ProcessInformation.hostName()), kind: kind, job: job, detail: detail)
        try await ask { () throws(StoreError) in try await store.note([event]) }
    }

    /// How many runs of all jobs and hosts are under way; costs by those, not by the number of jobs.
    func liveRuns(in store: any AnyStore) async throws(CommandError) -> Int {
        let now = now()
        return try await ask { () throws(StoreError) in
            try await store.changes(
                since: now, byOthersThan: HostID(ProcessInformation.hostName()), until: now
            )
            .liveRuns
        }
    }

    /// What the store knows of the jobs that are asked for by name; one among many is found at once.
    private func summaries(
        of request: PauseRequest, until now: Instant, in store: any AnyStore
    ) async throws(CommandError) -> [JobSummary] {
        try await ask { () throws(StoreError) in
            switch request {
            case .all: []
            case .jobs(let names): try await store.summaries(of: names.compactMap { JobName($0) }, until: now)
            }
        }
    }

    /// What is asked for, each scope once. A job may be in the files of another host only, or in none any more: then the
    /// store knows it.
    private func scopes(
        _ request: PauseRequest, _ summaries: [JobSummary], _ pauses: [Pause]
    ) throws(CommandError) -> [PauseScope] {
        guard case .jobs(let names) = request else { return [.all] }
        let paused = pauses.compactMap { pause in if case .job(let name) = pause.scope { name } else { nil } }
        var known = Set(summaries.map(\.job) + paused)
        // The files are read for a name that the store does not know, and for what it may be a misspelling of.
        if !names.allSatisfy({ JobName($0).map(known.contains) ?? false }) {
            known.formUnion(load(isHashed: false).catalog.jobs.map(\.name))
        }
        var scopes: [PauseScope] = []
        for text in names {
            guard let name = JobName(text), known.contains(name) else {
                let near = Spelling.nearest(to: text, in: known.map(\.description))
                throw CommandError(
                    .badInput, "no job is called “\(text)”",
                    hint: near.map { "did you mean \($0)?" } ?? "`almanac jobs` lists them")
            }
            if !scopes.contains(.job(name)) { scopes.append(.job(name)) }
        }
        return scopes
    }

    /// Who uses the command line: the user and the host.
    var operatorName: String { asker ?? "\(standpoint.caller)@\(ProcessInformation.hostName())" }
}
