import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Testing

@Suite struct RunMachineTests {
    private static let id = RunID(random: 1)
    private static let owned = OwnedRun(id: id, fence: 1)

    private func machine(
        _ options: String = "retry=1 backoff=10s", startLimit: Instant? = nil, retryLimit: Instant? = nil
    )
        throws -> RunMachine
    {
        let job = try makeJob(options)
        let run = RunRecord(
            id: Self.id, job: job.name, trigger: .schedule, scheduledFor: at(60), dueAt: at(60),
            state: .claimed,
            attemptsMax: job.policy.retries + 1, host: HostID("h/1"), configHash: "x", createdAt: at(60))
        return RunMachine(job: job, run: run, startLimit: startLimit, retryLimit: retryLimit)
    }

    private enum Step: CaseIterable { case claim, exchange, retry, attempt, finish }

    /// Brings the machine to where the answer of `step` is awaited; the effects are the last ones.
    private func bring(_ machine: inout RunMachine, to step: Step) -> [RunEffect] {
        var effects = machine.handle(.begin, at: at(60))
        if step == .claim { return effects }
        effects = machine.handle(.written(.success(.claim(.claimed(Self.owned)))), at: at(60))
        if step == .exchange { return effects }
        effects = machine.handle(.exchanged(answered(step == .finish ? 200 : 500)), at: at(61))
        guard step == .attempt else { return effects }
        _ = machine.handle(.written(.success(.owner(true))), at: at(61))
        return machine.handle(.woke, at: at(71))
    }

    private func answer(_ step: Step, _ result: Result<Bool, StoreError>) -> RunEvent {
        switch step {
        case .claim: .written(result.map { _ in .claim(.claimed(Self.owned)) })
        case .attempt, .retry, .finish: .written(result.map { .owner($0) })
        case .exchange: .exchanged(answered(200))
        }
    }

    @Test("what a store cannot take of an answer is left out, once, and the run ends")
    func refusedText() throws {
        let defect = StoreError(.defect, "a character has no place in the encoding")
        var machine = try machine()
        _ = bring(&machine, to: .finish)
        guard
            case .write(.finish(_, let plain))? = machine.handle(.written(.failure(defect)), at: at(72))
                .first
        else {
            Issue.record("it is not asked again")
            return
        }
        #expect(plain.responseExcerpt == nil && plain.outcome == .succeeded && plain.httpStatus == 200)
        #expect(
            machine.handle(.written(.failure(defect)), at: at(72)) == [],
            "a wait, as for every failure")
        _ = machine.handle(.woke, at: at(80))
        _ = machine.handle(.written(.success(.owner(true))), at: at(80))
        #expect(machine.isOver)
    }

    @Test("a store that fails at any step is asked the same again after a wait")
    func storeFailure() throws {
        for step in Step.allCases where step != .exchange {
            var machine = try machine()
            let first = bring(&machine, to: step)
            let before = machine.state
            #expect(machine.handle(answer(step, .failure(storeAway)), at: at(72)) == [], "\(step)")
            #expect(
                machine.state == before && machine.storeError == storeAway && machine.wakeAt == at(73),
                "\(step)")
            #expect(machine.handle(.woke, at: at(72.9)) == [], "\(step)")
            let again = machine.handle(.woke, at: at(73))
            #expect(again.count == 1 && again.map(\.kind) == first.map(\.kind), "\(step)")
            #expect(machine.handle(answer(step, .failure(storeAway)), at: at(74)) == [], "\(step)")
            _ = machine.handle(.woke, at: at(100))
            _ = machine.handle(answer(step, .success(true)), at: at(101))
            #expect(machine.storeError == nil && machine.state != before, "\(step)")
        }
    }

    @Test(
        "an attempt that is known to be on record only after the lease is put there again before it is sent")
    func lateAnswer() throws {
        var machine = try machine()
        _ = bring(&machine, to: .claim)
        let again = machine.handle(answer(.claim, .success(true)), at: at(600))
        #expect(again == [.write(.startAttempt(Self.owned, number: 1, at: at(600)))])
        // Another host took the run over while this one was suspended.
        #expect(machine.handle(.written(.success(.owner(false))), at: at(601)) == [])
        #expect(machine.state == .dropped(.lost))
    }

    @Test("ownership that is lost at any step ends the run here")
    func lostOwnership() throws {
        for step in [Step.attempt, .retry, .finish] {
            var machine = try machine()
            _ = bring(&machine, to: step)
            #expect(machine.handle(answer(step, .success(false)), at: at(62)) == [], "\(step)")
            #expect(machine.state == .dropped(.lost) && machine.isOver && machine.owned == nil, "\(step)")
        }
    }

    @Test("an answer that comes after the end changes nothing")
    func afterTheEnd() throws {
        for step in Step.allCases {
            var machine = try machine()
            _ = bring(&machine, to: .finish)
            _ = machine.handle(.written(.success(.owner(false))), at: at(62))
            #expect(machine.handle(answer(step, .success(true)), at: at(70)) == [])
            #expect(machine.state == .dropped(.lost))
        }
    }

    @Test("a claim that is refused ends the run without a request")
    func refusedClaims() throws {
        for (answer, drop) in [
            (ClaimAnswer.alreadyDecided, RunMachine.Drop.alreadyDecided),
            (.overlaps(RunID(random: 2)), .overlaps(RunID(random: 2))),
        ] {
            var machine = try machine()
            _ = bring(&machine, to: .claim)
            #expect(machine.handle(.written(.success(.claim(answer))), at: at(61)) == [])
            #expect(machine.state == .dropped(drop))
        }
    }

    @Test("a transient answer is tried again, and the last attempt decides")
    func retries() throws {
        var machine = try machine()
        _ = bring(&machine, to: .retry)
        #expect(machine.handle(.written(.success(.owner(true))), at: at(61)) == [])
        let retryAt = try #require(machine.wakeAt)
        #expect(retryAt == at(71))
        #expect(machine.handle(.woke, at: at(70)) == [])
        #expect(machine.handle(.woke, at: retryAt).map(\.kind) == ["startAttempt"])
        _ = machine.handle(.written(.success(.owner(true))), at: retryAt)
        let effects = machine.handle(.exchanged(answered(503)), at: at(80))
        guard case .write(.finish(_, let end))? = effects.first else { Issue.record("no end"); return }
        #expect(
            end.outcome == .failed && end.reason == .status && end.httpStatus == 503
                && end.attempt?.number == 2)
        #expect(end.detail == "the API answered 503; no retry is left")
    }

    @Test("Retry-After moves a retry, and one beyond the limit is not made")
    func retryAfter() throws {
        var machine = try machine(retryLimit: at(120))
        _ = bring(&machine, to: .exchange)
        guard
            case .write(.awaitRetry(_, _, let retryAt))? = machine.handle(
                .exchanged(answered(429, retryAfter: "30")), at: at(61)
            ).first
        else { Issue.record("no retry"); return }
        #expect(retryAt == at(91))
        var late = try self.machine(retryLimit: at(120))
        _ = bring(&late, to: .exchange)
        #expect(
            late.handle(.exchanged(answered(429, retryAfter: "59")), at: at(61)).map(\.kind) == [
                "finish"
            ])
    }

    @Test("a claim that is under way at the stop has started its attempt, and sends it")
    func stopped() throws {
        var machine = try machine()
        _ = bring(&machine, to: .claim)
        machine.stop(at: at(60))
        #expect(machine.handle(answer(.claim, .success(true)), at: at(61)) == [.send(attempt: 1)])
    }

    @Test("a claim asks for the start of the first attempt, and an answer to it sends the request")
    func claimStarts() throws {
        var machine = try machine()
        guard case .write(.claim(let claim))? = bring(&machine, to: .claim).first else {
            Issue.record("no claim")
            return
        }
        #expect(claim.attempt == AttemptRecord(number: 1, startedAt: at(60)))
        #expect(claim.run.state == .running && machine.run.attempts == 0)
        #expect(machine.handle(answer(.claim, .success(true)), at: at(61)) == [.send(attempt: 1)])
        #expect(machine.run.attempts == 1 && machine.run.startedAt == at(61))
    }

    @Test(
        "what was taken over ends or goes on, as far as can be told",
        arguments: [
            (true, RunTrigger.schedule, 1, "", 70.0, "unknown lost"),
            (false, .schedule, 0, "", 70, "startAttempt 1"),
            (false, .schedule, 1, "", 70, "startAttempt 2"),
            (false, .schedule, 0, "", 130, "skipped superseded"),
            (false, .schedule, 1, "", 130, "failed superseded"),
            (false, .schedule, 0, "deadline=5s", 70, "skipped deadline"),
            (false, .schedule, 0, "enabled=no", 70, "skipped disabled"),
            (false, .manual, 0, "", 70, "failed lost"),
            (false, .schedule, 0, "gone", 70, "skipped disabled"),
            (true, .schedule, 1, "gone", 70, "unknown lost"),
        ])
    func resuming(
        _ sent: Bool, _ trigger: RunTrigger, _ attempts: Int, _ options: String, _ now: Double,
        _ wanted: String
    ) throws {
        let job = try options == "gone" ? nil : makeJob(options)
        var record = try machine().run
        record.attempts = attempts
        record.trigger = trigger
        if trigger == .manual { record.scheduledFor = nil }
        try resume(
            AbandonedRun(record: record, owned: Self.owned, requestMayHaveBeenSent: sent), job, now, wanted)
    }

    @Test(
        "what was taken over long after it was to go on is made up for as the policy says",
        arguments: [
            ("", 0, nil, 200, "startAttempt 1"), ("", 0, nil, 201, "missed down"),
            ("", 1, nil, 201, "failed down"), ("", 1, 500, 640, "startAttempt 2"),
            ("deadline=5s", 0, nil, 201, "skipped deadline"),
            ("catch-up=latest", 0, nil, 86_000, "startAttempt 1"),
            ("catch-up=latest", 0, nil, 86_500, "skipped superseded"),
            ("catch-up=latest catch-up-window=1h", 0, nil, 3660, "startAttempt 1"),
            ("catch-up=latest catch-up-window=1h", 0, nil, 3661, "missed window"),
            ("catch-up=latest catch-up-window=1h", 1, nil, 3661, "failed window"),
            ("catch-up=all", 0, nil, 86_500, "startAttempt 1"),
            ("catch-up=all", 1, nil, 86_500, "failed superseded"),
        ] as [(String, Int, Double?, Double, String)])
    func resumingLate(
        _ options: String, _ attempts: Int, _ retryAt: Double?, _ now: Double, _ wanted: String
    ) throws {
        var record = try machine().run
        record.attempts = attempts
        record.retryAt = retryAt.map(at)
        let abandoned = AbandonedRun(record: record, owned: Self.owned, requestMayHaveBeenSent: false)
        try resume(abandoned, makeJob(options, when: "1 0 * * *"), now, wanted)
    }

    private func resume(_ abandoned: AbandonedRun, _ job: Job?, _ now: Double, _ wanted: String) throws {
        var (machine, effects) = RunMachine.resuming(abandoned, job: job, now: at(now))
        // It waits until its owner lets it begin.
        if effects.isEmpty { effects = machine.handle(.woke, at: at(now)) }
        switch effects.first {
        case .write(.finish(_, let end)):
            #expect("\(end.outcome.rawValue) \(end.reason?.rawValue ?? "")" == wanted)
        case .write(.startAttempt(_, let number, _)): #expect("startAttempt \(number)" == wanted)
        default: Issue.record("\(effects)")
        }
        #expect(effects.count == 1 && machine.owned == Self.owned)
    }

    @Test("what was taken over from a clock that was hours ahead waits no longer than by that clock")
    func resumingAhead() throws {
        var record = try machine().run
        (record.attempts, record.attemptsMax) = (1, 2)
        (record.createdAt, record.startedAt, record.retryAt) = (at(21_660), at(21_662), at(21_700))
        var abandoned = AbandonedRun(record: record, owned: Self.owned, requestMayHaveBeenSent: false)
        #expect(try waitEnd(abandoned) == at(108))
        // The clock went ahead while the attempt was made.
        abandoned.record.startedAt = at(62)
        abandoned.lastAttemptEndedAt = at(21_690)
        #expect(try waitEnd(abandoned) == at(80))
    }

    /// Until when the second attempt of what is taken over at second 70 waits; nil when it does not.
    private func waitEnd(_ abandoned: AbandonedRun) throws -> Instant? {
        let (machine, effects) = RunMachine.resuming(abandoned, job: try makeJob(), now: at(70))
        guard effects.isEmpty, case .waiting(Self.owned, number: 2, let until) = machine.state else {
            return nil
        }
        return until
    }
}

extension RunEffect {
    fileprivate var kind: String {
        switch self {
        case .write(.claim): "claim"
        case .write(.startAttempt): "startAttempt"
        case .send: "send"
        case .write(.awaitRetry): "awaitRetry"
        case .write(.finish): "finish"
        case .write(let write): write.summary
        }
    }
}
