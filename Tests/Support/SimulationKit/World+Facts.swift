import CivilTime
import JobCatalog
import Records
import RunEngine
import RunModel
import RunStoreConformance

/// What must hold of outages: what a host was told is kept, and who is alive keeps its runs.
extension World {
    /// What a host was told is recorded.
    struct Fact {
        var host: Int
        var run: RunID
        var attempt: Int?
        var finishedAt: Instant?
    }

    mutating func noteFact(_ write: StoreWrite, _ answer: Result<StoreAnswer, StoreError>, _ host: Int) {
        guard case .success(.owner(true)) = answer else { return }
        switch write {
        case .startAttempt(let owned, let number, _):
            sightings.facts.append(Fact(host: host, run: owned.id, attempt: number))
        case .awaitRetry(let owned, let attempt, _):
            sightings.facts.append(Fact(host: host, run: owned.id, attempt: attempt.number))
        // What is known may come later, and wins.
        case .finish(_, let end) where end.outcome == .unknown: break
        case .finish(let owned, let end):
            sightings.facts.append(Fact(host: host, run: owned.id, finishedAt: end.finishedAt))
        case .register, .claim, .record, .note: break
        }
    }

    /// Whether several hosts may have made the run, each without knowing of the other, as the manual says.
    func mayBeDouble(_ run: RunID) -> Bool {
        hosts.count > 1 && (sightings.bridged.contains(run) || sightings.forgotten.contains(run))
    }

    /// How long a host that was cut off alone, or asleep, needs to find its runs again.
    private static let findsBackIn: Duration = .seconds(10)

    /// A host that is there, and lost the store with all the others or not at all, has renewed what it has.
    mutating func checkTakeover(of run: RunID, from former: HostID?, by host: Int) {
        guard let owner = hosts.indices.first(where: { hostID($0) == former }), owner != host,
            !sightings.leasesCut.contains(run), hosts[owner].machine != nil,
            hosts[owner].suspendedUntil <= now, hosts[owner].line.cutUntil <= now,
            hosts[owner].line.troubledAt + Self.findsBackIn < now
        else { return }
        let isHeld =
            // Of what it has in the journal alone the store has no lease that it could renew.
            hosts[owner].scheduler?.runs[run].map { $0.owned.map { $0.fence > 0 } ?? false } ?? false
            || hosts[owner].disk.hasEnd(of: run)
        guard isHeld else { return }
        violate(.aliveKept, "host \(host) takes over run \(run), which host \(owner) has")
    }

    /// With `auto` nothing begins without the store on a host that shares it with another one.
    mutating func checkCompany(_ host: Int, _ policy: StoreOutagePolicy) {
        let seen = HostSighting.heartbeat
        // Worlds leave heartbeats out while nothing happens; who was not there for one cannot know who else is.
        guard plan.outagePolicy == .auto, policy == .run, hosts[host].scheduler != nil,
            hosts[host].lookedAt + seen * 2 > now
        else { return }
        for other in hosts.indices where other != host {
            guard hosts[other].scheduler != nil, hosts[other].suspendedUntil <= now - seen,
                hosts[other].line.cutUntil <= now - seen, hosts[other].line.troubledAt < now - seen,
                hosts[host].line.troubledAt < now - seen * 2
            else { continue }
            violate(.companyHeeded, "host \(host) goes on without the store, and host \(other) is there")
        }
    }

    // MARK: At the end

    /// Whether nothing of an outage is left.
    var isTold: Bool {
        hosts.allSatisfy { host in
            host.hasLeft
                || host.machine.map { $0.outage == nil && $0.status.backlog.count == 0 && !$0.wantsRecovery }
                    ?? false && host.disk.journal.isEmpty
        }
    }

    mutating func checkOutages() {
        for host in hosts.indices where !hosts[host].hasLeft {
            if hosts[host].machine?.outage != nil || !hosts[host].disk.journal.isEmpty {
                violate(
                    .outageEnds,
                    "host \(host) has \(hosts[host].disk.journal.count) writes left, the store being there")
            }
        }
        let pruned = Dictionary(store.pruned.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        for fact in sightings.facts { check(fact, pruned[fact.run]) }
        for (host, what, problem) in sightings.aside { checkAside(what, problem, host) }
    }

    private mutating func check(_ fact: Fact, _ pruned: RunRecord?) {
        let row = store.rows[fact.run]
        let isKept =
            fact.attempt.map { number in
                pruned != nil || row?.attempts.contains { $0.number == number } ?? false
            } ?? ((row?.record ?? pruned)?.finishedAt == fact.finishedAt)
        let isAside = sightings.aside.contains { $0.host == fact.host && $0.what.contains("\(fact.run)") }
        // What the store had forgotten another host may have taken over, before this one was there to tell it.
        let isElsewhere =
            sightings.forgotten.contains(fact.run)
            && sightings.owners[fact.run]?.contains { $0 != fact.host } ?? false
        guard !isKept, !isAside, !isElsewhere, !hosts[fact.host].hasLeft else { return }
        let what = fact.attempt.map { "attempt \($0)" } ?? "the end"
        violate(.toldIsKept, "host \(fact.host) was told of \(what) of run \(fact.run), which is not kept")
    }

    /// Only what another host had a part in keeps a write from the store.
    private mutating func checkAside(_ what: String, _ problem: String, _ host: Int) {
        let runs = Set(sightings.owners.keys).union(sightings.bridged).filter { what.contains("\($0)") }
        let isShared = runs.contains { run in
            sightings.owners[run]?.contains { $0 != host } ?? false
                || (store.rows[run]?.record).map { $0.host != hostID(host) } ?? false
                || sightings.forgotten.contains(run) && hosts.count > 1
                // Nobody can tell a store again of a job that it has forgotten, before a daemon has registered it.
                || sightings.forgotten.contains(run) && store.rows[run] == nil
                // A command that made it is another owner, as a host is.
                || store.rows[run]?.record.trigger == .manual
                || sightings.claimedAlone[run].map { wasDecided($0, byOthersThan: host) } ?? false
        }
        guard !isShared else { return }
        violate(.asideShared, "host \(host) sets \(what) aside, and no other had a part in it: \(problem)")
    }

    /// Whether another host has a row for the occurrence of a run, or has gone past it by another definition, or a pause has one.
    private func wasDecided(_ run: RunRecord, byOthersThan host: Int) -> Bool {
        guard let at = run.scheduledFor else { return false }
        // Another definition, which another host put in force meanwhile, counts from then.
        if hosts.count > 1, plan.changing.contains(where: { $0.job.name == run.job }) { return true }
        return (store.rows.values.map(\.record) + store.pruned).contains { row in
            guard row.job == run.job else { return false }
            if row.reason == .paused, row.decides(at) { return true }
            guard row.host != hostID(host) else { return false }
            let isPast = (row.scheduledUntil ?? row.scheduledFor).map { $0 > at } ?? false
            return row.decides(at) || isPast && row.configHash != run.configHash
        }
    }
}
