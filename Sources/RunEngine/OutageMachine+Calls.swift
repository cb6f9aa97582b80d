import CivilTime
import Records
import RunModel

/// What becomes of calls.
extension OutageMachine {
    mutating func asked(
        _ call: Int, _ question: StoreQuestion, _ now: Instant, _ uptime: Duration
    ) -> OutageEffect {
        switch state {
        case .starting: preconditionFailure("\(question) is asked before the start")
        case .direct:
            if let oldest = openQuestions.first, uptime - oldest.uptime >= OutageLimits.silenceMax {
                begin(.silence, since: oldest)
                return answerHere(call, question, now, uptime)
            }
            return ask(call, question, isAgain: false, now, uptime)
        case .bridging, .probing, .delivering: return answerHere(call, question, now, uptime)
        }
    }

    mutating func answered(_ call: Int, _ reply: StoreReply, _ uptime: Duration) -> OutageEffect {
        let asked = openQuestions.first { $0.call == call }
        guard case .asking(let question, let isAgain) = close(call), let asked else {
            preconditionFailure("nobody asked the store for call \(call)")
        }
        lastAnswerAt = uptime
        switch (question, reply) {
        case (.write(let write), .write(.owner(false))) where isAgain && write.isEnd:
            // Over a new connection: rather than another host's the run may be one that the server has lost.
            if case .direct = state { begin(.rewound, since: asked) }
            return answerHere(call, question, asked.at, uptime)
        case (.renew, .renewed) where isAgain:
            return .answer(.renewed(lost: []))
        case (.write(let write), .write(let answer)): learn(answer, to: write)
        case (.renew(let owned), .renewed(let lost)):
            let gone = owned.filter { knowledge.current($0) == nil }.map(\.id)
            let current = owned.compactMap { knowledge.current($0) }.filter { lost.contains($0.id) }
            current.forEach { knowledge.lose($0) }
            return .answer(.renewed(lost: gone + current.map(\.id)))
        case (.takeOver, .tookOver(let abandoned)):
            return .answer(.tookOver(abandoned.filter { takes($0) }))
        case (.read, .summaries(let summaries)): knowledge.learn(summaries: summaries)
        case (.read, .changes(let changes)):
            knowledge.learn(changes: changes.summaries)
            knowledge.learn(pauses: changes.pauses)
        case (.read, .pauses(let pauses)): knowledge.learn(pauses: pauses)
        case (.read, .hosts(let hosts)): learn(hosts, uptime)
        case (.read, .other): break
        case (.write, _), (.renew, _), (.takeOver, _), (.read, _):
            preconditionFailure("\(reply) does not answer \(question)")
        }
        return .answer(reply)
    }

    mutating func failed(
        _ call: Int, _ error: StoreError, _ now: Instant, _ uptime: Duration
    ) -> OutageEffect {
        let asked = openQuestions.first { $0.call == call }
        guard case .asking(let question, let isAgain) = close(call), let asked else {
            preconditionFailure("nobody asked the store for call \(call)")
        }
        guard error.isOutage else { return .refuse(error) }
        if case .direct = state {
            // The second time over a new connection: the old one may have been closed by a restart that is long over.
            if !isAgain, error != .replaced {
                wantsComparison = true
                return ask(call, question, isAgain: true, now, uptime)
            }
            begin(error, since: asked)
        }
        return answerHere(call, question, now, uptime)
    }

    mutating func journalled(_ call: Int, _ result: Result<Int64, StoreError>) -> OutageEffect {
        guard case .appending(let write, let pause)? = calls.removeValue(forKey: call) else {
            preconditionFailure("nothing of call \(call) is on its way into the journal")
        }
        appending -= 1
        let number: Int64
        switch result {
        case .success(let given): number = given
        case .failure(let error):
            backlog.count -= 1
            if backlog.count == 0 { backlog.oldestAt = nil }
            if case .claim(let claim) = write { knowledge.withdraw(claim.run.id) }
            return .refuse(journalFailed(error))
        }
        journalError = nil
        appendedThrough = max(appendedThrough, number)
        switch write {
        case .register(let jobs, _, let now):
            return .answer(.write(.registered(knowledge.register(jobs, now: now))))
        case .claim(let claim):
            let owned = OwnedRun(id: claim.run.id, fence: -number)
            knowledge.confirm(owned)
            knowledge.decide([claim.run])
            return .answer(.write(.claim(.claimed(owned))))
        case .startAttempt(let owned, let number, let at):
            knowledge.start(owned.id, number: number, at: at)
            return .answer(.write(.owner(true)))
        case .awaitRetry: return .answer(.write(.owner(true)))
        case .finish(let owned, let completion):
            // The store may know it by now.
            knowledge.end(owned.id, completion, isTold: deliveredThrough >= number)
            return .answer(.write(.owner(true)))
        case .record(let rows):
            knowledge.decide(rows)
            knowledge.record(rows)
            return .answer(.write(pause.map { .claim(.paused($0)) } ?? .recorded([:])))
        case .note: return .answer(.write(.noted))
        }
    }

    // MARK: With the store

    private mutating func ask(
        _ call: Int, _ question: StoreQuestion, isAgain: Bool, _ now: Instant, _ uptime: Duration
    ) -> OutageEffect {
        // A host that was frozen for longer has missed what the others saw.
        if let last = lastAnswerAt, uptime - last > OutageLimits.gapMax { contactSince = uptime }
        let asked: StoreQuestion
        switch question {
        case .write(let write):
            if isCautious, write.decides { return .wait }
            guard let current = current(write) else { return .answer(.write(.owner(false))) }
            asked = .write(current)
            if let run = current.owned?.id { busy?.insert(run) }
        case .renew(let owned): asked = .renew(owned.compactMap { knowledge.current($0) })
        case .takeOver(let hostRestarted):
            // Others may be about to say what became of their runs in an outage that has just ended, and this host what became
            // of its own, to a server that may have lost that.
            let isEarly = contactSince.map { uptime - $0 < OutageLimits.grace(lease: lease) } ?? false
            if !hostRestarted, isEarly || wantsComparison { return .answer(.tookOver([])) }
            asked = question
            if openTakeovers == 0 { claimedSince = [] }
            openTakeovers += 1
        case .read: asked = question
        }
        calls[call] = .asking(question, isAgain: isAgain)
        openQuestions.append(Question(call: call, at: now, uptime: uptime))
        return .ask(asked)
    }

    /// Whether a run that the store gave is for the asker. One that this host has claimed after it had asked goes on under
    /// the new proof.
    private mutating func takes(_ abandoned: AbandonedRun) -> Bool {
        if claimedSince.contains(abandoned.owned.id), knowledge.give(abandoned.owned) { return false }
        knowledge.own(abandoned.record, fence: abandoned.owned.fence)
        return true
    }

    /// Notes that this host has a run, for a takeover that is under way.
    private mutating func claimed(_ id: RunID) {
        if openTakeovers > 0 { claimedSince.insert(id) }
    }

    private mutating func close(_ call: Int) -> Call? {
        openQuestions.removeAll { $0.call == call }
        let closed = calls.removeValue(forKey: call)
        if case .asking(.takeOver, _)? = closed { openTakeovers -= 1 }
        return closed
    }

    /// The write under the proof that the store takes; nil when the run is not this host's any more.
    private func current(_ write: StoreWrite) -> StoreWrite? {
        switch write {
        case .finish(let owned, let completion)
        where completion.outcome != .unknown && owned.fence > 0 && !knowledge.isGivenUp(owned):
            // The store says whether it is known better than what it has (`Completion.mayCorrect`).
            write.owned(as: knowledge.current(owned) ?? owned)
        case .startAttempt(let owned, _, _), .awaitRetry(let owned, _, _), .finish(let owned, _):
            knowledge.current(owned).map { write.owned(as: $0) }
        case .register, .claim, .record, .note: write
        }
    }

    /// Takes what the store answered to a write.
    private mutating func learn(_ answer: StoreAnswer, to write: StoreWrite) {
        switch (write, answer) {
        case (.register(let jobs, _, _), .registered(let answer)):
            registered = write
            knowledge.learn(jobs, answer)
        case (.claim(let claim), .claim(.claimed(let owned))):
            knowledge.own(claim.run, fence: owned.fence)
            claimed(claim.run.id)
        case (.claim(let claim), .claim(.paused(let pause))):
            knowledge.pause(pause)
            knowledge.learn(decided: claim.run)
        case (.claim(let claim), .claim(.alreadyDecided)):
            knowledge.learn(decided: claim.run)
            // By another host perhaps, which came after the last heartbeat of this one.
            if hasCompany == false { hasCompany = nil }
        case (.claim, .claim(.overlaps)): break
        case (.startAttempt(let owned, let number, let at), .owner(true)):
            knowledge.start(owned.id, number: number, at: at)
        case (.awaitRetry, .owner(true)): break
        case (.finish(let owned, let completion), .owner(true)):
            knowledge.end(owned.id, completion, isTold: true)
        case (.startAttempt(let owned, _, _), .owner), (.awaitRetry(let owned, _, _), .owner),
            (.finish(let owned, _), .owner):
            if let current = knowledge.current(owned) { knowledge.lose(current) }
        case (.record(let rows), .recorded): knowledge.record(rows)
        case (.note, .noted): break
        case (.register, _), (.claim, _), (.startAttempt, _), (.awaitRetry, _), (.finish, _), (.record, _),
            (.note, _):
            preconditionFailure("\(answer) does not answer \(write.summary)")
        }
    }

    /// Takes who shares the store, from which `auto` decides what happens in an outage.
    mutating func learn(_ hosts: [HostSighting], _ uptime: Duration) {
        guard let here = hosts.first(where: { $0.host == host }) else { return }
        // While the store was away nobody could say that it is there: that was nobody's silence.
        let isYoung = contactSince.map { uptime - $0 < OutageLimits.grace(lease: lease) } ?? false
        companions = Set(
            hosts.filter { other in
                other.host != host && !other.hasStopped
                    && (isYoung || other.seenAt > here.seenAt - OutageLimits.companyMax(lease: lease))
            }.map(\.host))
        hasCompany = !companions.isEmpty
    }

    private mutating func begin(_ error: StoreError, since question: Question) {
        noteLoss(error)
        state = .bridging(
            Outage(
                error: error, since: question.at, began: question.uptime, policy: outagePolicy,
                deliveredBefore: deliveredCount))
        report(.outageBegan(error, outagePolicy))
    }

    /// What happens in an outage that begins now.
    var outagePolicy: StoreOutagePolicy {
        switch policy {
        case .run, .hold: policy
        // A host that does not know who is there holds: two must never make the same run.
        case .auto: hasCompany == false ? .run : .hold
        }
    }

    // MARK: Without the store

    private mutating func answerHere(
        _ call: Int, _ question: StoreQuestion, _ now: Instant, _ uptime: Duration
    ) -> OutageEffect {
        guard let outage else { preconditionFailure("\(question) is for the store") }
        switch question {
        case .write(let write): return self.write(write, for: call, outage, now, uptime)
        case .renew(let owned):
            // While the store is away nobody can renew a lease, nor say that it is lost.
            return .answer(.renewed(lost: owned.filter { knowledge.current($0) == nil }.map(\.id)))
        case .takeOver(let hostRestarted):
            // What an earlier daemon left must be known before a new one begins.
            return hostRestarted ? .refuse(outage.error) : .answer(.tookOver([]))
        case .read: return .recall
        }
    }

    private mutating func write(
        _ write: StoreWrite, for call: Int, _ outage: Outage, _ now: Instant, _ uptime: Duration
    ) -> OutageEffect {
        switch write {
        case .register:
            // What was decided before this daemon started is known to the store alone.
            return known == nil ? .refuse(outage.error) : append(write, for: call, now)
        case .claim(let claim):
            if let error = mayNotBegin(outage, uptime) { return .refuse(error) }
            if let answer = knowledge.answer(claim) { return .answer(.write(.claim(answer))) }
            guard let pause = knowledge.pause(holding: claim, at: now) else {
                return append(write, for: call, now)
            }
            // A run by hand is no occurrence: there is nothing to record.
            guard claim.run.scheduledFor != nil else { return .answer(.write(.claim(.paused(pause)))) }
            return append(.record([claim.run.skipped(for: pause)]), for: call, pausedBy: pause, now)
        case .startAttempt, .awaitRetry, .finish:
            guard let current = current(write) else { return .answer(.write(.owner(false))) }
            if !write.isEnd, let error = mayNotBegin(outage, uptime) { return .refuse(error) }
            return append(current, for: call, now)
        case .record, .note: return append(write, for: call, now)
        }
    }

    /// Why nothing may begin without the store; nil when it may.
    private func mayNotBegin(_ outage: Outage, _ uptime: Duration) -> StoreError? {
        switch outage.policy {
        case .hold, .auto:
            var error = outage.error
            error.hint = "nothing starts until it is back (ALMANAC_STORE_OUTAGE=\(policy.rawValue))"
            return error
        case .run: return uptime - outage.began < OutageLimits.patience ? outage.error : nil
        }
    }

    private mutating func append(
        _ write: StoreWrite, for call: Int, pausedBy pause: Pause? = nil, _ now: Instant
    ) -> OutageEffect {
        let limit = JournalLimits.entriesMax + (write.isEnd ? JournalLimits.reserve : 0)
        guard backlog.count < limit else {
            return .refuse(
                StoreError(
                    .refused, "the journal is full: \(backlog.count) operations wait for the database",
                    hint: "bring the database back: they are delivered then"))
        }
        backlog.count += 1
        if backlog.oldestAt == nil { backlog.oldestAt = now }
        appending += 1
        calls[call] = .appending(write, pausedBy: pause)
        if case .claim(let claim) = write {
            knowledge.reserve(claim.run)
            claimed(claim.run.id)
        }
        return .append(write)
    }
}

extension StoreWrite {
    /// Whether it decides occurrences, which another host may have made.
    fileprivate var decides: Bool {
        switch self {
        case .claim(let claim): claim.run.scheduledFor != nil
        case .record(let rows): rows.contains { $0.scheduledFor != nil }
        case .register, .startAttempt, .awaitRetry, .finish, .note: false
        }
    }
}
