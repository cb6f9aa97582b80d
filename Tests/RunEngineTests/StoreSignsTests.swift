import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Testing

@Suite struct StoreSignsTests {
    private static let full = StoreError(.refused, "no space")

    private func output(of signs: StoreSigns, now: Double = 1001) throws -> String? {
        let catalog = Catalog(jobs: [try makeJob(when: "0 * * * *")], zoneData: nil)
        var facts = HealthFacts(
            host: HostID("h/1"), version: "1", storeKind: "sqlite", startedAt: at(0), catalog: catalog)
        facts.store = signs
        let check = HealthAssessment.report(facts, now: at(now)).checks.first { $0.component == "store" }
        let isNote = signs.failure?.question == .note
        #expect(check?.status == (check?.output == nil ? .pass : isNote ? .warn : .fail))
        #expect(signs.isFailing == (signs.failure != nil && !isNote))
        return check?.output
    }

    @Test("the error of each kind of question stands until a question of that kind is answered")
    func eachByItself() throws {
        for failed in StoreSigns.Question.allCases {
            var signs = StoreSigns()
            signs.failed(failed, Self.full)
            for other in StoreSigns.Question.allCases where other != failed { signs.answered(other) }
            #expect(signs.failure?.question == failed)
            #expect(try output(of: signs)?.hasSuffix(": no space") == true)
            signs.answered(failed)
            #expect(signs == StoreSigns())
            #expect(try output(of: signs) == nil)
        }
    }

    @Test("a store that takes no run fails health, however often it is read")
    func reading() throws {
        var signs = StoreSigns()
        signs.failed(.decide, Self.full)
        for second in 0..<100 {
            signs.asked(.read, at: at(Double(second)))
            signs.answered(.read)
            #expect(try output(of: signs) == "the store does not record runs: no space")
        }
    }

    @Test("of two kinds that fail the one that keeps jobs from running comes first")
    func order() throws {
        var signs = StoreSigns()
        signs.failed(.read, storeAway)
        #expect(try output(of: signs) == "the store does not answer: away")
        signs.failed(.decide, Self.full)
        #expect(try output(of: signs) == "the store does not record runs: no space")
    }

    @Test("events that are not recorded warn, for every job runs all the same")
    func note() throws {
        var signs = StoreSigns()
        signs.failed(.note, Self.full)
        #expect(try output(of: signs) == "the store does not record events: no space")
        signs.failed(.read, storeAway)
        #expect(try output(of: signs) == "the store does not answer: away")
    }

    @Test(
        "a question that is open for more than five seconds fails health, even when others are asked and answered"
    )
    func openQuestion() throws {
        var signs = StoreSigns()
        signs.asked(.takeOver, at: at(990))
        signs.asked(.takeOver, at: at(1000))
        signs.asked(.read, at: at(1000))
        signs.answered(.read)
        #expect(try output(of: signs, now: 995) == nil)
        #expect(try output(of: signs) == "the store has not answered for 11 s")
        signs.answered(.takeOver)
        #expect(try output(of: signs) == nil)
    }

    @Test("a write tells which kind of question its answer or failure is about")
    func writes() {
        let owned = OwnedRun(id: RunID(random: 1), fence: 1)
        let writes: [(StoreWrite, StoreSigns.Question)] = [
            (.register([], by: nil, now: at(0)), .register), (.record([]), .decide), (.note([]), .note),
            (.startAttempt(owned, number: 1, at: at(0)), .change),
            (.finish(owned, Completion(outcome: .succeeded, finishedAt: at(1))), .change),
        ]
        for (write, question) in writes { #expect(write.question == question, "\(write)") }
    }
}

@Suite struct WaitingStartTests {
    @Test("a claim that the store has not answered waits since its run was to start")
    func unanswered() throws {
        let job = try makeJob()
        var bench = Bench([job])
        #expect(bench.scheduler.oldestWaiting == nil)
        bench.wake(60)
        #expect(bench.scheduler.oldestWaiting == at(60))
        bench.failClaim(of: runID(job, 60), at: 61)
        bench.wake(80)
        #expect(bench.scheduler.oldestWaiting == at(60))
        bench.answerClaim(of: runID(job, 60), .claimed(OwnedRun(id: runID(job, 60), fence: 1)), at: 81)
        #expect(bench.scheduler.oldestWaiting == nil)
    }

    @Test("of several claims the oldest counts, and one behind it in its job's line waits too")
    func oldest() throws {
        let first = try makeJob("overlap=allow", name: "a")
        let second = try makeJob(when: "30 0 * * * *", name: "b")
        var bench = Bench([first, second])
        bench.wake(30)
        bench.wake(60)
        bench.wake(120)
        #expect(bench.scheduler.oldestWaiting == at(30))
        bench.answerClaim(of: runID(second, 30), .alreadyDecided, at: 121)
        #expect(bench.scheduler.oldestWaiting == at(60))
        bench.answerClaim(of: runID(first, 60), .alreadyDecided, at: 122)
        #expect(bench.scheduler.oldestWaiting == at(120))
    }

    @Test("a run that its policy runs late waits since that was decided, not since the occurrence")
    func catchUp() throws {
        let job = try makeJob("catch-up=latest", when: "0 * * * *")
        let bench = Bench([job], considered: 0, at: 3 * 3600 + 1800)
        #expect(bench.claims.count + bench.rows.count > 0)
        let waiting = bench.scheduler.oldestWaiting ?? at(3 * 3600 + 1800)
        #expect(waiting == at(3 * 3600 + 1800))
    }

    @Test("what waits for a run of its own job that is still live is not late")
    func queued() throws {
        let job = try makeJob("overlap=queue timeout=10m")
        var bench = Bench([job])
        bench.begin(job, at: 60)
        bench.wake(120)
        #expect(bench.scheduler.oldestWaiting == nil)
    }

    @Test("a claim that waits for more than five seconds warns, and says how late the start is")
    func health() throws {
        let catalog = Catalog(jobs: [try makeJob(when: "0 * * * *")], zoneData: nil)
        var facts = HealthFacts(
            host: HostID("h/1"), version: "1", storeKind: "sqlite", startedAt: at(0), catalog: catalog)
        (facts.beatAt, facts.wakesAt, facts.nextDue) = (at(1000), at(1060), at(3600))
        for (waiting, status, text) in [
            (996.0, HealthStatus.pass, nil), (990.0, .warn, "a start is 11 s late"),
        ] as [(Double, HealthStatus, String?)] {
            facts.oldestWaiting = at(waiting)
            let check = HealthAssessment.report(facts, now: at(1001)).checks[0]
            #expect(check.status == status && check.output == text)
            #expect(check.observedValue == .integer(Int64(1001 - waiting) * 1000))
        }
        // Whichever is later.
        facts.nextDue = at(980)
        #expect(HealthAssessment.report(facts, now: at(1001)).checks[0].output == "a start is 21 s late")
    }
}
