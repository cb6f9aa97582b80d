import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import Testing

@Suite struct StoppingTests {
    @Test("stopping waits for the request, and nothing new starts")
    func stop() throws {
        let job = try makeJob("timeout=10m")
        var bench = Bench([job])
        bench.begin(job, at: 60)
        bench.take(.stop, at: 70)
        #expect(bench.effects == [])
        bench.wake(120)
        #expect(bench.claims == [] && bench.rows == [])
        bench.end(runID(job, 60), at: 130)
        #expect(bench.effects.last == .drained)
    }

    @Test("with nothing under way stopping ends at once, and only once")
    func stopIdle() throws {
        var bench = try Bench([makeJob()])
        bench.take(.stop, at: 1)
        #expect(bench.effects == [.drained])
        bench.take(.stop, at: 2)
        #expect(bench.effects == [])
    }

    @Test("leases are renewed while stopping waits, and nothing is taken over")
    func leases() throws {
        let job = try makeJob("timeout=10m")
        var bench = Bench([job])
        bench.begin(job, at: 60)
        bench.take(.stop, at: 70)
        var effects: [Effect] = []
        for second in 71...200 { effects += bench.scheduler.handle(.woke, at: at(Double(second))) }
        #expect(effects.count { if case .renew = $0 { true } else { false } } >= 6)
        #expect(!effects.contains { if case .takeOver = $0 { true } else { false } })
        #expect(bench.scheduler.wakeAt.map { $0 <= at(220) } == true)
    }

    @Test("what was not claimed is left for the next start, with all that comes after it")
    func withdrawn() throws {
        let job = try makeJob("overlap=allow")
        var bench = Bench([job])
        bench.wake(60)
        bench.wake(120)
        bench.take(.stop, at: 125)
        #expect(bench.scheduler.runs.count == 1)
        bench.failClaim(of: runID(job, 60), at: 126)
        bench.wake(128)
        #expect(bench.claims == [runID(job, 60)])
    }

    @Test("a hurry ends requests, and what the store refuses is left to the next start")
    func hurry() throws {
        let job = try makeJob("timeout=10m")
        var bench = Bench([job])
        let id = bench.begin(job, at: 60)
        bench.take(.stop, at: 70)
        bench.take(.hurry, at: 100)
        #expect(bench.effects == [.cancel(id)])
        bench.take(
            .run(id, .exchanged(Exchange(result: .cancelled(requestMayHaveBeenSent: true), elapsed: .zero))),
            at: 101)
        let end = try #require(bench.nextCompletion)
        #expect(end.outcome == .unknown && end.reason == .shutdown)
        bench.take(.run(id, .written(.failure(storeAway))), at: 102)
        #expect(bench.effects == [.drained])
    }

    @Test("a hurry that comes while a claim is under way keeps its request from being sent")
    func hurryBeforeSending() throws {
        let job = try makeJob("timeout=10m")
        var bench = Bench([job])
        bench.wake(60)
        let id = runID(job, 60)
        bench.take(.stop, at: 61)
        bench.take(.hurry, at: 62)
        #expect(bench.effects == [])
        bench.answerClaim(of: id, .claimed(OwnedRun(id: id, fence: 1)), at: 63)
        #expect(bench.sends == 0)
        let end = try #require(bench.nextCompletion)
        #expect(end.outcome == .failed && end.reason == .shutdown)
        bench.take(.run(id, .written(.success(.owner(true)))), at: 64)
        #expect(bench.effects.last == .drained)
    }

    @Test("a claim that is answered after its lease has run out sends nothing once the daemon is to stop")
    func staleClaim() throws {
        let job = try makeJob("timeout=10m")
        for isStop in [true, false] {
            var bench = Bench([job])
            bench.wake(60)
            let id = runID(job, 60)
            if isStop { bench.take(.stop, at: 61) }
            // Suspended meanwhile: another host may have the run.
            let late = 60 + Double(EngineLimits.lease.components.seconds) + 1
            bench.answerClaim(of: id, .claimed(OwnedRun(id: id, fence: 1)), at: late)
            #expect(bench.sends == 0)
            #expect(bench.nextCompletion?.reason == (isStop ? .shutdown : nil))
        }
    }

    @Test("a claim that is answered after the clock was set back is proved again before its request")
    func claimOverSetBack() throws {
        let job = try makeJob("timeout=10m")
        var bench = Bench([job])
        bench.wake(60)
        let id = runID(job, 60)
        bench.answerClaim(of: id, .claimed(OwnedRun(id: id, fence: 1)), at: 50)
        #expect(bench.sends == 0)
        bench.take(.run(id, .written(.success(.owner(true)))), at: 51)
        #expect(bench.sends == 1)
    }

    @Test("a renewal takes no run away that has a newer proof of ownership, or its end, meanwhile")
    func overtakenRenewal() throws {
        let job = try makeJob("timeout=10m")
        var bench = Bench([job])
        let id = bench.begin(job, at: 60, fence: 2)
        bench.take(.renewed(lost: [OwnedRun(id: id, fence: 1)]), at: 70)
        #expect(bench.effects == [])
        bench.take(.run(id, .exchanged(answered(200))), at: 71)
        // The store has finished it, and the answer to that comes behind the one to the renewal.
        bench.take(.renewed(lost: [OwnedRun(id: id, fence: 2)]), at: 71)
        bench.take(.run(id, .written(.success(.owner(true)))), at: 71)
        let ends = bench.effects.compactMap { if case .ended(let row) = $0 { row.outcome } else { nil } }
        #expect(ends == [.succeeded])
    }

    @Test("a run whose lease is lost is cancelled, and its late answers change nothing")
    func lostLease() throws {
        let job = try makeJob("timeout=10m")
        var bench = Bench([job])
        let id = bench.begin(job, at: 60)
        bench.take(.renewed(lost: [OwnedRun(id: id, fence: 1)]), at: 70)
        #expect(bench.effects == [.cancel(id)])
        #expect(bench.scheduler.runs.isEmpty)
        // Taken over by this host before the cancelled request has ended.
        var record = RunRecord(
            id: id, job: job.name, trigger: .schedule, scheduledFor: at(60), dueAt: at(60), state: .running,
            host: HostID("h/1"),
            configHash: "", createdAt: at(60))
        record.attempts = 1
        let abandoned = AbandonedRun(
            record: record, owned: OwnedRun(id: id, fence: 2), requestMayHaveBeenSent: true)
        bench.take(.tookOver([abandoned]), at: 71)
        #expect(bench.effects == [])
        bench.take(.run(id, .exchanged(answered(200))), at: 72)
        #expect(bench.effects == [])
        bench.take(.tookOver([abandoned]), at: 140)
        guard
            case .run(_, _, .write(.finish(_, let end)))? = bench.effects.first(where: {
                if case .run(id, _, _) = $0 { true } else { false }
            })
        else { Issue.record("\(bench.effects)"); return }
        #expect(end.outcome == .unknown)
    }

    @Test(
        "a run that this host got after it had asked for abandoned ones, and lost to itself, is not sent again",
        arguments: [false, true])
    func lateTakeover(isRecording: Bool) throws {
        let job = try makeJob("retry=2 timeout=10m backoff=5s..10s")
        var bench = Bench([job])
        let id = bench.begin(job, at: 60)
        bench.take(.run(id, .exchanged(answered(500))), at: 61)
        bench.take(.run(id, .written(.success(.owner(true)))), at: 61)
        if isRecording { bench.wake(75) }
        var record = RunRecord(
            id: id, job: job.name, trigger: .schedule, scheduledFor: at(60), dueAt: at(60), state: .running,
            attempts: 2, attemptsMax: 3, host: HostID("h/1"), configHash: "", createdAt: at(60))
        record.startedAt = at(60)
        let abandoned = AbandonedRun(
            record: record, owned: OwnedRun(id: id, fence: 3), requestMayHaveBeenSent: true)
        bench.take(.tookOver([abandoned]), at: 76)
        #expect(bench.scheduler.runs.isEmpty)
        if isRecording { bench.take(.run(id, .written(.success(.owner(false)))), at: 77) }
        // Found again when its new lease has run out.
        bench.take(.tookOver([abandoned]), at: 140)
        #expect(bench.nextCompletion?.outcome == .unknown)
        #expect(bench.sends == 0)
    }

    @Test("a run of a job that is gone gets its outcome")
    func orphan() throws {
        let job = try makeJob()
        let record = RunRecord(
            id: RunID(random: 3), job: try #require(JobName("gone")), trigger: .schedule, scheduledFor: at(0),
            dueAt: at(0), state: .claimed,
            host: HostID("h/0"), configHash: "", createdAt: at(0))
        var bench = Bench([job])
        let owned = OwnedRun(id: record.id, fence: 2)
        bench.take(
            .tookOver([AbandonedRun(record: record, owned: owned, requestMayHaveBeenSent: false)]), at: 10)
        guard case .run(_, _, .write(.finish(owned, let end)))? = bench.effects.first else {
            Issue.record("no end"); return
        }
        #expect(end.outcome == .skipped && end.reason == .disabled)
        bench.take(.run(record.id, .written(.success(.owner(true)))), at: 11)
        #expect(bench.scheduler.runs.isEmpty && bench.scheduler.work[record.job] == nil)
    }
}
