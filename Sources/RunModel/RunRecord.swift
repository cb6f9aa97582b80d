package import CivilTime

/// Where a run is in its life.
package enum RunState: String, Sendable, CaseIterable {
    /// A host has it; no attempt has been recorded. Can become running, finished.
    case claimed
    /// An attempt has been recorded, so its request may be under way. Can become retryWait, finished.
    case running
    /// Between two attempts. Can become running, finished.
    case retryWait = "retry_wait"
    /// It has an outcome. The end.
    case finished
}

/// One row of the history: a run, or an occurrence (or several alike in a row) that was decided without a request.
package struct RunRecord: Sendable, Equatable {
    /// A function of job and occurrence, except for runs by hand; see `RunID`.
    package var id: RunID
    /// The job's name when the run was decided; its definition may have changed since.
    package var job: JobName
    /// What made it start; `manual` exactly when `scheduledFor` is nil.
    package var trigger: RunTrigger
    /// A rehearsal: everything was done but the request.
    package var isDryRun: Bool
    /// The past occurrence that a run by hand makes good, beside the row that stands for it; nil for other runs.
    package var backfillOf: Instant?
    /// The instant at which the occurrence was due by the schedule; nil for runs by hand.
    package var scheduledFor: Instant?
    /// The last instant that this row stands for, when it stands for several occurrences; else nil.
    package var scheduledUntil: Instant?
    /// How many occurrences the row stands for: 1, or more for rows of skipped or missed ones.
    package var occurrences: Int
    /// The local date and time that the occurrence stands for, with its zone, and whether DST moved it.
    package var nominalLocal: String?
    /// When the first request was to start: `scheduledFor` and jitter, or the instant it was asked for.
    package var dueAt: Instant
    /// `finished` exactly when `outcome` and `finishedAt` are set.
    package var state: RunState
    /// nil until the run has ended.
    package var outcome: Outcome?
    /// nil when it succeeded, and until the run has ended.
    package var reason: Reason?
    /// What happened, in a sentence for people; holds no secret.
    package var detail: String?
    /// The number of attempts started.
    package var attempts: Int
    /// The number of attempts that the retry policy allows.
    package var attemptsMax: Int
    /// When the next attempt starts, in `retryWait`.
    package var retryAt: Instant?
    /// The host that decided or ran it.
    package var host: HostID
    /// Who asked for it, for runs by hand.
    package var requestedBy: String?
    /// Identifies the job's definition when the run was decided.
    package var configHash: String
    /// The version of the zone data when the run was decided.
    package var zoneData: String?
    /// When it was decided, by the clock of the host that decided.
    package var createdAt: Instant
    /// When the first attempt started; nil before it, and for good when there was none.
    package var startedAt: Instant?
    /// When the outcome was decided; nil until the run has ended.
    package var finishedAt: Instant?
    /// The status of the last answer.
    package var httpStatus: Int?
    /// The size of the last answer's body in bytes.
    package var responseBytes: Int?
    /// The beginning of the last answer's body, secrets masked, at most `Limits.responseExcerptBytesMax` bytes.
    package var responseExcerpt: String?

    package init(
        id: RunID, job: JobName, trigger: RunTrigger, isDryRun: Bool = false, backfillOf: Instant? = nil,
        scheduledFor: Instant? = nil,
        scheduledUntil: Instant? = nil, occurrences: Int = 1, nominalLocal: String? = nil, dueAt: Instant,
        state: RunState, outcome: Outcome? = nil, reason: Reason? = nil, detail: String? = nil,
        attempts: Int = 0,
        attemptsMax: Int = 1, retryAt: Instant? = nil, host: HostID, requestedBy: String? = nil,
        configHash: String, zoneData: String? = nil, createdAt: Instant, startedAt: Instant? = nil,
        finishedAt: Instant? = nil, httpStatus: Int? = nil, responseBytes: Int? = nil,
        responseExcerpt: String? = nil
    ) {
        self.id = id
        self.job = job
        self.trigger = trigger
        self.isDryRun = isDryRun
        self.backfillOf = backfillOf
        self.scheduledFor = scheduledFor
        self.scheduledUntil = scheduledUntil
        self.occurrences = occurrences
        self.nominalLocal = nominalLocal
        self.dueAt = dueAt
        self.state = state
        self.outcome = outcome
        self.reason = reason
        self.detail = detail
        self.attempts = attempts
        self.attemptsMax = attemptsMax
        self.retryAt = retryAt
        self.host = host
        self.requestedBy = requestedBy
        self.configHash = configHash
        self.zoneData = zoneData
        self.createdAt = createdAt
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.httpStatus = httpStatus
        self.responseBytes = responseBytes
        self.responseExcerpt = responseExcerpt
    }
}

extension RunRecord {
    /// The occurrence that its request is for; nil when somebody wanted a run now.
    package var occurrenceInstant: Instant? { scheduledFor ?? backfillOf }

    /// What made it start, in one word; stored as `manual`, a backfill is called what it is.
    package var triggerText: String { backfillOf == nil ? trigger.rawValue : Self.backfill }

    /// The word for a run that makes a past occurrence good.
    package static let backfill = "backfill"

    /// The row as another owner has it, which says so: a claim that asks for this row again is not its writer's.
    package func takenOver(by host: HostID) -> RunRecord {
        var row = self
        row.detail = "taken over from \(self.host)"
        row.host = host
        return row
    }
}

/// One request of a run.
package struct AttemptRecord: Sendable, Equatable {
    /// 1 for the first.
    package var number: Int
    /// When it was recorded as started, just before the request.
    package var startedAt: Instant
    /// nil while it is under way, or when its host died.
    package var finishedAt: Instant?
    /// nil when no answer came.
    package var httpStatus: Int?
    /// nil when the answer was accepted.
    package var reason: Reason?
    /// Why it was not accepted, in a sentence without a secret; nil when it was.
    package var detail: String?

    package init(
        number: Int, startedAt: Instant, finishedAt: Instant? = nil, httpStatus: Int? = nil,
        reason: Reason? = nil,
        detail: String? = nil
    ) {
        self.number = number
        self.startedAt = startedAt
        self.finishedAt = finishedAt
        self.httpStatus = httpStatus
        self.reason = reason
        self.detail = detail
    }
}

/// Who ran something: the host's name, `/`, and what tells this runner from others of the same name.
package struct HostID: Hashable, Sendable, CustomStringConvertible {
    package let description: String

    /// The runner written as `text`.
    package init(_ text: String) {
        description = text
    }

    /// The name of the machine.
    package var machine: String { String(description.prefix { $0 != "/" }) }
}
