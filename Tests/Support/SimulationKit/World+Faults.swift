import CivilTime
import JobCatalog
import RandomInput
import RunEngine
import RunModel

/// What goes wrong, and how it is put right at the end.
extension World {
    /// One fault, and the next one later.
    mutating func makeTrouble() {
        let host = random.number(0...hosts.count - 1)
        switch random.number(0...7) {
        case 0:
            crash(host)
            schedule(.boot(host: host), in: .seconds(random.number(1...200)))
        case 1:
            isStoreDown = true
            schedule(.storeReturns, in: .seconds(random.number(1...150)))
        case 2, 3:
            // Several hosts stay within the occurrences that get rows of their own: a row that many share is left out
            // when another host has decided its first occurrence.
            let forward = hosts.count == 1 ? 900 : 70
            setClock(of: host, ahead: .seconds(random.pick([-600, -90, -1, 0, 0, 2, 30, forward])))
        case 4, 5: reload(host)
        case 6:
            guard hosts[host].scheduler != nil, hosts[host].stopAskedAt == nil else { break }
            hosts[host].stopAskedAt = now
            schedule(.deliver(.hurry, host: host, life: hosts[host].life), in: .seconds(30))
            take(.stop, host)
        default: break
        }
        schedule(.trouble, in: .seconds(random.number(1...120)))
    }

    private mutating func setClock(of host: Int, ahead: Duration) {
        hosts[host].ahead = ahead
        take(.woke, host)
    }

    private mutating func reload(_ host: Int) {
        guard !isStoreDown, hosts[host].scheduler != nil else { return }
        let catalog = random.pick(plan.catalogs)
        let watermarks = store.register(catalog.jobs.map(\.name), now: wall(host))
        take(.loaded(catalog, watermarks: watermarks, abandoned: []), host)
    }

    /// The end of all faults: the clocks are right, the store answers, and every host runs.
    mutating func calmDown() {
        isCalm = true
        isStoreDown = false
        for host in hosts.indices {
            setClock(of: host, ahead: .zero)
            if hosts[host].stopAskedAt == nil { boot(host) }
        }
    }

    // MARK: The store

    /// Does what a host asked for, unless the store is away; then the host gets an answer or an error.
    mutating func commit(_ effect: Effect, _ host: Int, _ life: Int) {
        let isFaulty = !isCalm && random.oneIn(plan.storeErrorOneIn)
        let isLostBefore = isStoreDown || isFaulty && random.oneIn(2)
        let error = isLostBefore || isFaulty ? StoreError(.unreachable, "simulated") : nil
        if let event = event(of: effect, host, isLost: isLostBefore, error) {
            schedule(.deliver(event, host: host, life: life), in: latency(until: .milliseconds(20)))
        }
    }

    private mutating func event(of effect: Effect, _ host: Int, isLost: Bool, _ error: StoreError?) -> Event?
    {
        func result<Value>(_ value: Value?) -> Result<Value, StoreError> {
            if error == nil, let value { return .success(value) }
            return .failure(error ?? StoreError(.unreachable, "simulated"))
        }
        switch effect {
        case .run(let id, _, .claim(let claim)):
            return .run(id, .claimAnswered(result(isLost ? nil : store.claim(claim))))
        case .run(let id, _, .recordAttempt(let owned, let number, let at)):
            let answer = isLost ? nil : store.startAttempt(owned, number: number, at: at)
            return .run(id, .attemptRecorded(result(answer)))
        case .run(let id, _, .recordRetry(let owned, let attempt, let retryAt)):
            let answer = isLost ? nil : store.awaitRetry(owned, attempt, retryAt: retryAt)
            return .run(id, .retryRecorded(result(answer)))
        case .run(let id, _, .recordFinish(let owned, let completion)):
            return .run(id, .finishRecorded(result(isLost ? nil : store.finish(owned, completion))))
        case .record(let job, let rows):
            return .recorded(job, result(isLost ? nil : store.record(rows)))
        case .renew(let owned):
            let lost = isLost ? [] : store.renew(owned, lease: EngineLimits.lease)
            return error == nil && !lost.isEmpty ? .renewed(lost: lost) : nil
        case .takeOver:
            guard !isLost, let id = hosts[host].scheduler?.host else { return nil }
            let abandoned = store.takeOver(
                host: id, hostRestarted: false, lease: EngineLimits.lease, limit: EngineLimits.takeOverMax)
            return error == nil && !abandoned.isEmpty ? .tookOver(abandoned) : nil
        case .run(_, _, .send), .cancel, .ended, .drained: return nil
        }
    }
}
