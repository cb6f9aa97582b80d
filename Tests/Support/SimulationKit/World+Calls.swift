import CivilTime
import JobCatalog
import RandomInput
import Records
import RunEngine
import RunModel
import RunStoreConformance

/// What daemons ask, as their conversation with the store has it: the store itself, or the journal instead of it.
extension World {
    /// A question that has no answer yet.
    struct Call {
        enum Purpose {
            /// What the scheduler wants.
            case effect(Effect)
            /// Somebody asked for this run, and may give it up after a while.
            case asked(RunRecord, givenUpIn: Duration?)
            /// A daemon starts with this catalog.
            case launch(Catalog)
            /// A daemon that starts looks for what an earlier one left behind.
            case inherit(Catalog, known: [JobName: RegisteredJob])
            /// What others did.
            case changes
            /// The daemon says that it is there.
            case heartbeat
        }
        var purpose: Purpose
        var question: StoreQuestion
    }

    /// How long a daemon leaves out to say that it is there.
    private static let heartbeatRest: Duration = .seconds(40)

    mutating func call(_ question: StoreQuestion, for purpose: Call.Purpose, _ host: Int) {
        let call = nextSerial()
        hosts[host].calls[call] = Call(purpose: purpose, question: question)
        tell(.asked(call, question), of: call, host)
    }

    /// A host hears what became of a call.
    mutating func hear(_ call: Int, _ asked: StoreQuestion, _ event: OutageEvent, isNew: Bool, _ host: Int) {
        if isNew { hosts[host].machine?.reconnected(during: call) }
        if case .answered(_, let reply) = event { keep(reply, to: asked, host) }
        if case .answered(_, .hosts) = event { hosts[host].lookedAt = now }
        tell(event, of: call, host)
    }

    /// A call that was held back is made again.
    mutating func callAgain(_ call: Int, _ host: Int) {
        guard let question = hosts[host].calls[call]?.question else { return }
        tell(.asked(call, question), of: call, host)
    }

    private mutating func tell(_ event: OutageEvent, of call: Int, _ host: Int) {
        guard let effect = tell(event, host) else { return }
        let asker = daemon(host)
        switch effect {
        case .ask(let question): schedule(.ask(call, question, by: asker), in: storeLatency())
        case .append(let write):
            schedule(.append(call, write, by: asker), in: latency(until: .milliseconds(5)))
        case .answer(let reply): settle(call, .success(hasty(call, host) ?? reply), host)
        case .recall: settle(call, .success(nil), host)
        case .refuse(let error): settle(call, .failure(error), host)
        case .wait: hosts[host].heldBack.append(call)
        case .mark, .watch, .renew, .probe, .compare, .read, .deliver, .look, .divide, .remove, .rest, .fail:
            preconditionFailure("\(effect) is for no call")
        }
    }

    /// What a host does that looks for abandoned runs before others have had the time to come back.
    private mutating func hasty(_ call: Int, _ host: Int) -> StoreReply? {
        guard bug == .tookOverAtOnce, !isStoreDown, hosts[host].machine?.state == .direct,
            case .effect(.takeOver(let held))? = hosts[host].calls[call]?.purpose
        else { return nil }
        return .tookOver(takeOver(hostRestarted: false, except: held, by: host))
    }

    /// Gives a conversation an event, and answers what is to be done about it; nil when the host dies before it does that.
    mutating func tell(_ event: OutageEvent, _ host: Int) -> OutageEffect? {
        note("host \(host) hears \(event)")
        let wall = wall(host)
        guard let effect = hosts[host].machine?.handle(event, at: wall, uptime: now - plan.start) else {
            return nil
        }
        note("host \(host) is to \(effect)")
        if let gone = hosts[host].machine?.takeGivenUp(), !gone.isEmpty { hosts[host].disk.forget(Set(gone)) }
        publish(host)
        guard dies(host) else { return effect }
        crash(host)
        schedule(.start(host: host), in: latency(until: plan.faultsWithin))
        return nil
    }

    private mutating func publish(_ host: Int) {
        let news = hosts[host].machine?.takeNews() ?? []
        for news in news { heed(news, host) }
        guard let machine = hosts[host].machine else { return }
        let asker = daemon(host)
        if !machine.isCautious || machine.outage != nil {
            for call in hosts[host].heldBack {
                schedule(.deliver(.again(call), to: asker), in: .milliseconds(1))
            }
            hosts[host].heldBack = []
        }
        guard machine.wantsRecovery, !hosts[host].isRecovering, bug != .recoveryForgotten else { return }
        hosts[host].isRecovering = true
        schedule(.deliver(.recover, to: asker), in: .milliseconds(1))
    }

    /// What is kept of what the store took, before anybody acts on it.
    private mutating func keep(_ reply: StoreReply, to question: StoreQuestion, _ host: Int) {
        switch (question, reply) {
        case (.write(let write), .write(let answer)): keep(write, answer, host)
        case (_, .tookOver(let abandoned)):
            for run in abandoned {
                hosts[host].disk.keep(KeptWrite(takenOver: run, lease: EngineLimits.lease), at: now)
            }
        default: break
        }
    }

    mutating func keep(_ write: StoreWrite, _ answer: StoreAnswer, _ host: Int) {
        if let kept = KeptWrite(write, answer) { hosts[host].disk.keep(kept, at: now) }
    }

    // MARK: Answers

    /// A call has its answer; nil: what was known last is the answer.
    private mutating func settle(_ number: Int, _ result: Result<StoreReply?, StoreError>, _ host: Int) {
        guard let call = hosts[host].calls.removeValue(forKey: number) else { return }
        note("host \(host) has the answer to \(call.question): \(result)")
        let asker = daemon(host)
        switch call.purpose {
        case .effect(let effect):
            if let event = event(of: effect, result, host) { answer(event, asker) }
            guard case (.takeOver, .success) = (effect, result) else { return }
            lookAround(host)
        case .asked(let run, let wait):
            guard case .success(.write(.claim(.claimed(let owned)))?) = result else { return }
            wakeDozing()
            answer(.asked(run, owned), asker)
            if let wait { schedule(.deliver(.event(.cancel(run.id, by: "a person")), to: asker), in: wait) }
        case .launch(let catalog):
            guard case .success(.write(.registered(let known))?) = result else { return giveUp(host) }
            lookForBoot(host)
            self.call(.takeOver(hostRestarted: true), for: .inherit(catalog, known: known), host)
        case .inherit(let catalog, let known):
            guard case .success(.tookOver(let abandoned)?) = result else { return giveUp(host) }
            load(catalog, known, abandoned, host)
        case .changes:
            let live: Int? =
                switch result {
                case .success(.changes(let changes)?): changes.liveRuns
                case .success: hosts[host].machine?.knowledge.liveRuns
                case .failure: nil
                }
            if let live { answer(.counted(liveRuns: live), asker) }
        case .heartbeat: break
        }
    }

    private mutating func answer(_ event: Event, _ asker: Asker) {
        schedule(.deliver(.event(event), to: asker), in: latency(until: .milliseconds(1)))
    }

    /// A daemon that cannot start ends, and another is started.
    mutating func giveUp(_ host: Int) {
        crash(host)
        schedule(.start(host: host), in: latency(until: .seconds(5)))
    }

    /// After a look for abandoned runs a daemon looks what others did, and says that it is there.
    private mutating func lookAround(_ host: Int) {
        call(.read, for: .changes, host)
        guard hosts[host].machine != nil, hosts[host].beatAt + Self.heartbeatRest <= now else { return }
        hosts[host].beatAt = now
        if let machine = hosts[host].machine, machine.outage == nil, !machine.wantsRecovery {
            let isFull = hosts[host].disk.isFull
            hosts[host].machine?.looked(atJournal: isFull ? Self.diskFull : nil)
        }
        call(.read, for: .heartbeat, host)
    }

    private static let diskFull = StoreError(.refused, "no space left on the disk")

    /// What the scheduler hears of what it wanted.
    private mutating func event(
        of effect: Effect, _ result: Result<StoreReply?, StoreError>, _ host: Int
    ) -> Event? {
        switch effect {
        case .run(let id, _, .write(let write)):
            let answer = result.map { reply -> StoreAnswer in
                guard case .write(let answer)? = reply else { preconditionFailure("no answer to a write") }
                return answer
            }
            if case (.claim, .failure) = (write, answer), bug == .failureTakenForDecided {
                return .run(id, .written(.success(.claim(.alreadyDecided))))
            }
            noteFact(write, answer, host)
            if bug == .sentBeforeRecorded, case .startAttempt = write { return nil }
            return .run(id, .written(heeded(answer)))
        case .record(let job, _):
            let answer = result.map { reply -> [RunID: Instant] in
                guard case .write(.recorded(let leftOut))? = reply else {
                    preconditionFailure("no answer to a record")
                }
                return leftOut
            }
            return .recorded(job, bug == .failureTakenForSuccess ? .success([:]) : answer)
        case .renew(let owned):
            guard case .success(.renewed(let lost)?) = result, !lost.isEmpty, bug != .lateAnswersObeyed else {
                return nil
            }
            return .renewed(lost: owned.filter { lost.contains($0.id) })
        case .takeOver:
            guard case .success(.tookOver(let abandoned)?) = result, !abandoned.isEmpty else { return nil }
            return .tookOver(given(abandoned))
        case .register(let catalog, let number, _): return registered(catalog, number, result, host)
        case .run(_, _, .send), .cancel, .inForce, .compareClocks, .lost, .ended, .drained: return nil
        }
    }

    /// Whether the run is still the host's, as the host takes it.
    private func heeded(_ answer: Result<StoreAnswer, StoreError>) -> Result<StoreAnswer, StoreError> {
        guard bug == .lateAnswersObeyed, case .success(.owner) = answer else { return answer }
        return .success(.owner(true))
    }
}
