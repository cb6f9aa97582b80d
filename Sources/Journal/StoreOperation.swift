import CivilTime
import RunModel

/// An operation that a store is asked for and that it can be asked for later, and again.
enum StoreOperation: Equatable {
    case register([JobRegistration], by: HostID?, now: Instant)
    /// Answered on this host; the store's own answer comes at delivery.
    case claim(Claim)
    case startAttempt(OwnedRun, number: Int, at: Instant)
    case awaitRetry(OwnedRun, AttemptRecord, retryAt: Instant)
    case finish(OwnedRun, Completion)
    case record([RunRecord])
    /// The only one that is not quite harmless to repeat: an event can be there twice.
    case note([StoreEvent])

    /// Whether it ends what was begun, so that waiting would lose something that is known.
    var isEnd: Bool {
        switch self {
        case .awaitRetry, .finish, .record, .note: true
        case .register, .claim, .startAttempt: false
        }
    }

    /// The run that it is about; a claim has no proof of ownership yet.
    var owned: OwnedRun? {
        switch self {
        case .claim(let claim): OwnedRun(id: claim.run.id, fence: 0)
        case .startAttempt(let owned, _, _), .awaitRetry(let owned, _, _), .finish(let owned, _): owned
        case .register, .record, .note: nil
        }
    }

    /// The same operation on a run, asked with another proof of ownership.
    func owned(as owned: OwnedRun) -> StoreOperation {
        switch self {
        case .startAttempt(_, let number, let at): .startAttempt(owned, number: number, at: at)
        case .awaitRetry(_, let attempt, let retryAt): .awaitRetry(owned, attempt, retryAt: retryAt)
        case .finish(_, let completion): .finish(owned, completion)
        case .register, .claim, .record, .note: self
        }
    }

    /// Asks the store for an operation on a run; false: the run is not this owner's any more.
    func perform(on store: any RunStore, as owned: OwnedRun) async throws(StoreError) -> Bool {
        switch self {
        case .startAttempt(_, let number, let at):
            try await store.startAttempt(owned, number: number, at: at)
        case .awaitRetry(_, let attempt, let retryAt):
            try await store.awaitRetry(owned, attempt: attempt, retryAt: retryAt)
        case .finish(_, let completion): try await store.finish(owned, completion)
        case .register, .claim, .record, .note:
            preconditionFailure("\(summary) is about no run that is owned")
        }
    }

    /// What it is, for people.
    var summary: String {
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
