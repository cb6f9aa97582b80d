package import CivilTime
package import RunModel

/// A write that a store is asked for: one transaction, and harmless to repeat, so that it can be asked for later, and again.
///
/// These are the words of runs from the machine that makes one to the statement that records it, and of the journal that
/// keeps them while the store is away.
package enum StoreWrite: Sendable, Equatable {
    /// Makes jobs known, with their definitions in force from `now` on, and answers what the store knew of each.
    case register([JobRegistration], by: HostID?, now: Instant)
    /// Decides that a host makes a run, before its request starts.
    case claim(Claim)
    /// An attempt starts, before its request does.
    case startAttempt(OwnedRun, number: Int, at: Instant)
    /// An attempt has ended, and another follows at `retryAt`, or the same again.
    case awaitRetry(OwnedRun, AttemptRecord, retryAt: Instant)
    /// A run has ended.
    case finish(OwnedRun, Completion)
    /// Occurrences that were decided without a request, and dry runs.
    case record([RunRecord])
    /// What happened beside the runs; an event that is known already is not kept twice.
    case note([StoreEvent])

    /// Whether it ends what was begun, so that waiting would lose something that is known.
    package var isEnd: Bool {
        switch self {
        case .awaitRetry, .finish, .record, .note: true
        case .register, .claim, .startAttempt: false
        }
    }

    /// The run that it is about; a claim has no proof of ownership yet, and says 0.
    package var owned: OwnedRun? {
        switch self {
        case .claim(let claim): OwnedRun(id: claim.run.id, fence: 0)
        case .startAttempt(let owned, _, _), .awaitRetry(let owned, _, _), .finish(let owned, _): owned
        case .register, .record, .note: nil
        }
    }

    /// The same write on a run that is owned, asked with another proof of ownership.
    package func owned(as owned: OwnedRun) -> StoreWrite {
        switch self {
        case .startAttempt(_, let number, let at): .startAttempt(owned, number: number, at: at)
        case .awaitRetry(_, let attempt, let retryAt): .awaitRetry(owned, attempt, retryAt: retryAt)
        case .finish(_, let completion): .finish(owned, completion)
        case .register, .claim, .record, .note: self
        }
    }

    /// What it is, for people.
    package var summary: String {
        switch self {
        case .register(let jobs, _, _): "the registration of \(jobs.count) jobs"
        case .claim(let claim): "the claim of run \(claim.run.id) of \(claim.run.job)"
        case .startAttempt(let owned, let number, _): "the start of attempt \(number) of run \(owned.id)"
        case .awaitRetry(let owned, let attempt, _):
            "the end of attempt \(attempt.number) of run \(owned.id)"
        case .finish(let owned, let end): "the end of run \(owned.id), which \(end.outcome.rawValue)"
        case .note(let events): "\(events.count) events"
        case .record(let rows): "\(rows.count) decisions of \(rows.first.map { "\($0.job)" } ?? "no job")"
        }
    }
}

/// What a store answers to a write.
package enum StoreAnswer: Sendable, Equatable {
    /// To `register`: what the store knew of each job.
    case registered([JobName: RegisteredJob])
    /// To `claim`.
    case claim(ClaimAnswer)
    /// To `startAttempt`, `awaitRetry` and `finish`: false when the run is not this owner's any more, and nothing was changed.
    case owner(Bool)
    /// To `record`: for each row of several occurrences that was left out, and part of which is for the caller to record anew,
    /// the watermark.
    case recorded([RunID: Instant])
    /// To `note`.
    case noted
}

/// The writes one by one, each with the answer that belongs to it.
extension RunStore {
    /// Makes jobs known; see `StoreWrite.register`.
    package func register(
        _ jobs: [JobRegistration], by host: HostID?, now: Instant
    ) async throws(StoreError) -> [JobName: RegisteredJob] {
        guard case .registered(let known) = try await perform(.register(jobs, by: host, now: now)) else {
            preconditionFailure("no answer to a registration")
        }
        return known
    }

    /// Asks for a run.
    package func claim(_ claim: Claim) async throws(StoreError) -> ClaimAnswer {
        guard case .claim(let answer) = try await perform(.claim(claim)) else {
            preconditionFailure("no answer to a claim")
        }
        return answer
    }

    /// Records that an attempt starts; false: the run is not this owner's any more.
    package func startAttempt(
        _ owned: OwnedRun, number: Int, at: Instant
    ) async throws(StoreError) -> Bool {
        try await change(.startAttempt(owned, number: number, at: at))
    }

    /// Records that another attempt follows; false: the run is not this owner's any more.
    package func awaitRetry(
        _ owned: OwnedRun, attempt: AttemptRecord, retryAt: Instant
    ) async throws(StoreError) -> Bool {
        try await change(.awaitRetry(owned, attempt, retryAt: retryAt))
    }

    /// Records how a run ended; false: the run is not this owner's any more.
    package func finish(_ owned: OwnedRun, _ completion: Completion) async throws(StoreError) -> Bool {
        try await change(.finish(owned, completion))
    }

    /// Records decisions; see `StoreAnswer.recorded`.
    @discardableResult
    package func record(_ decisions: [RunRecord]) async throws(StoreError) -> [RunID: Instant] {
        guard case .recorded(let leftOut) = try await perform(.record(decisions)) else {
            preconditionFailure("no answer to a record")
        }
        return leftOut
    }

    /// Keeps events.
    package func note(_ events: [StoreEvent]) async throws(StoreError) {
        _ = try await perform(.note(events))
    }

    /// Makes a change of a run by its owner; false: the run is not this owner's any more.
    package func change(_ write: StoreWrite) async throws(StoreError) -> Bool {
        guard case .owner(let isOwner) = try await perform(write) else {
            preconditionFailure("no answer to a change of a run")
        }
        return isOwner
    }
}
