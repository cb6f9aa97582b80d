import CivilTime
import RunModel

/// How an outage ends.
extension OutageMachine {
    mutating func recover(_ event: OutageEvent, _ now: Instant, _ uptime: Duration) -> OutageEffect {
        switch (state, event) {
        case (.direct, .began(let backlog)):
            contactSince = uptime
            guard backlog.count > 0 else { return .rest }
            self.backlog = backlog
            state = .starting(Delivery(renewedAt: uptime))
            return .read(after: deliveredThrough)
        // The log tells of the outage as well: a store that fails again must not hold up what follows.
        case (.direct, .woke), (.direct, .delivered): return afterOutage()
        // What followed the last outage is answered when the next may have begun.
        case (.bridging, .delivered): return .rest
        case (.direct, .removed(let error)), (.bridging, .removed(let error)): return trimmed(error)
        case (.bridging(let outage), .woke):
            state = .probing(outage)
            // First the leases, before another host takes a run over that is alive.
            return .renew(knowledge.ownedByStore)
        case (.probing(let outage), .renewed(.success)):
            if let known { return .probe(known) }
            return deliver(outage, uptime)
        case (.probing(let outage), .renewed(.failure(let error))): return stayAway(outage, error)
        case (.probing(let outage), .probed(let error)):
            if let error { return stayAway(outage, error) }
            return deliver(outage, uptime)
        case (.delivering(let outage, var delivery), .read),
            (.delivering(let outage, var delivery), .renewed),
            (.delivering(let outage, var delivery), .delivered),
            (.delivering(let outage, var delivery), .looked),
            (.delivering(let outage, var delivery), .divided),
            (.delivering(let outage, var delivery), .removed):
            switch deliver(event, &delivery, now, uptime) {
            case .effect(let effect):
                state = .delivering(outage, delivery)
                return effect
            case .isDone: return end(outage, uptime)
            case .failed(let error): return stayAway(outage, error == journalError ? outage.error : error)
            }
        case (.starting(var delivery), .read), (.starting(var delivery), .renewed),
            (.starting(var delivery), .delivered), (.starting(var delivery), .looked),
            (.starting(var delivery), .divided), (.starting(var delivery), .removed):
            switch deliver(event, &delivery, now, uptime) {
            case .effect(let effect):
                state = .starting(delivery)
                return effect
            case .isDone:
                settle(uptime)
                report(.delivered(deliveredCount))
                return .rest
            case .failed(let error): return .fail(error)
            }
        case (.direct, _), (.starting, _), (.bridging, _), (.probing, _), (.delivering, _):
            preconditionFailure("the conversation cannot take \(event) in \(state)")
        }
    }

    private mutating func deliver(_ outage: Outage, _ uptime: Duration) -> OutageEffect {
        state = .delivering(outage, Delivery(renewedAt: uptime))
        return .read(after: deliveredThrough)
    }

    private mutating func stayAway(_ outage: Outage, _ error: StoreError) -> OutageEffect {
        var outage = outage
        outage.error = error
        state = .bridging(outage)
        return .rest
    }

    /// The store knows all that was journalled.
    private mutating func settle(_ uptime: Duration) {
        state = .direct
        contactSince = uptime
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
        if !notes.isEmpty {
            defer { notes = [] }
            return .deliver(.note(notes))
        }
        if let untrimmed { return .remove(through: deliveredThrough, aside: untrimmed) }
        return .rest
    }

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
