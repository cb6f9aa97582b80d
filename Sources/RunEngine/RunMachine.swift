package import CivilTime
package import JobCatalog
package import RunModel

/// What happens to one run.
package enum RunEvent: Sendable {
    /// It may start: the claim goes out.
    case begin
    case claimAnswered(Result<ClaimAnswer, StoreError>)
    case attemptRecorded(Result<Bool, StoreError>)
    /// The request ended; secrets in the answer's text are masked already.
    case exchanged(Exchange)
    case retryRecorded(Result<Bool, StoreError>)
    case finishRecorded(Result<Bool, StoreError>)
    /// The instant of `RunMachine.wakeAt` has come.
    case woke
}

/// What one run wants done; each is answered by one event.
package enum RunEffect: Sendable, Equatable {
    case claim(Claim)
    case recordAttempt(OwnedRun, number: Int, at: Instant)
    case send(attempt: Int)
    case recordRetry(OwnedRun, AttemptRecord, retryAt: Instant)
    case recordFinish(OwnedRun, Completion)
}

/// One run, from its claim to its outcome. It decides; its owner performs the effects and brings back their answers.
package struct RunMachine: Sendable {
    package enum State: Sendable, Equatable {
        /// Not begun. Can become claiming.
        case planned
        /// The claim is on its way to the store. Can become recordingAttempt, dropped.
        case claiming
        /// The attempt is being recorded. Can become requesting, dropped.
        case recordingAttempt(OwnedRun, number: Int)
        /// The request is under way. Can become recordingRetry, recordingFinish.
        case requesting(OwnedRun, number: Int, startedAt: Instant)
        /// The end of the attempt is being recorded. Can become waiting, dropped.
        case recordingRetry(OwnedRun, AttemptRecord, retryAt: Instant)
        /// Between two attempts. Can become recordingAttempt.
        case waiting(OwnedRun, number: Int, until: Instant)
        /// The outcome is being recorded. Can become finished, dropped.
        case recordingFinish(OwnedRun, Completion)
        /// The end: the outcome is recorded.
        case finished(Completion)
        /// The end: nothing more to do here.
        case dropped(Drop)
    }

    /// Why a run ended without an outcome of its own.
    package enum Drop: Sendable, Equatable {
        /// The occurrence had been decided before.
        case alreadyDecided
        /// Another run of the job is live.
        case overlaps(RunID)
        /// The lease was lost: another owner decides.
        case lost
    }

    package let job: Job
    package private(set) var run: RunRecord
    package private(set) var state: State
    /// When `woke` is to be sent: the end of a wait between attempts, or the next try of a store that failed.
    package private(set) var wakeAt: Instant?
    /// The last error of the store, while it is being tried again.
    package private(set) var storeError: StoreError?
    /// No attempt starts at or after it: the deadline, or the next occurrence.
    private let retryLimit: Instant?
    private let isExclusive: Bool
    private var storeTries = 0
    /// Why its request is given up, when it is.
    package private(set) var givenUpFor = Reason.shutdown

    /// A run that is to be claimed. No retry starts at or after `retryLimit`.
    package init(job: Job, run: RunRecord, retryLimit: Instant?) {
        self.job = job
        self.run = run
        self.retryLimit = retryLimit
        isExclusive = job.policy.overlap != .allow
        state = .planned
    }

    /// A run that was taken over from an owner that is gone.
    ///
    /// When its request may have been sent it ends as unknown; else its next attempt follows. The effects are the first.
    package static func resuming(
        _ abandoned: AbandonedRun, job: Job, retryLimit: Instant?, now: Instant
    ) -> (machine: RunMachine, effects: [RunEffect]) {
        var machine = RunMachine(job: job, run: abandoned.record, retryLimit: retryLimit)
        if abandoned.requestMayHaveBeenSent {
            let completion = Completion(
                outcome: .unknown, reason: .lost,
                detail:
                    "the host \(abandoned.record.host) was lost after it recorded that the request starts",
                finishedAt: now)
            machine.state = .recordingFinish(abandoned.owned, completion)
            return (machine, [.recordFinish(abandoned.owned, completion)])
        }
        let next = abandoned.record.attempts + 1
        if let retryAt = abandoned.record.retryAt, retryAt > now {
            machine.state = .waiting(abandoned.owned, number: next, until: retryAt)
            machine.wakeAt = retryAt
            return (machine, [])
        }
        machine.state = .recordingAttempt(abandoned.owned, number: next)
        return (machine, [.recordAttempt(abandoned.owned, number: next, at: now)])
    }

    /// The proof of ownership, while the run is this host's.
    package var owned: OwnedRun? {
        switch state {
        case .recordingAttempt(let owned, _), .requesting(let owned, _, _), .recordingRetry(let owned, _, _),
            .waiting(let owned, _, _), .recordingFinish(let owned, _):
            owned
        case .planned, .claiming, .finished, .dropped: nil
        }
    }

    /// Whether the run needs nothing more.
    package var isOver: Bool {
        switch state {
        case .finished, .dropped: true
        case .planned, .claiming, .recordingAttempt, .requesting, .recordingRetry, .waiting, .recordingFinish:
            false
        }
    }

    /// Takes an event and answers what is to be done.
    package mutating func handle(_ event: RunEvent, at now: Instant) -> [RunEffect] {
        switch (state, event) {
        case (.planned, .begin):
            state = .claiming
            return repeatStoreEffect(now)
        case (.claiming, .claimAnswered(.success(let answer))):
            settled()
            return claimAnswered(answer, now)
        case (.recordingAttempt(let owned, let number), .attemptRecorded(.success(let isOwner))):
            settled()
            guard isOwner else { return drop(.lost) }
            run.attempts = number
            if run.startedAt == nil { run.startedAt = now }
            state = .requesting(owned, number: number, startedAt: now)
            return [.send(attempt: number)]
        case (.requesting(let owned, let number, let startedAt), .exchanged(let exchange)):
            return ended(
                exchange, AttemptRecord(number: number, startedAt: startedAt, finishedAt: now), owned, now)
        case (.recordingRetry(let owned, let attempt, let retryAt), .retryRecorded(.success(let isOwner))):
            settled()
            guard isOwner else { return drop(.lost) }
            state = .waiting(owned, number: attempt.number + 1, until: retryAt)
            wakeAt = retryAt
            return []
        case (.recordingFinish(_, let completion), .finishRecorded(.success(let isOwner))):
            settled()
            guard isOwner else { return drop(.lost) }
            state = .finished(completion)
            return []
        case (.claiming, .claimAnswered(.failure(let error))),
            (.recordingAttempt, .attemptRecorded(.failure(let error))),
            (.recordingRetry, .retryRecorded(.failure(let error))),
            (.recordingFinish, .finishRecorded(.failure(let error))):
            return storeFailed(error, now)
        case (.waiting(let owned, let number, let until), .woke):
            guard now >= until else { return [] }
            wakeAt = nil
            state = .recordingAttempt(owned, number: number)
            return repeatStoreEffect(now)
        case (.claiming, .woke), (.recordingAttempt, .woke), (.recordingRetry, .woke),
            (.recordingFinish, .woke):
            guard let wakeAt, now >= wakeAt else { return [] }
            self.wakeAt = nil
            return repeatStoreEffect(now)
        case (.planned, .woke), (.requesting, .woke), (.finished, _), (.dropped, _):
            // An answer that was under way when the run was dropped, or a wake-up that others share.
            return []
        case (.planned, _), (.claiming, _), (.recordingAttempt, _), (.requesting, _), (.recordingRetry, _),
            (.waiting, _),
            (.recordingFinish, _):
            preconditionFailure("run \(run.id) cannot take \(event) in \(state)")
        }
    }

    /// Somebody else takes the run's place. A wait between attempts ends here; a request under way is for the caller to cancel.
    package mutating func giveUp(for reason: Reason, at now: Instant) -> [RunEffect] {
        givenUpFor = reason
        guard case .waiting(let owned, _, _) = state else { return [] }
        wakeAt = nil
        let completion = Completion(
            outcome: .failed, reason: reason, detail: "it was given up between two attempts", finishedAt: now)
        state = .recordingFinish(owned, completion)
        return [.recordFinish(owned, completion)]
    }

    /// The lease was lost: nothing more is written.
    package mutating func loseLease() {
        _ = drop(.lost)
    }

    private mutating func claimAnswered(_ answer: ClaimAnswer, _ now: Instant) -> [RunEffect] {
        switch answer {
        case .claimed(let owned):
            state = .recordingAttempt(owned, number: 1)
            return [.recordAttempt(owned, number: 1, at: now)]
        case .alreadyDecided: return drop(.alreadyDecided)
        case .overlaps(let other): return drop(.overlaps(other))
        }
    }

    private mutating func ended(
        _ exchange: Exchange, _ attempt: AttemptRecord, _ owned: OwnedRun, _ now: Instant
    ) -> [RunEffect] {
        var attempt = attempt
        var answer: HTTPAnswer?
        if case .answered(let given) = exchange.result { answer = given }
        attempt.httpStatus = answer?.status
        let outcome: Outcome
        switch Verdict(exchange, policy: job.policy, givenUpFor: givenUpFor, now: now) {
        case .end(let end, let reason, let detail):
            outcome = end
            attempt.reason = reason
            attempt.detail = detail
        case .retry(let reason, let detail, let retryAfter):
            outcome = .failed
            attempt.reason = reason
            attempt.detail = detail
            if let retryAt = retryInstant(after: attempt.number, asked: retryAfter, now) {
                state = .recordingRetry(owned, attempt, retryAt: retryAt)
                return [.recordRetry(owned, attempt, retryAt: retryAt)]
            }
            if run.attemptsMax > 1 { attempt.detail = "\(detail); no retry is left" }
        }
        let completion = Completion(
            outcome: outcome, reason: attempt.reason, detail: attempt.detail, finishedAt: now,
            attempt: attempt,
            httpStatus: answer?.status, responseBytes: answer?.bodyBytes,
            responseExcerpt: answer.map { String(decoding: $0.bodyBeginning, as: UTF8.self) })
        state = .recordingFinish(owned, completion)
        return [.recordFinish(owned, completion)]
    }

    private func retryInstant(after number: Int, asked: Duration?, _ now: Instant) -> Instant? {
        guard number < run.attemptsMax else { return nil }
        let wait = Spread.backoff(job.policy.backoff, run: run.id, attempt: number + 1)
        let retryAt = now + max(wait, asked ?? .zero)
        if let retryLimit, retryAt >= retryLimit { return nil }
        return retryAt
    }

    private mutating func drop(_ why: Drop) -> [RunEffect] {
        state = .dropped(why)
        wakeAt = nil
        return []
    }

    private mutating func settled() {
        storeTries = 0
        storeError = nil
        wakeAt = nil
    }

    /// The store failed: the same is asked again after a wait, since nothing of it has happened or it is harmless to repeat.
    private mutating func storeFailed(_ error: StoreError, _ now: Instant) -> [RunEffect] {
        storeError = error
        storeTries += 1
        wakeAt = now + Spread.backoff(EngineLimits.storeRetry, run: run.id, attempt: storeTries)
        return []
    }

    private func repeatStoreEffect(_ now: Instant) -> [RunEffect] {
        switch state {
        case .claiming: [.claim(Claim(run: run, isExclusive: isExclusive, lease: EngineLimits.lease))]
        case .recordingAttempt(let owned, let number): [.recordAttempt(owned, number: number, at: now)]
        case .recordingRetry(let owned, let attempt, let retryAt):
            [.recordRetry(owned, attempt, retryAt: retryAt)]
        case .recordingFinish(let owned, let completion): [.recordFinish(owned, completion)]
        case .planned, .requesting, .waiting, .finished, .dropped: []
        }
    }
}
