package import CivilTime
package import RunModel

/// Where runs are recorded. One conformance suite holds every store to what is said here.
///
/// Every method is one transaction, and so is every write: after it throws, nothing of it has happened or all of it has, and
/// calling it again is harmless. `now` of the embedded store is the host's clock, of a database server the server's.
package protocol RunStore: Sendable {
    /// Performs a write, each as follows.
    ///
    /// `register`: a job that was unknown gets `now` as its watermark, or what the registration says: there is nothing to
    /// catch up with before the first sight. For a host the definitions are in force from `now` on, and its jobs that are
    /// not among them any more are not; without one nothing but the jobs' existence is recorded, as for a run by hand.
    ///
    /// `claim`: the row is written and the watermark moved. A row that is `running` comes with its first attempt, which is
    /// recorded as started in the same transaction. A pause in force, of the job or of all, is asked in it as well: the
    /// occurrence is then recorded as skipped, in one row with those before it of the same pause. A host that repeats its
    /// claim, because the answer was lost, gets the run again under a new fence, as long as the row is as it wrote it.
    ///
    /// A database server, whose clock is another, refuses a `claim` or a `record` of a row that was made later than
    /// `Limits.clockAheadMax` from now, as `StoreError.Reason.ahead`: what is still to come is not for a clock that is ahead.
    ///
    /// `startAttempt`: also one that had ended without having sent anything: it is open again, and keeps its first start.
    ///
    /// `finish`: taken from the owner and, when it says how the open attempt ended, from whoever owned the run when that
    /// attempt began: a host that took it over can only call it lost, and what is known wins over that (`mayCorrect`).
    ///
    /// `record`: the watermarks are moved. Rows for occurrences that were decided already are left out. A row of several
    /// occurrences is left out whole when the watermark has passed its first; when it has not passed its last, the
    /// watermark is answered for the row, and what comes after it is for the caller to record anew.
    func perform(_ write: StoreWrite) async throws(StoreError) -> StoreAnswer

    /// Makes the leases of these runs last another `lease` from now; answers those that are not the owner's any more.
    func renew(_ owned: [OwnedRun], lease: Duration) async throws(StoreError) -> [RunID]

    /// Takes over the runs whose lease has run out, or when `hostRestarted` those of `host` itself alone, at most `limit`;
    /// never one of `held`, which the host has although their lease may have run out.
    ///
    /// Each is leased to `host` under a new fence, keeps its state, and says whose it was (`RunRecord.takenOver`). Runs
    /// with an attempt that was started and did not end are answered with `requestMayHaveBeenSent`. A call with
    /// `hostRestarted` that is repeated takes over the same runs again.
    func takeOver(
        host: HostID, hostRestarted: Bool, except held: [RunID], lease: Duration, limit: Int
    ) async throws(StoreError) -> [AbandonedRun]

    /// For each job known to the store: the last run that ended, the last that succeeded, the newest occurrence that was
    /// decided (dry runs never count), and its watermark.
    ///
    /// A row that was due after `now`, or a run that ended after it, was made by a clock that was ahead; it is left
    /// out, so that it hides nothing of what happened until `now`.
    func summaries(until now: Instant) async throws(StoreError) -> [JobSummary]

    /// What other hosts and people have done from `since` on, by the clocks of those who did it: the summaries of the jobs
    /// concerned at `now`, in the order of their names, with all pauses in force. Costs by what was done, not by the number
    /// of jobs.
    func changes(
        since: Instant, byOthersThan host: HostID, until now: Instant
    ) async throws(StoreError) -> StoreChanges

    /// The pauses in force, by the store's clock: that of all jobs first, then those of jobs by name.
    func pauses() async throws(StoreError) -> [Pause]
}

/// What others have done.
package struct StoreChanges: Sendable, Equatable {
    /// Of the jobs that were changed.
    package var summaries: [JobSummary]
    /// Runs of all jobs and hosts that have no outcome yet, dry runs included.
    package var liveRuns: Int
    /// All pauses in force, also those that were made before: that of all jobs first, then those of jobs by name.
    package var pauses: [Pause]
    /// Jobs that people set back, and to when: of each job the last time.
    package var rewound: [JobName: Instant]

    package init(
        summaries: [JobSummary], liveRuns: Int, pauses: [Pause] = [], rewound: [JobName: Instant] = [:]
    ) {
        self.summaries = summaries
        self.liveRuns = liveRuns
        self.pauses = pauses
        self.rewound = rewound
    }
}

/// A job as the store knows it.
package struct JobRegistration: Sendable, Equatable {
    /// The key of the job's row; a job keeps its watermark when its definition changes.
    package var job: JobName
    /// `Job.configHash` of the definition that is in force now.
    package var configHash: String
    /// The version of the zone data that its schedule was made with; nil when it is not known.
    package var zoneData: String?
    /// The definition as text from which its occurrences can be computed again, at most
    /// `Limits.definitionBytesMax` bytes; nil when there is none that short.
    package var definition: String?
    /// How long after it was due an occurrence must have ended well; nil when nobody is to complain.
    package var overdueAfter: Duration?
    /// The watermark of a job that the store does not know, and since when it counts; nil: the time of the registration. A
    /// daemon that tells a store again what the store has forgotten knows better.
    package var decidedUntil: Instant?
    /// Since when a job counts that the store does not know, when that is before `decidedUntil`: rows since then follow.
    /// nil: since `decidedUntil`.
    package var knownSince: Instant?

    package init(
        job: JobName, configHash: String, zoneData: String? = nil, definition: String? = nil,
        overdueAfter: Duration? = nil, decidedUntil: Instant? = nil
    ) {
        self.job = job
        self.configHash = configHash
        self.zoneData = zoneData
        self.definition = definition
        self.overdueAfter = overdueAfter
        self.decidedUntil = decidedUntil
    }
}

/// What the store knew of a job when it was registered.
package struct RegisteredJob: Sendable, Equatable {
    /// The last occurrence that was decided, or when the job was first seen.
    package var watermark: Instant
    /// The hash of the definition that was in force before; nil when none was, as for a job that is new or was taken
    /// out.
    package var previousHash: String?
    /// Since when the definition that is in force now has been, whatever version the zone data had; nil when none is.
    package var inForceSince: Instant?

    package init(watermark: Instant, previousHash: String? = nil, inForceSince: Instant? = nil) {
        self.watermark = watermark
        self.previousHash = previousHash
        self.inForceSince = inForceSince
    }
}

/// The wish to make a run.
package struct Claim: Sendable, Equatable {
    /// The row to write, without an outcome: `claimed`, or `running` when its first attempt starts with the claim.
    package var run: RunRecord
    /// Whether other live runs of the job forbid this one.
    package var isExclusive: Bool
    /// Whether the run is made although a pause is in force.
    package var ignoresPause: Bool
    /// How long the run is this owner's without a renewal.
    package var lease: Duration

    package init(run: RunRecord, isExclusive: Bool, ignoresPause: Bool = false, lease: Duration) {
        self.run = run
        self.isExclusive = isExclusive
        self.ignoresPause = ignoresPause
        self.lease = lease
    }

    /// The attempt that starts with the claim; nil when none does.
    package var attempt: AttemptRecord? {
        run.startedAt.flatMap { run.attempts > 0 ? AttemptRecord(number: run.attempts, startedAt: $0) : nil }
    }
}

/// What became of a claim.
package enum ClaimAnswer: Sendable, Equatable {
    /// The run is this host's.
    case claimed(OwnedRun)
    /// The occurrence was decided before, here or on another host.
    case alreadyDecided
    /// The job or all jobs are paused: the occurrence was recorded as skipped; of a run by hand nothing was written.
    case paused(Pause)
    /// Another run of the job is live; nothing was written.
    case overlaps(RunID)
}

/// The proof of ownership that goes with every later write; the fence grows with every claim and takeover of a job.
package struct OwnedRun: Sendable, Hashable {
    /// The run that is owned.
    package var id: RunID
    /// 1 or more; a write with an older one than the store has changes nothing.
    package var fence: Int64

    package init(id: RunID, fence: Int64) {
        self.id = id
        self.fence = fence
    }
}

/// How a run ended, as it is written.
package struct Completion: Sendable, Equatable {
    /// `succeeded` has no reason, every other outcome has one.
    package var outcome: Outcome
    /// nil when it succeeded.
    package var reason: Reason?
    /// What happened, in a sentence for people; holds no secret.
    package var detail: String?
    /// When it ended, by the owner's clock; a repeated finish is recognized by it.
    package var finishedAt: Instant
    /// When its first request was about to be sent, by the owner's clock: a claim that starts the run is asked for earlier.
    /// nil keeps what the store has.
    package var startedAt: Instant?
    /// Who saw it end; nil keeps what the store has.
    package var host: HostID?
    /// The end of the attempt that was under way, if one was.
    package var attempt: AttemptRecord?
    /// The status of the last answer; nil when none came.
    package var httpStatus: Int?
    /// The size of the last answer's body in bytes; nil when none came.
    package var responseBytes: Int?
    /// The beginning of the last answer's body, secrets masked; nil when none came.
    package var responseExcerpt: String?

    package init(
        outcome: Outcome, reason: Reason? = nil, detail: String? = nil, finishedAt: Instant,
        startedAt: Instant? = nil, host: HostID? = nil, attempt: AttemptRecord? = nil, httpStatus: Int? = nil,
        responseBytes: Int? = nil, responseExcerpt: String? = nil
    ) {
        self.outcome = outcome
        self.reason = reason
        self.detail = detail
        self.finishedAt = finishedAt
        self.startedAt = startedAt
        self.host = host
        self.attempt = attempt
        self.httpStatus = httpStatus
        self.responseBytes = responseBytes
        self.responseExcerpt = responseExcerpt
    }
}

extension Completion {
    /// Whether an owner before, who knows this end, may write it over what `row` says: when it is the end of the attempt that
    /// was open at the takeover. Nobody makes that attempt again, so that no other end can be known. The fence says
    /// nothing here: a store that is restored may give one twice.
    package func mayCorrect(_ row: RunRecord) -> Bool {
        mayCorrect(row.state, row.outcome, attempts: row.attempts)
            && (row.outcome == nil || row.reason == .lost)
    }

    /// Whether it may be so, by what a holding tells; the store knows more.
    package func mayCorrect(_ holding: RunHolding) -> Bool {
        mayCorrect(holding.state, holding.outcome, attempts: holding.attempts)
    }

    private func mayCorrect(_ state: RunState, _ known: Outcome?, attempts: Int) -> Bool {
        outcome != .unknown && attempt?.number == attempts && (state == .running || known == .unknown)
    }
}

/// A run whose owner is gone.
package struct AbandonedRun: Sendable, Equatable {
    /// As it was when it was taken over, but for its host, which is the new one.
    package var record: RunRecord
    /// The proof of ownership of the host that took it over.
    package var owned: OwnedRun
    /// Whether an attempt was recorded as started and its end was not.
    package var requestMayHaveBeenSent: Bool
    /// When the last of its attempts that ended did, by the clock of the host that made it; nil when none did. That clock
    /// also gave the instant of the retry.
    package var lastAttemptEndedAt: Instant?

    package init(
        record: RunRecord, owned: OwnedRun, requestMayHaveBeenSent: Bool, lastAttemptEndedAt: Instant? = nil
    ) {
        self.record = record
        self.owned = owned
        self.requestMayHaveBeenSent = requestMayHaveBeenSent
        self.lastAttemptEndedAt = lastAttemptEndedAt
    }
}

/// Which runs to list.
package struct HistoryQuery: Sendable, Equatable {
    /// Only runs of this job; nil for all jobs.
    package var job: JobName?
    /// Runs created at or after it.
    package var since: Instant?
    /// Runs created before it.
    package var until: Instant?
    /// Only runs that ended so; nil for all, live ones included.
    package var outcome: Outcome?
    /// Only runs that come after the one at this place, in the order of the answer; nil for the first page.
    package var before: Place?
    /// 1 or more.
    package var limit: Int

    /// Where a run is in the history, newest first.
    package struct Place: Sendable, Equatable {
        /// When it was created.
        package var createdAt: Instant
        /// Of runs created at once the greatest comes first.
        package var id: RunID

        package init(createdAt: Instant, id: RunID) {
            self.createdAt = createdAt
            self.id = id
        }

        /// The place as a list's address has it: microseconds and identity, with `separator` between them; nil for what is none,
        /// or is not within `Instant.writable`.
        package init?(_ text: some StringProtocol, separator: Character) {
            let parts = text.split(separator: separator, maxSplits: 1)
            guard parts.count == 2, let microseconds = Int64(parts[0]), let id = RunID(parts[1]),
                Instant.writable.contains(Instant(microseconds: microseconds))
            else { return nil }
            self.init(createdAt: Instant(microseconds: microseconds), id: id)
        }
    }

    package init(
        job: JobName? = nil, since: Instant? = nil, until: Instant? = nil, outcome: Outcome? = nil,
        before: Place? = nil, limit: Int
    ) {
        self.job = job
        self.before = before
        self.since = since
        self.until = until
        self.outcome = outcome
        self.limit = limit
    }
}

/// What the store knows of a job at a glance.
package struct JobSummary: Sendable, Equatable {
    /// Also one that is in no schedule file any more.
    package var job: JobName
    /// The last occurrence that was decided, or when the job was first seen.
    package var watermark: Instant
    /// The run that ended last, dry runs left out; nil when none has ended.
    package var lastRun: RunRecord? {
        get { last.value }
        set { last = Boxed(newValue) }
    }
    /// The run that succeeded last, dry runs left out; nil when none has.
    package var lastSuccess: RunRecord? {
        get { success.value }
        set { success = Boxed(newValue) }
    }
    /// The row of the newest occurrence that was decided, ended or not, without the beginning of the answer; nil when
    /// there is none.
    package var lastOccurrence: RunRecord? {
        get { occurrence.value }
        set { occurrence = Boxed(newValue) }
    }
    /// Runs of the job that have no outcome yet.
    package var liveRuns: Int
    // A job that never ran has a summary of a few words.
    private var last: Boxed<RunRecord>
    private var success: Boxed<RunRecord>
    private var occurrence: Boxed<RunRecord>

    package init(
        job: JobName, watermark: Instant, lastRun: RunRecord? = nil, lastSuccess: RunRecord? = nil,
        lastOccurrence: RunRecord? = nil, liveRuns: Int = 0
    ) {
        self.job = job
        self.watermark = watermark
        self.liveRuns = liveRuns
        last = Boxed(lastRun)
        success = Boxed(lastSuccess)
        occurrence = Boxed(lastOccurrence)
    }

    /// A row of the job was recorded: its decision, its end, or both.
    package mutating func learn(_ row: RunRecord) {
        if let decided = row.scheduledUntil ?? row.scheduledFor { watermark = max(watermark, decided) }
        if let at = row.scheduledFor, at >= lastOccurrence?.scheduledFor ?? .earliest {
            lastOccurrence = row
            lastOccurrence?.responseExcerpt = nil
        }
        guard row.state == .finished else { return }
        lastRun = row
        if row.outcome == .succeeded { lastSuccess = row }
    }
}
