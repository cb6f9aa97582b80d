package import CivilTime
package import JobCatalog
package import Records
package import RunModel

/// One run, from its claim to its outcome. It decides; its owner performs the effects and brings back their answers.
package struct RunMachine: Sendable {
    /// Where the run is; every state but the ends becomes dropped when the lease is lost.
    package enum State: Sendable, Equatable {
        /// Not begun. Can become claiming, dropped; taken over from another owner it becomes waiting or recordingFinish
        /// at once.
        case planned
        /// The claim, and the start of the first attempt with it, are on their way to the store. Can become requesting,
        /// recordingAttempt, recordingFinish, dropped.
        case claiming
        /// A later attempt, or the first again, is being recorded. Can become requesting, recordingFinish, dropped.
        case recordingAttempt(OwnedRun, number: Int)
        /// The request is under way. Can become recordingRefusal, recordingRetry, recordingFinish, dropped.
        case requesting(OwnedRun, number: Int, startedAt: Instant)
        /// The connection was refused, so that the attempt has sent nothing: this is being recorded, for whoever takes
        /// the run over. Can become awaitingAPI, recordingRetry, recordingFinish, dropped.
        case recordingRefusal(OwnedRun, AttemptRecord, until: Instant)
        /// Before the same attempt is made again. Can become recordingAttempt, recordingRetry, recordingFinish, dropped.
        case awaitingAPI(OwnedRun, AttemptRecord, until: Instant)
        /// The end of the attempt is being recorded. Can become waiting, recordingFinish, dropped.
        case recordingRetry(OwnedRun, AttemptRecord, retryAt: Instant)
        /// Before an attempt. Can become recordingAttempt, recordingFinish, dropped.
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
        /// The job was paused: the store has recorded its occurrence.
        case paused(Pause)
        /// Another run of the job is live.
        case overlaps(RunID)
        /// The lease was lost: another owner decides.
        case lost
        /// The host's clock is ahead of the store's: nothing was decided.
        case ahead
    }

    /// The definition under which it runs, also when a newer one is in force.
    package let job: Job
    /// The row as it was claimed, with the attempts started since; its end is in the state.
    package private(set) var run: RunRecord
    /// Changed by `handle` and by the methods below it alone.
    package internal(set) var state: State
    /// When `woke` is to be sent: the end of a wait between attempts, or the next try of a store that failed.
    package internal(set) var wakeAt: Instant?
    /// The last error of the store, while it is being tried again.
    package private(set) var storeError: StoreError?
    /// The first attempt does not start after it: the deadline.
    private let startLimit: Instant?
    /// No retry starts at or after it: the deadline, or the next occurrence.
    let retryLimit: Instant?
    /// How long its lease is, and how patient it is with an API that is not up yet.
    package let settings: EngineSettings
    /// From the first refused connection of the attempt to the next try after the last; nil when none was.
    var refusals: ClosedRange<Instant>?
    /// When the attempt was recorded first, also when it is made again after a refused connection.
    private var attemptStartedAt: Instant?
    /// When the store was asked to put the attempt on record.
    var attemptAskedAt: Instant?
    /// The end of that wait; nil before the first request.
    var patientUntil: Instant?
    private let isExclusive: Bool
    private var storeTries = 0
    /// Why its request is given up, when it is: the host stops in a hurry, or `giveUp` said why.
    package private(set) var givenUpFor = Reason.shutdown
    /// The person who gave it up; nil when nobody did.
    private var givenUpBy: String?
    var isGivenUp = false
    var isStopping = false
    /// What the last attempt came to, for the outcome when no other follows.
    private var lastAttempt: AttemptRecord?

    /// A run that is to be claimed. Its first attempt does not start after `startLimit`, no retry at or after
    /// `retryLimit`.
    package init(
        job: Job, run: RunRecord, startLimit: Instant? = nil, retryLimit: Instant?,
        settings: EngineSettings = EngineSettings()
    ) {
        self.job = job
        self.run = run
        self.startLimit = startLimit
        self.retryLimit = retryLimit
        self.settings = settings
        isExclusive = job.policy.overlap != .allow
        state = .planned
    }

    /// The proof of ownership, while the run is this host's.
    package var owned: OwnedRun? {
        switch state {
        case .recordingAttempt(let owned, _), .requesting(let owned, _, _),
            .recordingRefusal(let owned, _, _), .awaitingAPI(let owned, _, _),
            .recordingRetry(let owned, _, _), .waiting(let owned, _, _), .recordingFinish(let owned, _):
            owned
        case .planned, .claiming, .finished, .dropped: nil
        }
    }

    /// Whether the run needs nothing more.
    package var isOver: Bool {
        switch state {
        case .finished, .dropped: true
        case .planned, .claiming, .recordingAttempt, .requesting, .recordingRefusal, .awaitingAPI,
            .recordingRetry, .waiting, .recordingFinish:
            false
        }
    }

    /// Takes an event and answers what is to be done.
    package mutating func handle(_ event: RunEvent, at now: Instant) -> [RunEffect] {
        switch (state, event) {
        case (.planned, .begin):
            state = .claiming
            return askStore(now)
        case (.claiming, .written(.success(.claim(let answer)))):
            settled()
            return claimAnswered(answer, now)
        case (.recordingAttempt, .written(.success(.owner(false)))),
            (.recordingRefusal, .written(.success(.owner(false)))),
            (.recordingRetry, .written(.success(.owner(false)))),
            (.recordingFinish, .written(.success(.owner(false)))):
            return drop(.lost)
        case (.recordingAttempt(let owned, let number), .written(.success(.owner(true)))):
            settled()
            return attemptRecorded(number, owned, now)
        case (.requesting(let owned, let number, let startedAt), .exchanged(let exchange)):
            return ended(
                exchange, AttemptRecord(number: number, startedAt: startedAt, finishedAt: now), owned, now)
        case (.recordingRefusal(let owned, let attempt, let until), .written(.success(.owner(true)))):
            settled()
            return refusalRecorded(attempt, until, owned, now)
        case (.recordingRetry(let owned, let attempt, let retryAt), .written(.success(.owner(true)))):
            settled()
            if isGivenUp { return endUnsent(attempt.number + 1, owned, now) }
            wait(with: attempt.number + 1, owned, until: retryAt)
            return []
        case (.recordingFinish(_, let completion), .written(.success(.owner(true)))):
            settled()
            state = .finished(completion)
            return []
        case (.claiming, .written(.failure(let error))) where error.reason == .ahead: return drop(.ahead)
        case (.claiming, .written(.failure(let error))), (.recordingAttempt, .written(.failure(let error))),
            (.recordingRefusal, .written(.failure(let error))),
            (.recordingRetry, .written(.failure(let error))),
            (.recordingFinish, .written(.failure(let error))):
            return storeFailed(error, now)
        case (.waiting(let owned, let number, let until), .woke):
            guard now >= until else { return [] }
            wakeAt = nil
            guard mayStart(number, now) else { return endUnsent(number, owned, now) }
            return record(number, owned, now)
        case (.awaitingAPI(let owned, let attempt, let until), .woke):
            guard now >= until else { return [] }
            return askAgain(attempt, owned, now)
        case (.claiming, .woke), (.recordingAttempt, .woke), (.recordingRefusal, .woke),
            (.recordingRetry, .woke), (.recordingFinish, .woke):
            guard let wakeAt, now >= wakeAt else { return [] }
            self.wakeAt = nil
            return askStore(now)
        case (.planned, .woke), (.requesting, .woke), (.finished, _), (.dropped, _):
            // An answer that was under way when the run was dropped, or a wake-up that others share.
            return []
        case (.planned, _), (.claiming, _), (.recordingAttempt, _), (.requesting, _), (.recordingRefusal, _),
            (.awaitingAPI, _), (.recordingRetry, _), (.waiting, _), (.recordingFinish, _):
            preconditionFailure("run \(run.id) cannot take \(event) in \(state)")
        }
    }

    /// Somebody else takes the run's place, or a person cancels it: no attempt of it starts any more. A request under way is
    /// for the caller to cancel.
    package mutating func giveUp(
        for reason: Reason, by person: String? = nil, at now: Instant
    ) -> [RunEffect] {
        (givenUpFor, givenUpBy) = (reason, person)
        isGivenUp = true
        switch state {
        case .waiting(let owned, let number, _):
            wakeAt = nil
            return endUnsent(number, owned, now)
        case .awaitingAPI(let owned, let attempt, _):
            wakeAt = nil
            return endUnsent(attempt.number, owned, now, attempt: attempt)
        case .planned, .claiming, .recordingAttempt, .requesting, .recordingRefusal, .recordingRetry,
            .recordingFinish, .finished, .dropped:
            return []
        }
    }

    /// Whether the store was asked for something and has not answered.
    package var awaitsStore: Bool {
        switch state {
        case .claiming, .recordingAttempt, .recordingRefusal, .recordingRetry, .recordingFinish: wakeAt == nil
        case .planned, .requesting, .awaitingAPI, .waiting, .finished, .dropped: false
        }
    }

    /// Whether the store has not answered its claim.
    var isUnclaimed: Bool { state == .planned || state == .claiming }

    private mutating func claimAnswered(_ answer: ClaimAnswer, _ now: Instant) -> [RunEffect] {
        switch answer {
        case .claimed(let owned): return attemptRecorded(1, owned, now)
        case .alreadyDecided: return drop(.alreadyDecided)
        case .paused(let pause): return drop(.paused(pause))
        case .overlaps(let other): return drop(.overlaps(other))
        }
    }

    private mutating func attemptRecorded(_ number: Int, _ owned: OwnedRun, _ now: Instant) -> [RunEffect] {
        if number != run.attempts || attemptStartedAt == nil {
            run.attempts = number
            refusals = nil
            attemptStartedAt = now
        }
        let startedAt = attemptStartedAt ?? now
        // A host that was suspended meanwhile may have lost the run, and nobody told it: it asks again before it sends,
        // unless it is to stop, for then nothing new begins.
        let isStale = attemptAskedAt.map { now >= $0 + settings.lease } ?? false
        if isStale, isStopping { isGivenUp = true }
        guard !isGivenUp, mayStart(number, now) else {
            return endUnsent(
                number, owned, now,
                attempt: AttemptRecord(number: number, startedAt: startedAt, finishedAt: now))
        }
        if isStale { return record(number, owned, now) }
        if run.startedAt == nil { run.startedAt = now }
        if patientUntil == nil { patientUntil = now + settings.apiGrace }
        state = .requesting(owned, number: number, startedAt: startedAt)
        return [.send(attempt: number)]
    }

    /// Whether attempt `number` may still start.
    private func mayStart(_ number: Int, _ now: Instant) -> Bool {
        if number == 1 { return startLimit.map { now <= $0 } ?? true }
        return retryLimit.map { now < $0 } ?? true
    }

    /// Ends the run before attempt `number` sent anything: it was given up, or it is too late for it.
    mutating func endUnsent(
        _ number: Int, _ owned: OwnedRun, _ now: Instant, attempt: AttemptRecord? = nil
    ) -> [RunEffect] {
        let reason: Reason =
            isGivenUp ? givenUpFor : number == 1 ? .deadline : lastAttempt?.reason ?? .deadline
        var detail =
            switch (isGivenUp, number) {
            case (true, 1) where reason == .storeOutage: "the store was away until it was too late for it"
            case (true, 1): "it was abandoned before its request was sent"
            case (true, _): "it was abandoned between attempts"
            case (false, 1): "its deadline passed before the request was sent"
            case (false, _): "the time for another attempt had passed"
            }
        if let last = lastAttempt?.detail { detail = "\(last); \(detail)" }
        var attempt = attempt
        attempt?.reason = reason
        attempt?.detail = detail
        // Not skipped, which only a run without an attempt is: the store may hold one whose answer was lost.
        return finish(
            owned,
            Completion(
                outcome: .failed, reason: reason, detail: detail, finishedAt: now,
                attempt: attempt, httpStatus: lastAttempt?.httpStatus))
    }

    /// Waits with attempt `number` until `until`, or until its owner lets it begin.
    mutating func wait(with number: Int, _ owned: OwnedRun, until: Instant) {
        state = .waiting(owned, number: number, until: until)
        wakeAt = until
    }

    /// Puts an attempt on record, before it is sent.
    mutating func record(_ number: Int, _ owned: OwnedRun, _ now: Instant) -> [RunEffect] {
        state = .recordingAttempt(owned, number: number)
        attemptAskedAt = now
        return [.write(.startAttempt(owned, number: number, at: now))]
    }

    /// Records the outcome.
    mutating func finish(_ owned: OwnedRun, _ completion: Completion) -> [RunEffect] {
        var completion = completion
        completion.startedAt = run.startedAt
        completion.host = run.host
        if let givenUpBy, completion.reason == .cancelled {
            completion.detail = "cancelled by \(givenUpBy)" + (completion.detail.map { "; " + $0 } ?? "")
        }
        state = .recordingFinish(owned, completion)
        return [.write(.finish(owned, completion))]
    }

    /// Takes what came of an attempt: another follows, or the run has its outcome.
    mutating func ended(
        _ exchange: Exchange, _ attempt: AttemptRecord, _ owned: OwnedRun, _ now: Instant
    ) -> [RunEffect] {
        if let waiting = awaitAPI(exchange, attempt, owned, now) { return waiting }
        var attempt = attempt
        var answer: HTTPAnswer?
        if case .answered(let given) = exchange.result { answer = given }
        attempt.httpStatus = answer?.status
        let outcome: Outcome
        switch Verdict(exchange, policy: job.policy, givenUpFor: givenUpFor, now: now) {
        case .end(let end, let reason, let detail):
            outcome = end
            attempt.reason = reason
            attempt.detail = explained(detail, now)
        case .retry(let reason, let detail, let retryAfter):
            outcome = .failed
            attempt.reason = reason
            attempt.detail = explained(detail, now)
            if !isGivenUp, let retryAt = retryInstant(after: attempt.number, asked: retryAfter, now) {
                lastAttempt = attempt
                state = .recordingRetry(owned, attempt, retryAt: retryAt)
                return [.write(.awaitRetry(owned, attempt, retryAt: retryAt))]
            }
            if run.attemptsMax > 1 {
                let why =
                    attempt.number < run.attemptsMax
                    ? "no retry fits in the time that is left" : "no retry is left"
                attempt.detail = "\(attempt.detail ?? detail); \(why)"
            }
        }
        let completion = Completion(
            outcome: outcome, reason: attempt.reason, detail: attempt.detail, finishedAt: now,
            attempt: attempt,
            httpStatus: answer?.status, responseBytes: answer?.bodyBytes,
            responseExcerpt: answer?.excerpt)
        return finish(owned, completion)
    }

    private func retryInstant(after number: Int, asked: Duration?, _ now: Instant) -> Instant? {
        guard number < run.attemptsMax, asked ?? .zero <= EngineLimits.retryAfterMax else { return nil }
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
        // What a store cannot take it cannot take the next time: no answer may hold a job for ever.
        if error.reason == .defect, let plain = state.withoutTexts {
            state = plain
            return askStore(now)
        }
        storeError = error
        storeTries += 1
        wakeAt = now + Spread.backoff(EngineLimits.storeRetry, run: run.id, attempt: storeTries)
        return []
    }

    /// The wish to have the run, and to start its first attempt with it.
    private mutating func claim(_ now: Instant) -> Claim {
        attemptAskedAt = now
        var started = run
        started.state = .running
        started.attempts = 1
        started.startedAt = now
        return Claim(run: started, isExclusive: isExclusive, lease: settings.lease)
    }

    private mutating func askStore(_ now: Instant) -> [RunEffect] {
        switch state {
        case .claiming: [.write(.claim(claim(now)))]
        case .recordingAttempt(let owned, let number): record(number, owned, now)
        case .recordingRefusal(let owned, let attempt, let until):
            [.write(.awaitRetry(owned, attempt, retryAt: until))]
        case .recordingRetry(let owned, let attempt, let retryAt):
            [.write(.awaitRetry(owned, attempt, retryAt: retryAt))]
        case .recordingFinish(let owned, let completion): [.write(.finish(owned, completion))]
        case .planned, .requesting, .awaitingAPI, .waiting, .finished, .dropped: []
        }
    }
}
