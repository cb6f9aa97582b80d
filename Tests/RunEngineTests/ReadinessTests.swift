import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Testing

private let refused = Exchange(result: .notSent(.connect, "connection refused"), elapsed: .zero)

/// A bench whose engine waits for an API that is not up, and for its start.
private func patientBench(
    _ job: Job, at start: Double = 0, grace: Duration = .seconds(60), delay: Duration = .zero
) -> Bench {
    Bench([job], at: start, settings: EngineSettings(apiGrace: grace, startDelay: delay))
}

extension Bench {
    /// The connection is refused, and nothing else follows from that than that it is recorded and waited.
    fileprivate mutating func refuse(_ id: RunID, at seconds: Double) {
        take(.run(id, .exchanged(refused)), at: seconds)
        #expect(retries == 1 && effects.count == 1)
        take(.run(id, .written(.success(.owner(true)))), at: seconds)
        #expect(effects == [])
    }

    /// The wait is over, and the same attempt is recorded and sent again.
    fileprivate mutating func sendAgain(_ id: RunID, at seconds: Double) {
        wake(seconds)
        #expect(sends == 0 && effects.count == 1)
        take(.run(id, .written(.success(.owner(true)))), at: seconds)
        #expect(sends == 1)
    }
}

@Suite struct ReadinessTests {
    /// An hourly job whose first request was refused at 3600.
    private func refusedBench(_ options: String = "", grace: Duration = .seconds(60)) throws -> (Bench, RunID)
    {
        let job = try makeJob(options, when: "0 * * * *")
        var bench = patientBench(job, grace: grace)
        let id = bench.begin(job, at: 3600)
        if grace > .zero { bench.refuse(id, at: 3600) }
        return (bench, id)
    }

    @Test("an API that comes up in time costs no attempt, and the wait is on record")
    func comesUp() throws {
        var (bench, id) = try refusedBench()
        for second in stride(from: 3602.0, to: 3620, by: 2) {
            #expect(bench.scheduler.wakeAt == at(second))
            bench.sendAgain(id, at: second)
            bench.refuse(id, at: second)
        }
        bench.sendAgain(id, at: 3620)
        bench.take(.run(id, .exchanged(answered(200))), at: 3621)
        let end = try #require(bench.completions.first)
        #expect(end.outcome == .succeeded && end.reason == nil && end.attempt?.number == 1)
        #expect(end.attempt?.startedAt == at(3600))
        #expect(end.detail == "connections were refused for 20 s, which did not count")
    }

    @Test("when the grace is over the refusal counts, and the retries follow")
    func staysDown() throws {
        var (bench, id) = try refusedBench("retry=1")
        for second in stride(from: 3602.0, to: 3660, by: 2) {
            bench.sendAgain(id, at: second)
            bench.refuse(id, at: second)
        }
        bench.sendAgain(id, at: 3660)
        bench.take(.run(id, .exchanged(refused)), at: 3660)
        #expect(bench.retries == 1)
        guard case .run(_, _, .write(.awaitRetry(_, let attempt, let retryAt)))? = bench.effects.first else {
            Issue.record("no retry"); return
        }
        #expect(attempt.reason == .connect)
        #expect(
            attempt.detail
                == "connection refused; connections were refused for 60 s, which did not count")
        bench.take(.run(id, .written(.success(.owner(true)))), at: 3660)
        let second = Double((retryAt - at(0)).components.seconds) + 1
        bench.wake(second)
        bench.take(.run(id, .written(.success(.owner(true)))), at: second)
        bench.take(.run(id, .exchanged(refused)), at: second)
        #expect(bench.completions.map(\.outcome) == [.failed])
    }

    @Test("without a grace the first refusal counts")
    func noGrace() throws {
        var (bench, id) = try refusedBench("retry=0", grace: .zero)
        bench.take(.run(id, .exchanged(refused)), at: 3600)
        #expect(bench.completions.map(\.reason) == [.connect])
    }

    @Test("waiting for the API ends before the deadline", arguments: ["deadline=10s retry=0"])
    func deadline(_ options: String) throws {
        var (bench, id) = try refusedBench(options)
        for second in [3602.0, 3604, 3606] {
            bench.sendAgain(id, at: second)
            bench.refuse(id, at: second)
        }
        bench.sendAgain(id, at: 3608)
        bench.take(.run(id, .exchanged(refused)), at: 3608)
        #expect(bench.completions.map(\.reason) == [.connect])
    }

    @Test("waiting for the API ends before the next occurrence, which then starts")
    func nextOccurrence() throws {
        let job = try makeJob("retry=0", when: "*/10 * * * * *")
        var bench = patientBench(job)
        let id = bench.begin(job, at: 10)
        for second in [12.0, 14, 16, 18] {
            bench.refuse(id, at: second - 2)
            bench.sendAgain(id, at: second)
        }
        bench.take(.run(id, .exchanged(refused)), at: 18)
        #expect(bench.completions.map(\.outcome) == [.failed])
        bench.take(.run(runID(job, 10), .written(.success(.owner(true)))), at: 18)
        bench.wake(20)
        #expect(bench.claims == [runID(job, 20)] && bench.rows == [])
    }

    @Test("stopping does not wait for the API: the refusal counts at once")
    func stopping() throws {
        for (options, retries, ends) in [("retry=1", 1, 0), ("retry=0", 0, 1)] {
            var (bench, id) = try refusedBench(options)
            bench.take(.stop, at: 3601)
            #expect(bench.retries == retries && bench.completions.count == ends, "\(options)")
            let answer: RunEvent =
                retries == 1 ? .written(.success(.owner(true))) : .written(.success(.owner(true)))
            bench.take(.run(id, answer), at: 3601)
            #expect(bench.effects.last == .drained)
        }
    }

    @Test("a run that waits for the API can be replaced")
    func replaced() throws {
        let job = try makeJob("overlap=replace", when: "*/10 * * * * *")
        var bench = patientBench(job)
        let id = bench.begin(job, at: 10)
        bench.refuse(id, at: 17)
        bench.wake(20)
        #expect(bench.completions.map(\.reason) == [.replaced])
    }

    @Test("a run that is stopped or replaced while its refusal is recorded sends nothing more")
    func whileRecording() throws {
        let job = try makeJob("retry=0 overlap=replace", when: "*/10 * * * * *")
        for isStop in [true, false] {
            var bench = patientBench(job)
            let id = bench.begin(job, at: 10)
            bench.take(.run(id, .exchanged(refused)), at: 17)
            if isStop { bench.take(.stop, at: 18) } else { bench.wake(20) }
            bench.take(.run(id, .written(.success(.owner(true)))), at: 20)
            #expect(bench.sends == 0)
            #expect(bench.nextCompletion?.reason == (isStop ? .connect : .replaced))
        }
    }

    @Test("who takes over a run that waited for the API makes its last attempt again")
    func takenOver() throws {
        let job = try makeJob("retry=0")
        var record = RunRecord(
            id: runID(job, 60), job: job.name, trigger: .schedule, scheduledFor: at(60), dueAt: at(60),
            state: .retryWait, attempts: 1, attemptsMax: 1, retryAt: at(64), host: HostID("gone/1"),
            configHash: job.configHash, createdAt: at(60))
        record.startedAt = at(60)
        let owned = OwnedRun(id: record.id, fence: 2)
        let abandoned = AbandonedRun(record: record, owned: owned, requestMayHaveBeenSent: false)
        var (machine, effects) = RunMachine.resuming(abandoned, job: job, now: at(70))
        #expect(effects == [])
        effects = machine.handle(.woke, at: at(70))
        #expect(effects == [.write(.startAttempt(owned, number: 1, at: at(70)))])
        #expect(machine.handle(.written(.success(.owner(true))), at: at(71)) == [.send(attempt: 1)])
    }

    @Test("a clock that is set back does not prolong the wait")
    func setBack() throws {
        var (bench, id) = try refusedBench("retry=0")
        bench.wake(0)
        #expect(bench.scheduler.wakeAt == at(2))
        bench.sendAgain(id, at: 2)
        bench.take(.run(id, .exchanged(refused)), at: 59)
        #expect(bench.completions.map(\.reason) == [.connect])
    }
}

@Suite struct StartDelayTests {
    @Test("after a boot nothing is made up for before the delay, and what is due by then is on time")
    func delay() throws {
        let job = try makeJob("catch-up=latest", when: "0 * * * *")
        var bench = patientBench(job, at: 5000, delay: .seconds(30))
        #expect(bench.claims == [])
        #expect(bench.scheduler.wakeAt == at(5020))
        bench.wake(5020)
        #expect(bench.claims == [])
        bench.wake(5030)
        #expect(bench.claims == [runID(job, 3600)])
    }

    @Test("an occurrence that falls due within the delay starts, in the place of an older one")
    func dueMeanwhile() throws {
        let job = try makeJob("catch-up=latest", when: "0 * * * *")
        var bench = patientBench(job, at: 7190, delay: .seconds(30))
        #expect(bench.claims == [])
        bench.wake(7200)
        #expect(bench.rows == ["3600 skipped superseded"])
        bench.confirmRows(of: job, at: 7200)
        #expect(bench.claims == [runID(job, 7200)])
    }

    @Test("with catch-up=all the order stays")
    func all() throws {
        let job = try makeJob("catch-up=all overlap=allow", when: "0 * * * *")
        var bench = patientBench(job, at: 7190, delay: .seconds(30))
        bench.wake(7200)
        #expect(bench.claims == [] && bench.rows == [])
        bench.wake(7220)
        #expect(bench.claims == [runID(job, 3600)])
    }
}

@Suite struct StoreOutageTests {
    @Test("an occurrence that is skipped because the store is away says so")
    func outage() throws {
        let job = try makeJob()
        var bench = Bench([job])
        bench.wake(60)
        bench.failClaim(of: runID(job, 60), at: 61)
        for second in stride(from: 65.0, to: 120, by: 5) { bench.wake(second) }
        bench.wake(120)
        bench.answerClaim(of: runID(job, 60), .alreadyDecided, at: 125)
        #expect(bench.rows == ["120 skipped store_outage"])
    }

    @Test("a store that has not answered for seconds is away, one that is slow is not")
    func hanging() throws {
        for (period, reason) in [(2.0, "overlap"), (10.0, "store_outage")] {
            let job = try makeJob(when: "*/\(Int(period)) * * * * *")
            var bench = Bench([job])
            bench.wake(period)
            bench.wake(2 * period)
            bench.answerClaim(of: runID(job, period), .alreadyDecided, at: 2 * period)
            #expect(bench.rows == ["\(Int(2 * period)) skipped \(reason)"])
        }
    }
}
