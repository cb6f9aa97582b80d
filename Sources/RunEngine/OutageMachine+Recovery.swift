import CivilTime
import Records
import RunModel

/// How an outage ends.
extension OutageMachine {
    mutating func recover(_ event: OutageEvent, _ now: Instant, _ uptime: Duration) -> OutageEffect {
        switch (state, event) {
        case (.direct, .began(let backlog)):
            (contactSince, lastAnswerAt) = (uptime, uptime)
            self.backlog = backlog
            isCautious = true
            state = .starting(Delivery(renewedAt: uptime))
            return backlog.count > 0 ? mark() : compare()
        // The log tells of the outage as well: a store that fails again must not hold up what follows.
        case (.direct, .woke), (.direct, .delivered): return afterOutage()
        // Whoever asks the store next finds out that it is away.
        case (.direct, .compared(.failure)): return .rest
        case (.direct, .marked(let error)):
            isMarked = error != nil
            return isMarked ? .rest : afterOutage()
        case (.direct, .watched(let result)):
            if case .success(let hosts) = result { look(at: hosts, uptime) }
            return afterCaution()
        case (.direct, .compared(.success(let rewind))):
            let rewind = compared(rewind)
            undecided += rewind.rows
            guard rewind.runs > 0 else { return afterOutage() }
            let outage = Outage(
                error: .rewound, since: now, began: uptime, policy: outagePolicy,
                deliveredBefore: deliveredCount)
            return deliver(rewind, outage, now, uptime)
        // What followed the last outage is answered when the next may have begun.
        case (.bridging, .delivered), (.bridging, .compared), (.bridging, .marked), (.bridging, .watched):
            return .rest
        case (.direct, .removed(let error)), (.bridging, .removed(let error)): return trimmed(error)
        case (.bridging(let outage), .woke):
            state = .probing(outage)
            if backlog.count > 0 || outage.policy == .run { return mark() }
            // First the leases, before another host takes a run over that is alive.
            return .renew(knowledge.ownedByStore)
        case (.probing(let outage), _): return probed(event, outage, now, uptime)
        case (.starting(let delivery), .marked(let error)) where delivery.step == .reading:
            return error.map { .fail($0) } ?? compare()
        case (.starting, .compared(.failure(let error))): return .fail(error)
        case (.starting(var delivery), .compared(.success(let rewind))):
            let rewind = compared(rewind)
            undecided = rewind.unanswered + rewind.rows
            guard rewind.runs > 0 || backlog.count > 0 else {
                state = .direct
                return afterOutage()
            }
            let effect = begin(&delivery, with: rewind, now, uptime)
            state = .starting(delivery)
            return effect
        case (.starting(let delivery), _): return start(event, delivery, now, uptime)
        case (.delivering(let outage, let delivery), _): return deliver(event, outage, delivery, now, uptime)
        case (.direct, _), (.bridging, _): preconditionFailure("no recovery takes \(event) in \(state)")
        }
    }

    /// A store that is away has answered, or not.
    private mutating func probed(
        _ event: OutageEvent, _ outage: Outage, _ now: Instant, _ uptime: Duration
    ) -> OutageEffect {
        switch event {
        case .marked(nil): return .renew(knowledge.ownedByStore)
        case .renewed(.success): return known.map { .probe($0) } ?? compare()
        case .probed(nil): return compare()
        case .compared(.success(let found)):
            let rewind = compared(found)
            // What the store was being asked may change what it has lost; the journal may tell of it, so it waits as well.
            if wantsComparison { return stayAway(outage, outage.error) }
            undecided += rewind.rows
            return deliver(rewind, outage, now, uptime)
        case .marked(let error?), .renewed(.failure(let error)), .probed(let error?),
            .compared(.failure(let error)):
            return stayAway(outage, error)
        case .asked, .answered, .failed, .journalled, .began, .woke, .watched, .read, .delivered, .looked,
            .divided,
            .removed:
            preconditionFailure("no probe takes \(event)")
        }
    }

    private mutating func start(
        _ event: OutageEvent, _ delivery: Delivery, _ now: Instant, _ uptime: Duration
    ) -> OutageEffect {
        var delivery = delivery
        switch deliver(event, &delivery, now, uptime) {
        case .effect(let effect):
            state = .starting(delivery)
            return effect
        case .isDone:
            settle(uptime)
            if deliveredCount > 0 { report(.delivered(deliveredCount)) }
            return afterOutage()
        case .failed(let error): return .fail(error)
        }
    }

    private mutating func deliver(
        _ event: OutageEvent, _ outage: Outage, _ delivery: Delivery, _ now: Instant, _ uptime: Duration
    ) -> OutageEffect {
        var delivery = delivery
        switch deliver(event, &delivery, now, uptime) {
        case .effect(let effect):
            state = .delivering(outage, delivery)
            return effect
        case .isDone: return end(outage, uptime)
        case .failed(let error): return stayAway(outage, error == journalError ? outage.error : error)
        }
    }

    private mutating func deliver(
        _ rewind: Rewind, _ outage: Outage, _ now: Instant, _ uptime: Duration
    ) -> OutageEffect {
        var delivery = Delivery(renewedAt: uptime)
        let effect = begin(&delivery, with: rewind, now, uptime)
        state = .delivering(outage, delivery)
        return effect
    }

    /// Begins with what the store has lost, which the journal's writes may need.
    private mutating func begin(
        _ delivery: inout Delivery, with rewind: Rewind, _ now: Instant, _ uptime: Duration
    ) -> OutageEffect {
        if rewind.runs > 0 { noteLoss(of: rewind, now) }
        delivery.entries = (registrationToRepeat + rewind.writes).reversed().map {
            JournalledWrite(number: 0, recordedAt: now, write: .success($0))
        }
        guard !delivery.entries.isEmpty else { return .read(after: deliveredThrough) }
        if !isMarked {
            delivery.step = .marking
            return mark()
        }
        guard case .effect(let effect) = next(&delivery, uptime) else {
            preconditionFailure("a delivery with writes has an effect")
        }
        return effect
    }

    private mutating func noteLoss(of rewind: Rewind, _ now: Instant) {
        noteLoss(.rewound)
        report(.rewound(runs: rewind.runs))
        notes.append(
            StoreEvent(
                at: now, host: host, kind: .storeRewound,
                detail:
                    "the store had lost \(rewind.runs) run\(rewind.runs == 1 ? "" : "s") that it had recorded for "
                    + "this host; \(rewind.writes.count) operations are delivered again"))
    }

    /// What this host has registered last, when the store may have lost it: it may have older definitions in force now, or jobs
    /// that this host does not have any more. None while a newer registration is on its way.
    private var registrationToRepeat: [StoreWrite] {
        let isSuperseded = calls.values.contains { call in
            if case .asking(.write(.register), _) = call { true } else { false }
        }
        return mayHaveLost && !isSuperseded ? [registered].compactMap(\.self) : []
    }

    /// A store that is another one, or has lost runs of this host, may have lost some of others as well.
    mutating func noteLoss(_ error: StoreError) {
        if error == .replaced || error == .rewound { mayHaveLost = true }
    }

    private mutating func compare() -> OutageEffect {
        busy = Set(
            calls.values.compactMap { call in
                if case .asking(.write(let write), _) = call { write.owned?.id } else { nil }
            })
        return .compare
    }

    /// What the store has lost, but for runs that it was asked about meanwhile, which are compared later.
    private mutating func compared(_ rewind: Rewind) -> Rewind {
        var rewind = rewind
        wantsComparison = rewind.leave(busy ?? [])
        busy = nil
        return rewind
    }

    private mutating func stayAway(_ outage: Outage, _ error: StoreError) -> OutageEffect {
        var outage = outage
        outage.error = error
        noteLoss(error)
        state = .bridging(outage)
        return .rest
    }

    /// The store knows all that was journalled.
    private mutating func settle(_ uptime: Duration) {
        state = .direct
        (contactSince, lastAnswerAt) = (uptime, uptime)
        isCautious = true
        if mayHaveLost { awaited = Dictionary(uniqueKeysWithValues: companions.map { ($0, nil) }) }
        if untrimmed == nil { journalError = nil }
        backlog = JournalBacklog(count: 0, oldestAt: nil)
        knowledge.settled()
    }

    private mutating func end(_ outage: Outage, _ uptime: Duration) -> OutageEffect {
        settle(uptime)
        let lasted = uptime - outage.began
        let delivered = deliveredCount - outage.deliveredBefore
        report(.outageEnded(lasted: lasted, delivered: delivered))
        let what = "the store was away for \(lasted.components.seconds) s (\(outage.error)); "
        notes.append(
            StoreEvent(
                at: outage.since, host: host, kind: .storeOutage,
                detail: what + "\(delivered) operations were delivered after it"))
        return afterOutage()
    }

    /// What is left to be done once the store is back.
    private mutating func afterOutage() -> OutageEffect {
        if isMarked { return .mark(.zero) }
        return isCautious ? .watch : afterCaution()
    }

    private mutating func mark() -> OutageEffect {
        isMarked = true
        return .mark(lease)
    }

    /// Ends the caution, once each host that came back with this one has had the time to mark itself, and none is marked.
    private mutating func look(at hosts: [HostSighting], _ uptime: Duration) {
        learn(hosts, uptime)
        let others = hosts.filter { $0.host != host && !$0.hasStopped }
        let waited = contactSince.map { uptime - $0 } ?? .seconds(1 << 30)
        let hadTime = waited >= OutageLimits.probeInterval
        if mayHaveLost {
            let isAwaiting = isAwaiting(hosts, waited)
            isCautious = !hadTime || isAwaiting || others.contains(where: \.isDelivering)
        } else if others.isEmpty || hadTime && !others.contains(where: \.isDelivering) {
            isCautious = false
        }
        if !isCautious { (mayHaveLost, awaited) = (false, [:]) }
    }

    /// Whether somebody who was there before the store lost something has not been seen since: what that host made is known to
    /// it alone. Each host that is cautious says again and again that it is there.
    private mutating func isAwaiting(_ hosts: [HostSighting], _ waited: Duration) -> Bool {
        guard let here = hosts.first(where: { $0.host == host }) else { return false }
        var isAwaiting = false
        for other in hosts where other.host != host {
            if other.hasStopped || other.seenAt <= here.seenAt - OutageLimits.companyMax(lease: lease) {
                awaited[other.host] = nil
            } else if let first = awaited[other.host] ?? nil {
                isAwaiting = isAwaiting || first == other.seenAt
            } else {
                awaited[other.host] = other.seenAt
                isAwaiting = true
            }
        }
        if isAwaiting, waited < OutageLimits.returnMax { return true }
        // A table of hosts that was made anew has them once they have said that they are there.
        return awaited.values.contains { $0 == nil } && waited < OutageLimits.companyMax(lease: lease)
    }

    private mutating func afterCaution() -> OutageEffect {
        if !notes.isEmpty {
            defer { notes = [] }
            return .deliver(.note(notes))
        }
        if let rows = takeUndecided() { return .deliver(.record(rows)) }
        if wantsComparison { return compare() }
        if let untrimmed { return .remove(through: deliveredThrough, aside: untrimmed) }
        return .rest
    }

    /// The rows of occurrences that an earlier daemon was killed over, once all hosts have told what they know: those that this
    /// daemon does not come to by itself, for the store has the decision of a later one.
    private mutating func takeUndecided() -> [RunRecord]? {
        guard known != nil, !isCautious, !undecided.isEmpty else { return nil }
        let next = undecided.prefix(Self.rowsAtOnce)
        undecided.removeFirst(next.count)
        let rows = next.filter { row in
            guard let at = row.scheduledFor, let decided = knowledge.watermark(of: row.job) else {
                return false
            }
            return at <= decided
        }
        return rows.isEmpty ? takeUndecided() : rows.map { $0.lost() }
    }

    /// Rows that are recorded at once: some hundred kilobytes.
    private static let rowsAtOnce = 500

    private mutating func trimmed(_ error: StoreError?) -> OutageEffect {
        if let error {
            _ = journalFailed(error)
        } else {
            untrimmed = nil
            journalError = nil
        }
        return .rest
    }
}
