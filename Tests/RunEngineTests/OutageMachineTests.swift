import CivilTime
import Records
import RunEngine
import RunModel
import Testing

/// A machine whose store and journal are played by the test.
private struct Conversation {
    let registration = StoreWrite.register(
        [JobRegistration(job: job, configHash: "c")], by: here, now: at(0))
    var machine: OutageMachine
    var uptime = Duration.seconds(1000)
    private var call = 0
    private var number: Int64 = 0

    init(_ policy: StoreOutagePolicy = .run) {
        machine = OutageMachine(host: here, policy: policy, lease: .seconds(60))
        _ = take(.began(JournalBacklog(count: 0, oldestAt: nil)))
        _ = take(.compared(.success(Rewind([], [:], host: here))))
        _ = take(.watched(.success([])))
        _ = ask(.write(registration)) {
            .write(.registered([$0: RegisteredJob(watermark: at(0))]))
        }
    }

    mutating func take(_ event: OutageEvent) -> OutageEffect {
        machine.handle(event, at: at(0) + uptime, uptime: uptime)
    }

    /// Asks, and lets the store answer, or the journal when it is away.
    mutating func ask(
        _ question: StoreQuestion, _ reply: (JobName) -> StoreReply = { _ in .other }
    ) -> OutageEffect {
        call += 1
        let effect = take(.asked(call, question))
        switch effect {
        case .ask: return take(.answered(call, reply(job)))
        case .append:
            number += 1
            return take(.journalled(call, .success(number)))
        default: return effect
        }
    }

    /// Lets the store fail, twice, as it does when it is away.
    mutating func loseStore() {
        call += 1
        _ = take(.asked(call, .read))
        _ = take(.failed(call, storeAway))
        _ = take(.failed(call, storeAway))
    }

    mutating func see(_ others: [HostSighting]) {
        _ = ask(.read) { _ in .hosts([sighting(here, at: 1000)] + others) }
    }

    var claim: Claim {
        Claim(run: run(60), isExclusive: true, lease: .seconds(60))
    }

    func run(_ second: Double) -> RunRecord {
        RunRecord(
            id: RunID(job: job, scheduledFor: at(second)), job: job, trigger: .schedule,
            scheduledFor: at(second), dueAt: at(second), state: .running, attempts: 1, host: here,
            configHash: "c", createdAt: at(second), startedAt: at(second))
    }
}

private let here = HostID("alpha/1")
private let there = HostID("beta/1")
private let job = JobName("purge")!

private func sighting(_ host: HostID, at second: Double, hasStopped: Bool = false) -> HostSighting {
    HostSighting(
        host: host, version: "1", startedAt: at(0), seenAt: at(second), clockOffset: .zero, catalogHash: "c",
        jobs: 1, hasStopped: hasStopped, isAlive: !hasStopped)
}

@Suite("the conversation with a store that goes away")
struct OutageMachineTests {
    @Test(
        "auto runs jobs in an outage where this host was alone, and holds where others were or nobody knows",
        arguments: [
            (nil, false), ([], true), ([sighting(there, at: 990)], false),
            ([sighting(there, at: 990, hasStopped: true)], true), ([sighting(there, at: 879)], true),
            ([sighting(there, at: 881)], false),
        ] as [([HostSighting]?, Bool)])
    func automatic(others: [HostSighting]?, runs: Bool) {
        var bench = Conversation(.auto)
        // Before that a host that was silent may have been kept from the store, as this one was.
        bench.uptime += OutageLimits.grace(lease: .seconds(60))
        if let others { bench.see(others) }
        bench.loseStore()
        bench.uptime += OutageLimits.patience
        let effect = bench.ask(.write(.claim(bench.claim)))
        if runs {
            #expect(effect == .answer(.write(.claim(.claimed(OwnedRun(id: bench.claim.run.id, fence: -1))))))
            #expect(bench.machine.status.isBridging)
        } else {
            guard case .refuse(let error) = effect else { Issue.record("\(effect)"); return }
            #expect(error.hint?.contains("ALMANAC_STORE_OUTAGE=auto") == true)
        }
    }

    @Test(
        "auto holds where somebody else decided an occurrence since this host was alone, until it is seen to be so again"
    )
    func newcomer() {
        for isSeenAgain in [false, true] {
            var bench = Conversation(.auto)
            bench.uptime += OutageLimits.grace(lease: .seconds(60))
            bench.see([])
            _ = bench.ask(.write(.claim(bench.claim))) { _ in .write(.claim(.alreadyDecided)) }
            if isSeenAgain { bench.see([]) }
            bench.loseStore()
            #expect(bench.machine.status.policy == (isSeenAgain ? .run : .hold))
        }
    }

    @Test("after an outage runs of others are left alone until their hosts have had time to come back")
    func grace() {
        var bench = Conversation(.hold)
        bench.loseStore()
        bench.uptime += .seconds(200)
        #expect(bench.take(.woke) == .renew([]))
        guard case .probe = bench.take(.renewed(.success([]))) else { Issue.record("no probe"); return }
        #expect(bench.take(.probed(nil)) == .compare)
        #expect(bench.take(.compared(.success(Rewind([], [:], host: here)))) == .read(after: 0))
        #expect(bench.take(.read(.success([]))) == .watch)
        guard case .deliver(.note) = bench.take(.watched(.success([]))) else {
            Issue.record("no note"); return
        }
        #expect(bench.take(.delivered(.success(.noted))) == .rest)
        bench.uptime += OutageLimits.grace(lease: .seconds(60)) - .milliseconds(1)
        #expect(bench.ask(.takeOver(hostRestarted: false)) == .answer(.tookOver([])))
        bench.uptime += .milliseconds(1)
        let abandoned = AbandonedRun(
            record: bench.run(60), owned: OwnedRun(id: bench.run(60).id, fence: 4),
            requestMayHaveBeenSent: true)
        #expect(
            bench.ask(.takeOver(hostRestarted: false)) { _ in .tookOver([abandoned]) }
                == .answer(.tookOver([abandoned])))
    }

    @Test("the lease of a run that ended in an outage is renewed until its end is delivered")
    func endedRun() {
        var bench = Conversation(.hold)
        let owned = OwnedRun(id: bench.claim.run.id, fence: 7)
        _ = bench.ask(.write(.claim(bench.claim))) { _ in .write(.claim(.claimed(owned))) }
        bench.loseStore()
        let end = Completion(outcome: .succeeded, finishedAt: at(70))
        #expect(bench.ask(.write(.finish(owned, end))) == .answer(.write(.owner(true))))
        #expect(bench.take(.woke) == .mark(.seconds(60)))
        #expect(bench.take(.marked(nil)) == .renew([owned]))
        _ = bench.take(.renewed(.success([])))
        _ = bench.take(.probed(nil))
        _ = bench.take(.compared(.success(Rewind([], [:], host: here))))
        let entries = [JournalledWrite(number: 1, recordedAt: at(70), write: .success(.finish(owned, end)))]
        #expect(bench.take(.read(.success(entries))) == .deliver(.finish(owned, end)))
        // The journal is long: the lease would run out meanwhile.
        bench.uptime += .seconds(25)
        #expect(bench.take(.delivered(.success(.owner(true)))) == .remove(through: 1, aside: [:]))
        #expect(bench.take(.removed(nil)) == .read(after: 1))
        let more = [JournalledWrite(number: 2, recordedAt: at(70), write: .success(.record([])))]
        #expect(bench.take(.read(.success(more))) == .renew([]))
        #expect(bench.take(.renewed(.success([]))) == .mark(.seconds(60)))
        #expect(bench.take(.marked(nil)) == .deliver(.record([])))
    }

    @Test("a claim that was delivered before gives its proof to what follows it")
    func deliveredTwice() {
        var machine = OutageMachine(host: here, policy: .run, lease: .seconds(60))
        func take(_ event: OutageEvent) -> OutageEffect { machine.handle(event, at: at(0), uptime: .zero) }
        let run = Conversation().run(60)
        let claim = StoreWrite.claim(
            Claim(run: run, isExclusive: false, ignoresPause: true, lease: .seconds(60)))
        let end = Completion(outcome: .succeeded, finishedAt: at(70))
        let entries = [
            JournalledWrite(number: 3, recordedAt: at(60), write: .success(claim)),
            JournalledWrite(
                number: 4, recordedAt: at(70), write: .success(.finish(OwnedRun(id: run.id, fence: -3), end))),
        ]
        #expect(take(.began(JournalBacklog(count: 2, oldestAt: at(60)))) == .mark(.seconds(60)))
        #expect(take(.marked(nil)) == .compare)
        #expect(take(.compared(.success(Rewind([], [:], host: here)))) == .read(after: 0))
        #expect(take(.read(.success(entries))) == .deliver(claim))
        #expect(take(.delivered(.success(.claim(.alreadyDecided)))) == .look(run.id))
        let holding = RunHolding(id: run.id, host: here, state: .running, fence: 12, attempts: 1)
        #expect(
            take(.looked(.success(holding))) == .deliver(.finish(OwnedRun(id: run.id, fence: 12), end)))
        #expect(take(.delivered(.success(.owner(true)))) == .remove(through: 4, aside: [:]))
    }

    @Test("an end that the store has lost is delivered to a row that another host has called lost since")
    func correction() {
        let run = Conversation().run(60)
        let owned = OwnedRun(id: run.id, fence: 3)
        let attempt = AttemptRecord(number: 1, startedAt: at(60), finishedAt: at(70), httpStatus: 200)
        let end = StoreWrite.finish(
            owned, Completion(outcome: .succeeded, finishedAt: at(70), attempt: attempt, httpStatus: 200))
        let kept = [
            KeptWrite(write: .claim(Claim(run: run, isExclusive: false, lease: .seconds(60))), fence: 3),
            KeptWrite(write: end, fence: nil),
        ]
        var holding = RunHolding(
            id: run.id, host: there, state: .finished, fence: 4, attempts: 1, finishedAt: at(80),
            outcome: .unknown)
        #expect(Rewind(kept, [run.id: holding], host: here).writes == [end])
        holding.outcome = .failed
        #expect(Rewind(kept, [run.id: holding], host: here).writes.isEmpty)
    }

    @Test("a row without a request that is kept twice is recorded again once")
    func rowsOnce() {
        var row = Conversation().run(60)
        (row.state, row.outcome, row.reason, row.finishedAt) = (.finished, .skipped, .overlap, at(60))
        let kept = KeptWrite(write: .record([row]), fence: nil)
        #expect(Rewind([kept, kept], [:], host: here).rows == [row])
        #expect(Rewind([kept, kept], [:], host: here).runs == 0)
    }

    @Test("after an outage nothing is decided while another host may still say what it made")
    func caution() {
        var bench = Conversation(.hold)
        bench.loseStore()
        bench.uptime += .seconds(200)
        _ = bench.take(.woke)
        _ = bench.take(.renewed(.success([])))
        _ = bench.take(.probed(nil))
        _ = bench.take(.compared(.success(Rewind([], [:], host: here))))
        #expect(bench.take(.read(.success([]))) == .watch)
        var other = sighting(there, at: 990)
        _ = bench.take(.watched(.success([sighting(here, at: 990), other])))
        _ = bench.take(.delivered(.success(.noted)))
        #expect(bench.ask(.write(.claim(bench.claim))) == .wait)
        #expect(bench.ask(.write(.record([bench.run(60)]))) == .wait)
        // It had the time to mark itself, and did.
        bench.uptime += OutageLimits.probeInterval
        other.isDelivering = true
        #expect(bench.take(.woke) == .watch)
        _ = bench.take(.watched(.success([other])))
        #expect(bench.machine.isCautious && bench.machine.wantsRecovery)
        other.isDelivering = false
        #expect(bench.take(.woke) == .watch)
        _ = bench.take(.watched(.success([other])))
        #expect(!bench.machine.isCautious && !bench.machine.wantsRecovery)
        let owned = OwnedRun(id: bench.claim.run.id, fence: 9)
        #expect(
            bench.ask(.write(.claim(bench.claim))) { _ in .write(.claim(.claimed(owned))) }
                == .answer(.write(.claim(.claimed(owned)))))
    }

    /// A database that was replaced is back, and `hosts` share it now.
    private func comeBack(_ bench: inout Conversation, to hosts: [HostSighting]) {
        _ = bench.take(.woke)
        _ = bench.take(.renewed(.success([])))
        _ = bench.take(.probed(nil))
        #expect(bench.take(.compared(.success(Rewind([], [:], host: here)))) == .mark(bench.machine.lease))
        #expect(bench.take(.marked(nil)) == .deliver(bench.registration))
        _ = bench.take(.delivered(.success(.registered([job: RegisteredJob(watermark: at(0))]))))
        _ = bench.take(.removed(nil))
        #expect(bench.take(.read(.success([]))) == .mark(.zero))
        #expect(bench.take(.marked(nil)) == .watch)
        _ = bench.take(.watched(.success(hosts)))
        _ = bench.take(.delivered(.success(.noted)))
    }

    @Test("a database that another took the place of while it was away learns the jobs again as well")
    func anotherMet() {
        var bench = Conversation(.hold)
        bench.loseStore()
        bench.machine.metAnother()
        comeBack(&bench, to: [sighting(here, at: 1001)])
    }

    @Test("a database that was replaced learns the jobs of this host before anything else")
    func registeredAgain() {
        var bench = Conversation(.hold)
        _ = bench.take(.asked(99, .read))
        _ = bench.take(.failed(99, .replaced))
        comeBack(&bench, to: [sighting(here, at: 1001)])
    }

    /// Looks around once more, a probe interval later, and answers whether something may be decided by then.
    private func look(_ bench: inout Conversation, at hosts: [HostSighting]) -> Bool {
        bench.uptime += OutageLimits.probeInterval
        #expect(bench.take(.woke) == .watch)
        _ = bench.take(.watched(.success(hosts)))
        return !bench.machine.isCautious
    }

    @Test("a database that was replaced is asked for nothing before it is compared")
    func replaced() {
        var bench = Conversation(.hold)
        guard case .ask = bench.take(.asked(99, .write(.claim(bench.claim)))) else {
            Issue.record("not asked"); return
        }
        guard case .refuse = bench.take(.failed(99, .replaced)) else { Issue.record("asked again"); return }
        #expect(bench.machine.outage?.error == .replaced)
        #expect(bench.take(.woke) == .renew([]))
    }

    @Test("after a loss nothing is decided before each host that was there is seen again")
    func awaited() {
        var bench = Conversation(.hold)
        bench.see([sighting(there, at: 990)])
        _ = bench.take(.asked(99, .read))
        _ = bench.take(.failed(99, .replaced))
        comeBack(&bench, to: [sighting(here, at: 1001), sighting(there, at: 990)])
        #expect(!look(&bench, at: [sighting(here, at: 1003), sighting(there, at: 990)]))
        #expect(bench.ask(.write(.claim(bench.claim))) == .wait)
        #expect(look(&bench, at: [sighting(here, at: 1005), sighting(there, at: 1004)]))
    }

    @Test("a host that does not come back after a loss is waited for until it counts as gone")
    func awaitedInVain() {
        var bench = Conversation(.hold)
        bench.see([sighting(there, at: 990)])
        _ = bench.take(.asked(99, .read))
        _ = bench.take(.failed(99, .replaced))
        comeBack(&bench, to: [sighting(here, at: 1001), sighting(there, at: 990)])
        bench.uptime += OutageLimits.returnMax - OutageLimits.probeInterval - .milliseconds(1)
        #expect(!look(&bench, at: [sighting(here, at: 1010), sighting(there, at: 990)]))
        #expect(look(&bench, at: [sighting(here, at: 1012), sighting(there, at: 990)]))
    }

    @Test("a host is waited for longer when the table of hosts was lost as well")
    func awaitedInNewTable() {
        var bench = Conversation(.hold)
        bench.see([sighting(there, at: 990)])
        _ = bench.take(.asked(99, .read))
        _ = bench.take(.failed(99, .replaced))
        comeBack(&bench, to: [sighting(here, at: 1001)])
        bench.uptime += OutageLimits.returnMax
        #expect(!look(&bench, at: [sighting(here, at: 1012)]))
        bench.uptime += OutageLimits.companyMax(lease: .seconds(60))
        #expect(look(&bench, at: [sighting(here, at: 1140)]))
    }

    @Test("a host marks itself before it delivers what the store has lost")
    func markBeforeLost() {
        var bench = Conversation(.hold)
        let kept = KeptWrite(write: .claim(bench.claim), fence: 7)
        bench.loseStore()
        _ = bench.take(.woke)
        _ = bench.take(.renewed(.success([])))
        _ = bench.take(.probed(nil))
        #expect(bench.take(.compared(.success(Rewind([kept], [:], host: here)))) == .mark(.seconds(60)))
        #expect(bench.take(.marked(nil)) == .deliver(bench.registration))
        let known = [job: RegisteredJob(watermark: at(0))]
        guard case .deliver(.claim) = bench.take(.delivered(.success(.registered(known)))) else {
            Issue.record("not delivered"); return
        }
    }

    @Test("a full journal takes the ends of what was begun, and nothing new")
    func fullJournal() {
        var bench = Conversation()
        let owned = OwnedRun(id: bench.claim.run.id, fence: 7)
        _ = bench.ask(.write(.claim(bench.claim))) { _ in .write(.claim(.claimed(owned))) }
        bench.loseStore()
        bench.uptime += OutageLimits.patience
        for _ in 0..<JournalLimits.entriesMax { _ = bench.ask(.write(.note([]))) }
        var other = bench.claim
        other.run = bench.run(120)
        other.isExclusive = false
        guard case .refuse(let error) = bench.ask(.write(.claim(other))) else {
            Issue.record("taken"); return
        }
        #expect(error.description.contains("the journal is full"))
        let end = Completion(outcome: .succeeded, finishedAt: at(70))
        #expect(bench.ask(.write(.finish(owned, end))) == .answer(.write(.owner(true))))
    }
}
