import CivilTime
import JobCatalog
import RandomInput
import Records
import RunEngine
import RunModel
import RunStoreConformance

/// How conversations find back to a store that was away, one step after the other.
extension World {
    mutating func recover(_ event: OutageEvent, _ host: Int) {
        if case .delivered(.success(let answer)) = event, case .deliver(let write)? = hosts[host].step {
            keep(write, answer, host)
        }
        if case .watched(.success) = event { hosts[host].lookedAt = now }
        switch hosts[host].machine?.state {
        case .direct?: if case .began = event { meet(host) }
        case .bridging?: meet(host)
        case .starting?, .probing?, .delivering?, nil: break
        }
        guard let effect = tell(event, host) else { return }
        hosts[host].step = effect
        switch effect {
        case .rest: rest(host)
        case .fail: giveUp(host)
        case .read, .remove: schedule(.step(effect, by: daemon(host)), in: latency(until: .milliseconds(5)))
        case .mark, .watch, .renew, .probe, .compare, .deliver, .look, .divide:
            schedule(.step(effect, by: daemon(host)), in: storeLatency())
        case .ask, .append, .answer, .refuse, .wait, .recall: preconditionFailure("\(effect) is for a call")
        }
    }

    /// Nothing is to be done for now. A daemon that starts goes on.
    private mutating func rest(_ host: Int) {
        guard let machine = hosts[host].machine else { return }
        hosts[host].isRecovering = machine.wantsRecovery && bug != .recoveryForgotten
        if hosts[host].isRecovering {
            schedule(.deliver(.recover, to: daemon(host)), in: untilNextProbe(host))
        }
        if !hosts[host].hasLaunched { launch(host) }
    }

    private mutating func untilNextProbe(_ host: Int) -> Duration {
        let interval = latency(until: OutageLimits.probeInterval / 2)
        let returns = max(isStoreDown ? storeReturnsAt : now, hosts[host].line.cutUntil)
        // Probes that find nothing change nothing; worlds of days and years leave them out.
        guard plan.leavesOutProbes, returns > now else { return OutageLimits.probeInterval / 2 + interval }
        return returns - now + interval
    }

    // MARK: Steps

    /// The store or the disk does a step, unless the daemon died just before.
    mutating func step(_ effect: OutageEffect, by asker: Asker) {
        guard case .daemon(let host, _) = asker, isAlive(asker) || random.oneIn(2) else { return }
        switch effect {
        case .read(let number):
            let entries = hosts[host].disk.entries(after: number)
            hear(.read(.success(bug == .wrongOrder ? entries.reversed() : entries)), asker)
        case .remove(let number, _):
            hear(
                .removed(failure { () throws(StoreError) in try hosts[host].disk.remove(through: number) }),
                asker)
        default:
            switch passage(of: host) {
            case .silent(let error, let length): hear(Self.failed(effect, error), asker, in: length)
            case .lost(let error):
                if case .deliver(let write) = effect { store.failBadly(write) }
                hear(Self.failed(effect, error), asker)
            case .answerLost(let error):
                _ = answer(to: effect, asker, host)
                hear(Self.failed(effect, error), asker)
            case .through:
                let isReplaced = effect.writes && isReplaced(host)
                hear(isReplaced ? Self.failed(effect, .replaced) : answer(to: effect, asker, host), asker)
            }
        }
        wakeDozing()
    }

    private mutating func hear(_ event: OutageEvent, _ asker: Asker, in wait: Duration? = nil) {
        schedule(.deliver(.recovery(event), to: asker), in: wait ?? latency(until: .milliseconds(20)))
    }

    /// What the store answers to a step.
    private mutating func answer(to effect: OutageEffect, _ asker: Asker, _ host: Int) -> OutageEvent {
        switch effect {
        case .mark(let lease):
            store.records.mark(hostID(host), deliveringFor: lease)
            return .marked(nil)
        case .watch: return .watched(.success(sightings(for: host)))
        case .renew(let owned):
            if bug == .leasesLeftInDelivery, isDelivering(host) { return .renewed(.success([])) }
            return .renewed(.success(store.renew(owned)))
        case .probe(let job): return .probed(probe(job, asker, host))
        case .compare:
            let kept = bug == .rewindNotDelivered ? [] : hosts[host].disk.kept
            let holdings = store.records.holdings(of: Array(Set(kept.flatMap(\.runs))))
            return .compared(
                .success(
                    Rewind(
                        kept, Dictionary(uniqueKeysWithValues: holdings.map { ($0.id, $0) }),
                        host: hostID(host))))
        case .deliver(let write): return .delivered(self.write(write, by: asker))
        case .look(let id):
            return .looked(
                .success(bug == .holdingNotAsked ? nil : store.records.holdings(of: [id]).first))
        case .divide(let row, let mark):
            return .divided(.success(bug == .restNotTold ? nil : rest(of: row, after: mark)))
        case .read, .remove, .rest, .fail, .ask, .append, .answer, .refuse, .wait, .recall:
            preconditionFailure("\(effect) is not for the store")
        }
    }

    private func isDelivering(_ host: Int) -> Bool {
        if case .delivering? = hosts[host].machine?.state { true } else { false }
    }

    private static func failed(_ effect: OutageEffect, _ error: StoreError) -> OutageEvent {
        switch effect {
        case .mark: .marked(error)
        case .watch: .watched(.failure(error))
        case .renew: .renewed(.failure(error))
        case .probe: .probed(error)
        case .compare: .compared(.failure(error))
        case .deliver: .delivered(.failure(error))
        case .look: .looked(.failure(error))
        case .divide: .divided(.failure(error))
        case .read, .remove, .rest, .fail, .ask, .append, .answer, .refuse, .wait, .recall:
            preconditionFailure("\(effect) is not for the store")
        }
    }

    private func failure(_ body: () throws(StoreError) -> Void) -> StoreError? {
        do throws(StoreError) {
            try body()
            return nil
        } catch {
            return error
        }
    }

    /// A run is written and rolled back.
    private mutating func probe(_ job: JobRegistration, _ asker: Asker, _ host: Int) -> StoreError? {
        let wall = wall(host)
        let run = RunRecord(
            id: randomRun(), job: job.job, trigger: .manual, dueAt: wall, state: .running, attempts: 1,
            host: hostID(host), configHash: job.configHash, createdAt: wall, startedAt: wall)
        let claim = Claim(run: run, isExclusive: false, ignoresPause: true, lease: EngineLimits.lease)
        do throws(StoreError) {
            _ = try reminding(asker) { (store) throws(StoreError) in try store.records.rehearse(claim) }
            return nil
        } catch {
            return error
        }
    }

    /// What is left of a row, by the definition that made it due.
    private func rest(of row: RunRecord, after mark: Instant) -> RunRecord? {
        for catalog in plan.catalogs {
            if let job = catalog[row.job], catalog.configHash(of: job) == row.configHash,
                catalog.zoneData == row.zoneData
            {
                return row.rest(after: mark, of: job)
            }
        }
        return nil
    }
}

extension OutageEffect {
    /// Whether it writes to the store.
    fileprivate var writes: Bool {
        switch self {
        case .mark, .renew, .probe, .deliver: true
        case .watch, .compare, .look, .divide, .read, .remove, .rest, .fail, .ask, .append, .answer, .refuse,
            .wait,
            .recall:
            false
        }
    }
}
