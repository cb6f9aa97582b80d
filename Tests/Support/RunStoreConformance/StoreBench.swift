package import CivilTime
package import Records
package import RunModel

/// The records under test and the values that the checks put there.
package struct StoreBench: Sendable {
    /// Opens a further store on the same records.
    let open: @Sendable () async throws -> any Store

    /// The job that most checks are about.
    package static let purge = name("purge")
    /// Another job.
    package static let refresh = name("voice-refresh")
    /// The host that most stores are opened by.
    package static let here = HostID("alpha/1")
    static let there = HostID("beta/1")
    /// The first occurrence, 2026-11-23T00:10:00Z.
    package static let midnight = Instant(seconds: 1_795_392_600)
    /// How long a run is claimed for: also where a server's clock decides, no check takes so long.
    package static let lease = Duration.seconds(3600)

    /// A store that knows both jobs since a minute before `midnight`.
    func openRegistered() async throws -> any Store {
        let store = try await open()
        let jobs = [Self.purge, Self.refresh].map { JobRegistration(job: $0, configHash: "c0ffee") }
        _ = try await store.register(jobs, by: Self.here, now: Self.midnight - .seconds(60))
        return store
    }

    /// The claim of the day's `number`-th hourly occurrence.
    package static func claim(
        _ number: Int64 = 0, of job: JobName = purge, on host: HostID = here, isExclusive: Bool = true,
        lease: Duration = lease
    ) -> Claim {
        let at = occurrence(number)
        let run = RunRecord(
            id: RunID(job: job, scheduledFor: at), job: job, trigger: .schedule, scheduledFor: at,
            nominalLocal: "2026-11-23T00:10:00 UTC", dueAt: at, state: .claimed, attemptsMax: 3, host: host,
            configHash: "c0ffee", zoneData: "2026c", createdAt: at)
        return Claim(run: run, isExclusive: isExclusive, lease: lease)
    }

    /// The claim of the day's `number`-th hourly occurrence, with which its first attempt starts.
    package static func startedClaim(_ number: Int64 = 0, lease: Duration = lease) -> Claim {
        var claim = claim(number, lease: lease)
        claim.run.state = .running
        claim.run.attempts = 1
        claim.run.startedAt = claim.run.dueAt
        return claim
    }

    /// The claim of a run by hand.
    static func manualClaim(_ number: Int64 = 0, of job: JobName = purge, isExclusive: Bool = true) -> Claim {
        var claim = claim(number, of: job, isExclusive: isExclusive)
        claim.run.id = RunID(random: UInt128(number) << 64 | 7)
        claim.run.trigger = .manual
        claim.run.scheduledFor = nil
        claim.run.requestedBy = "amina"
        return claim
    }

    /// The claim of the run that makes the day's `number`-th hourly occurrence good, at the `at`-th.
    static func backfillClaim(_ number: Int64, at: Int64) -> Claim {
        var claim = manualClaim(at)
        claim.run.id = RunID(job: purge, backfillOf: occurrence(number))
        claim.run.backfillOf = occurrence(number)
        return claim
    }

    /// The row of an occurrence, or of `count` in a row, that a policy decided.
    package static func decision(
        _ number: Int64, of job: JobName = purge, count: Int = 1, outcome: Outcome = .skipped,
        reason: Reason = .overlap
    ) -> RunRecord {
        var run = claim(number, of: job).run
        run.state = .finished
        run.outcome = outcome
        run.reason = reason
        run.finishedAt = run.dueAt
        run.occurrences = count
        if count > 1 { run.scheduledUntil = occurrence(number + Int64(count) - 1) }
        return run
    }

    /// The instant of the day's `number`-th hourly occurrence.
    static func occurrence(_ number: Int64) -> Instant {
        midnight + .seconds(3600 * number)
    }

    /// Claims the run, makes one attempt, and finishes it.
    static func complete(
        _ claim: Claim, in store: any Store, outcome: Outcome = .succeeded, reason: Reason? = nil
    ) async throws {
        let owned = try await store.own(claim)
        let start = claim.run.dueAt
        _ = try await store.startAttempt(owned, number: 1, at: start)
        let end = Completion(
            outcome: outcome, reason: reason, finishedAt: start + .seconds(1),
            attempt: AttemptRecord(
                number: 1, startedAt: start, finishedAt: start + .seconds(1), httpStatus: 200,
                reason: reason),
            httpStatus: 200)
        try expect(try await store.finish(owned, end), "the owner could not finish its run")
    }

    private static func name(_ text: String) -> JobName {
        guard let name = JobName(text) else { preconditionFailure("\(text) is no job's name") }
        return name
    }
}

extension RunStore {
    /// Claims the run and answers the proof of it; a violation when the store does not let it.
    package func own(_ claim: Claim) async throws -> OwnedRun {
        try await self.claim(claim).owned
    }

    /// The summaries, whatever clock made the rows.
    package func summaries() async throws(StoreError) -> [JobSummary] {
        try await summaries(until: .latest)
    }

    /// The summary of a job that must be there.
    func summary(of job: JobName) async throws -> JobSummary {
        guard let summary = try await summaries().first(where: { $0.job == job }) else {
            throw Violation(description: "there is no summary of \(job)")
        }
        return summary
    }
}

extension HistoryStore {
    /// The record and the attempts of a run that must be there.
    func existing(_ id: RunID) async throws -> (record: RunRecord, attempts: [AttemptRecord]) {
        guard let found = try await run(id) else {
            throw Violation(description: "the run \(id) is not there")
        }
        return found
    }
}

extension ClaimAnswer {
    /// The proof that the run is this host's; a violation when it is not.
    package var owned: OwnedRun {
        get throws {
            guard case .claimed(let owned) = self else {
                throw Violation(description: "a free occurrence was not claimed but \(self)")
            }
            return owned
        }
    }
}
