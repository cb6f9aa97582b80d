import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Scheduling
import Testing

@Suite struct SchedulerTests {
    @Test("a run is claimed at its time, recorded, sent and ended")
    func onTime() throws {
        let job = try makeJob()
        var bench = Bench([job])
        #expect(bench.effects == [])
        #expect(bench.scheduler.nextDue?.at == at(60))
        bench.wake(59.999_999)
        #expect(bench.claims == [])
        bench.wake(60)
        #expect(bench.claims == [runID(job, 60)])
        bench.startRequest(runID(job, 60), at: 60.1)
        #expect(bench.sends == 1)
        bench.take(.run(runID(job, 60), .exchanged(answered(200))), at: 61)
        bench.take(.run(runID(job, 60), .written(.success(.owner(true)))), at: 61.1)
        guard case .ended(let row)? = bench.effects.first else { Issue.record("no end"); return }
        #expect(row.outcome == .succeeded && row.scheduledFor == at(60) && row.httpStatus == 200)
        #expect(bench.scheduler.runs.isEmpty)
        #expect(bench.scheduler.nextDue?.at == at(120))
    }

    @Test("the first sight of a job makes up for nothing")
    func firstSight() throws {
        let bench = try Bench([makeJob("catch-up=all")], considered: 1000, at: 1000)
        #expect(bench.effects == [])
        #expect(bench.scheduler.nextDue?.at == at(1020))
    }

    @Test(
        "after an absence the catch-up policy decides",
        arguments: [
            ("", ["60 missed down", "120 missed down", "180 missed down"], [240]),
            (
                "catch-up=latest",
                ["60 missed superseded", "120 missed superseded", "180 missed superseded"], [240]
            ),
            ("catch-up=all", [], [60]),
            ("catch-up=all catch-up-window=150s", ["60 missed window", "120 missed window"], [180]),
        ] as [(String, [String], [Double])])
    func restart(_ options: String, _ rows: [String], _ claims: [Double]) throws {
        let job = try makeJob(options)
        var bench = Bench([job], considered: 0, at: 299)
        #expect(bench.rows == rows)
        if !rows.isEmpty {
            #expect(bench.claims == [])
            bench.confirmRows(of: job, at: 299)
        }
        // 240 is a minute ago less a second: still on time.
        #expect(bench.claims == claims.map { runID(job, $0) })
    }

    @Test("an occurrence that falls due while a run is live is skipped, waits, replaces or runs too")
    func overlap() throws {
        for (policy, rows, claims, cancels) in [
            ("skip", ["120 skipped overlap"], [], 0), ("queue", [], [], 0), ("replace", [], [], 1),
            ("allow", [], [120.0], 0),
        ] {
            let job = try makeJob("overlap=\(policy) timeout=10m")
            var bench = Bench([job])
            bench.begin(job, at: 60)
            bench.wake(120)
            #expect(bench.rows == rows, "\(policy)")
            #expect(bench.claims == claims.map { runID(job, $0) }, "\(policy)")
            #expect(bench.effects.count { $0 == .cancel(runID(job, 60)) } == cancels, "\(policy)")
            if policy == "skip" { bench.confirmRows(of: job, at: 121) }
            bench.end(runID(job, 60), at: 130)
            let waits = policy == "queue" || policy == "replace"
            #expect(bench.claims == (waits ? [runID(job, 120)] : []), "\(policy)")
        }
    }

    @Test("one occurrence waits at most: a later one takes its place")
    func queueOfOne() throws {
        let job = try makeJob("overlap=queue timeout=10m")
        var bench = Bench([job])
        bench.begin(job, at: 60)
        bench.wake(120)
        bench.wake(180)
        #expect(bench.rows == ["120 skipped superseded"])
        bench.confirmRows(of: job, at: 180)
        bench.end(runID(job, 60), at: 190)
        #expect(bench.claims == [runID(job, 180)])
    }

    @Test("a run that was replaced while its claim was on its way sends nothing")
    func replacedEarly() throws {
        let job = try makeJob("overlap=replace")
        var bench = Bench([job])
        bench.wake(60)
        bench.wake(120)
        bench.answerClaim(
            of: runID(job, 60), .claimed(OwnedRun(id: runID(job, 60), fence: 1)), at: 121)
        #expect(bench.sends == 0)
        let end = try #require(bench.nextCompletion)
        #expect(end.outcome == .failed && end.reason == .replaced)
    }

    @Test("made-up runs do not replace each other")
    func catchUpUnderReplace() throws {
        let job = try makeJob("overlap=replace catch-up=all")
        var bench = Bench([job], considered: 0, at: 250)
        #expect(bench.claims == [runID(job, 60)])
        bench.startRequest(runID(job, 60), at: 250)
        bench.wake(251)
        #expect(!bench.effects.contains(.cancel(runID(job, 60))))
        bench.end(runID(job, 60), at: 252)
        #expect(bench.claims == [runID(job, 120)])
    }

    @Test("rows of later occurrences wait behind one that is not decided")
    func order() throws {
        let job = try makeJob("overlap=queue timeout=1h", when: "*/5 * * * *")
        var bench = Bench([job])
        bench.begin(job, at: 300)
        bench.wake(600)
        // The host slept: 900 is missed, and 600 has no row yet.
        bench.wake(1100)
        #expect(bench.rows == [])
        bench.end(runID(job, 300), at: 1101)
        #expect(bench.claims == [runID(job, 600)] && bench.rows == [])
        bench.answerClaim(of: runID(job, 600), .alreadyDecided, at: 1102)
        #expect(bench.rows == ["900 missed down"])
    }

    @Test("a claim that overlaps a run elsewhere is recorded before any later decision")
    func overlapElsewhere() throws {
        let job = try makeJob("overlap=queue")
        var bench = Bench([job])
        bench.wake(60)
        // The store hangs; two later occurrences fall due meanwhile, and the first of them is superseded.
        bench.wake(120)
        bench.wake(180)
        bench.answerClaim(of: runID(job, 60), .overlaps(runID(job, 0)), at: 185)
        #expect(bench.rows == ["60 skipped superseded"])
        bench.confirmRows(of: job, at: 186)
        #expect(bench.rows == ["120 skipped superseded"])
    }

    @Test("an occurrence that waits for a run elsewhere is tried again")
    func waitsElsewhere() throws {
        let job = try makeJob("overlap=queue")
        var bench = Bench([job])
        bench.wake(60)
        bench.answerClaim(of: runID(job, 60), .overlaps(runID(job, 0)), at: 61)
        #expect(bench.claims == [])
        #expect(bench.scheduler.wakeAt.map { $0 <= at(66) } == true)
        bench.wake(66)
        #expect(bench.claims == [runID(job, 60)])
    }

    @Test("a store that fails is asked the same again, later and later")
    func storeFails() throws {
        let job = try makeJob()
        var bench = Bench([job])
        bench.wake(60)
        bench.failClaim(of: runID(job, 60), at: 61)
        #expect(bench.claims == [])
        bench.wake(62.1)
        #expect(bench.claims == [runID(job, 60)])
    }

    @Test("the watermark passes no claim that the store has not answered")
    func strictOrder() throws {
        let job = try makeJob()
        var bench = Bench([job])
        bench.wake(60)
        for minute in 2...5 {
            bench.wake(Double(minute) * 60)
            #expect(bench.rows == [])
        }
        bench.answerClaim(of: runID(job, 60), .alreadyDecided, at: 301)
        #expect(bench.rows == (2...5).map { "\($0 * 60) skipped store_outage" })
    }

    @Test("a run whose latest useful start passes while the store is away sends nothing")
    func deadlineInOutage() throws {
        let job = try makeJob("deadline=10s", when: "0 * * * *")
        var bench = Bench([job])
        bench.wake(3600)
        let id = runID(job, 3600)
        bench.answerClaim(of: id, .claimed(OwnedRun(id: id, fence: 1)), at: 3620)
        #expect(bench.sends == 0)
        let end = try #require(bench.nextCompletion)
        #expect(end.outcome == .failed && end.reason == .deadline)
    }

    @Test("a retry that would start after the next occurrence does not start")
    func retryLimit() throws {
        let job = try makeJob("retry=5 backoff=50s overlap=skip")
        var bench = Bench([job])
        let id = bench.begin(job, at: 60)
        bench.take(.run(id, .exchanged(answered(500))), at: 65)
        #expect(bench.retries == 1)
        bench.take(.run(id, .written(.success(.owner(true)))), at: 65)
        // The host slept over the retry and the next occurrence.
        bench.wake(121)
        #expect(bench.sends == 0)
        #expect(bench.completions.map(\.outcome) == [.failed])
        #expect(bench.completions.map(\.reason) == [.status])
    }
}

@Suite struct SchedulerChangeTests {
    @Test("a change of a job is not retroactive")
    func reload() throws {
        var bench = try Bench([makeJob()])
        try bench.load([makeJob(when: "*/5 * * * * *")], at: 33, considered: 0)
        #expect(bench.effects == [])
        #expect(bench.scheduler.nextDue?.at == at(35))
    }

    @Test("a job that was taken out and put back makes up for nothing")
    func putBack() throws {
        let job = try makeJob("catch-up=all")
        var bench = Bench([job])
        bench.load([], at: 30, considered: 0)
        bench.load([job], at: 630, considered: 0)
        #expect(bench.effects == [])
        #expect(bench.scheduler.nextDue?.at == at(660))
    }

    @Test("what waits when a job changes runs as it was defined when it fell due")
    func waitingWhenChanged() throws {
        let job = try makeJob("overlap=queue timeout=1h")
        var bench = Bench([job])
        bench.begin(job, at: 60)
        bench.wake(120)
        try bench.load([makeJob("overlap=queue", when: "0 5 * * *")], at: 130, considered: 0)
        bench.end(runID(job, 60), at: 140)
        #expect(bench.claims == [runID(job, 120)])
        guard case .run(_, let used, _)? = bench.effects.last else { Issue.record("no claim"); return }
        #expect(used == job)
        // The store knows another live run: the occurrence is of the old definition, and still waits.
        bench.answerClaim(of: runID(job, 120), .overlaps(runID(job, 0)), at: 141)
        bench.wake(147)
        #expect(bench.claims == [runID(job, 120)])
    }

    @Test("an occurrence whose random delay has not passed when its job changes starts no earlier")
    func jitterAndChange() throws {
        let job = try makeJob("jitter=30m", when: "0 * * * *")
        var bench = Bench([job])
        let due = try #require(bench.scheduler.nextDue?.at)
        #expect(due > at(3601))
        try bench.load([makeJob(when: "0 * * * *")], at: 3601, considered: 0)
        #expect(bench.claims == [])
        bench.wake(Double((due - testStart).wholeMicroseconds) / 1e6)
        #expect(bench.claims == [runID(job, 3600)])
    }

    @Test("a job that is taken out or disabled while an occurrence waits records it")
    func removedWhileWaiting() throws {
        for jobs in [[], [try makeJob("overlap=queue enabled=no")]] {
            let job = try makeJob("overlap=queue")
            var bench = Bench([job])
            bench.begin(job, at: 60)
            bench.wake(120)
            bench.load(jobs, at: 125, considered: 0)
            #expect(bench.rows == ["120 skipped disabled"])
            bench.confirmRows(of: job, at: 126)
            bench.end(runID(job, 60), at: 130)
            #expect(bench.claims == [])
            if jobs.isEmpty { #expect(bench.scheduler.work.isEmpty) }
        }
    }

    @Test("a delay is shorter than the time to the next occurrence, so that starts keep their order")
    func longJitter() throws {
        let job = try makeJob("jitter=1h")
        var bench = Bench([job])
        var before = at(0)
        for minute in 1...20 {
            let due = try #require(bench.scheduler.nextDue?.at)
            #expect(due > before && due >= at(Double(minute) * 60) && due < at(Double(minute + 1) * 60))
            before = due
            let seconds = Double((due - testStart).wholeMicroseconds) / 1e6
            bench.wake(seconds)
            #expect(bench.claims == [runID(job, Double(minute) * 60)])
            bench.answerClaim(of: runID(job, Double(minute) * 60), .alreadyDecided, at: seconds)
        }
    }

    @Test("a lease that is set is what runs are claimed for, and is renewed three times as often")
    func lease() throws {
        let job = try makeJob()
        var bench = Bench([job], settings: EngineSettings(lease: .seconds(9)))
        #expect(bench.scheduler.wakeAt == at(3))
        bench.wake(60)
        let leases = bench.effects.compactMap { effect -> Duration? in
            if case .run(_, _, .write(.claim(let claim))) = effect { claim.lease } else { nil }
        }
        #expect(leases == [.seconds(9)])
    }

    @Test("a clock that is set back repeats nothing and stops no heartbeat")
    func clockBack() throws {
        let job = try makeJob()
        var bench = Bench([job])
        bench.begin(job, at: 60)
        bench.wake(-7200)
        #expect(bench.claims == [])
        #expect(bench.scheduler.wakeAt.map { $0 <= at(-7200) + EngineSettings().heartbeat } == true)
        #expect(bench.scheduler.nextDue?.at == at(120))
    }

    @Test("an occurrence that waits for a run elsewhere is tried again soon, also when the clock is set back")
    func clockBackWhileWaiting() throws {
        let job = try makeJob("overlap=queue catch-up=latest")
        var bench = Bench([job])
        bench.wake(60)
        // Set forward by a quarter of an hour, and back again.
        bench.answerClaim(of: runID(job, 60), .overlaps(runID(job, 0)), at: 90 + 900)
        bench.wake(91)
        bench.wake(97)
        #expect(bench.scheduler.wakeAt.map { $0 <= at(120) } == true)
        #expect(bench.scheduler.work[job.name]?.size != 0)
    }

    @Test("a clock that is set forward is an absence")
    func clockForward() throws {
        let job = try makeJob("catch-up=latest")
        var bench = Bench([job])
        bench.wake(3700)
        #expect(bench.rows.count == 60)
        bench.confirmRows(of: job, at: 3700)
        #expect(bench.claims == [runID(job, 3660)])
    }

    @Test("a job that is due each second and was away for a day gets few rows")
    func coalesced() throws {
        let job = try makeJob(when: "* * * * * *")
        var bench = Bench([job], considered: 0, at: 86_400)
        #expect(bench.rows == ["1 missed down ×\(86_400 - 61 - EngineLimits.missedRowsMax)"])
        bench.confirmRows(of: job, at: 86_400)
        #expect(bench.rows.count == EngineLimits.missedRowsMax)
    }

    @Test("what another host has decided of a row of many is left out, and only that")
    func partlyDecided() throws {
        for newer in [nil, "0 5 * * *"] {
            let job = try makeJob(when: "* * * * * *")
            var bench = Bench([job], considered: 0, at: 3600)
            #expect(bench.rows == ["1 missed down ×3439"])
            // The definition that the rest is made with is the one that made it due.
            if let newer { try bench.load([makeJob(when: newer)], at: 3600, considered: 0) }
            bench.take(.recorded(job.name, .success([runID(job, 1): at(3000)])), at: 3600)
            #expect(bench.rows == ["3001 missed down ×439"])
            bench.take(.recorded(job.name, .success([runID(job, 3001): at(3438)])), at: 3600)
            #expect(bench.rows == ["3439 missed down"])
            bench.confirmRows(of: job, at: 3600)
            #expect(bench.rows.count == EngineLimits.missedRowsMax)
        }
    }

    @Test("rows that wait for a store share rows when they grow many")
    func bounded() throws {
        let job = try makeJob(when: "* * * * * *")
        var bench = Bench([job])
        bench.wake(1)
        for second in 2...5000 { bench.wake(Double(second)) }
        #expect((bench.scheduler.work[job.name]?.size ?? 0) <= 2 * EngineLimits.missedRowsMax + 2)
        bench.answerClaim(of: runID(job, 1), .alreadyDecided, at: 5000.5)
        #expect(bench.rows.count == 1 && bench.rows[0].hasPrefix("2 skipped overlap ×"))
        bench.confirmRows(of: job, at: 5000.5)
        #expect(bench.rows.count == 1 && bench.rows[0].contains("skipped store_outage ×"))
        bench.confirmRows(of: job, at: 5000.5)
        #expect(bench.rows.last == "5000 skipped store_outage")
    }
}
