import CivilTime
import RandomInput
import Records
import RunEngine
import RunModel
import RunStoreConformance

/// How the store goes away, forgets, and comes back; and who is seen there.
extension World {
    /// The store goes away for everybody.
    mutating func beginOutage(for length: Duration) {
        seeAll()
        isStoreDown = true
        isStoreSilent = random.oneIn(3)
        storeReturnsAt = max(storeReturnsAt, now + length)
        schedule(.storeReturns, in: length)
        wakeAll()
    }

    mutating func endOutage() {
        isStoreDown = false
        // A server that was started anew, or a network that came back.
        if random.oneIn(2) { incarnation += 1 }
        // Who comes back finds many others there.
        if plan.faults.contains(.slow), random.oneIn(2) { slowDown() }
        note("the store is back")
    }

    mutating func slowDown() {
        storeSlowness = .seconds(random.number(1...8))
        schedule(.storeQuickens, in: latency(until: plan.faultsWithin))
    }

    /// The network of a host breaks.
    mutating func cut(_ host: Int, for length: Duration) {
        seeAll()
        hosts[host].line.cutUntil = now + length
        schedule(.troubled(host: host), in: length)
        wakeAll()
    }

    /// What is committed from now on will be lost, when another server takes over that does not have it.
    mutating func beginRewind() {
        guard backup == nil else { return }
        backup = store
        schedule(.failOver, in: .seconds(random.number(1...40)))
    }

    mutating func failOver() {
        guard backup != nil else { return }
        beginOutage(for: .seconds(random.number(1...60)))
        schedule(.promoted, in: storeReturnsAt - now)
    }

    /// The store is another one, which lacks the last that this one had taken.
    mutating func promote() {
        guard let backup else { return }
        self.backup = nil
        noteForgotten(backup)
        store = backup
        store.now = now + storeAhead
        incarnation += 1
        tally.rewinds += 1
        note("the store has forgotten what it took since a moment")
    }

    /// The runs that the store forgets something of, and what nobody can tell it again.
    private mutating func noteForgotten(_ backup: SimulatedStore) {
        let kept = Set(hosts.filter { !$0.hasLeft }.flatMap { $0.disk.kept.flatMap(\.runs) })
        for (id, row) in store.rows {
            let before = backup.rows[id]
            let isSame =
                before.map { old in
                    old.fence == row.fence && old.leaseUntil == row.leaseUntil && old.record == row.record
                } ?? false
            if isSame { continue }
            sightings.forgotten.insert(id)
            // Of what a pause skipped a host keeps its own part alone, if it heard of it.
            let isTold = kept.contains(id) && row.record.reason != .paused
            if before == nil || row.record.occurrences > 1, !isTold {
                sightings.untold.append(row.record)
            }
        }
        for id in backup.rows.keys where store.rows[id] == nil { sightings.forgotten.insert(id) }
    }

    // MARK: Who is there

    /// Whether a daemon can say that it is there.
    private func isSeen(_ host: Int) -> Bool {
        hosts[host].scheduler != nil && hosts[host].suspendedUntil <= now && hosts[host].line.cutUntil <= now
            && !isStoreDown
    }

    /// All who can say that they are there do, as they would have done by now.
    mutating func seeAll() {
        for host in hosts.indices where isSeen(host) { say(host, isStopping: false) }
        for host in hosts.indices where isSeen(host) && hosts[host].isDozing { learn(host) }
    }

    mutating func say(_ host: Int, isStopping: Bool) {
        guard isSeen(host) else { return }
        _ = store.records.heartbeat(
            Heartbeat(
                host: hostID(host), instance: DaemonInstance(number: "\(hosts[host].life)"),
                version: "simulated", startedAt: plan.start, at: wall(host), catalogHash: "", jobs: 1,
                isStopping: isStopping))
    }

    /// Who shares the store, as a host is told.
    mutating func sightings(for host: Int) -> [HostSighting] {
        for other in hosts.indices { say(other, isStopping: false) }
        let all = store.records.hosts()
        return bug == .companyUnseen ? all.filter { $0.host == hostID(host) } : all
    }

    /// A host that left out its heartbeats has heard who is there, as if it had not.
    private mutating func learn(_ host: Int) {
        let call = nextSerial()
        let uptime = now - plan.start
        let (wall, hosts) = (wall(host), sightings(for: host))
        guard case .ask? = self.hosts[host].machine?.handle(.asked(call, .read), at: wall, uptime: uptime)
        else {
            return
        }
        _ = self.hosts[host].machine?.handle(.answered(call, .hosts(hosts)), at: wall, uptime: uptime)
    }

    /// Hosts that left out heartbeats have them again, since those find something now.
    private mutating func wakeAll() {
        for host in hosts.indices where hosts[host].isDozing { arm(host) }
    }

    // MARK: What operators are told

    mutating func heed(_ news: JournalNews, _ host: Int) {
        note("host \(host) tells \(news)")
        switch news {
        case .setAside(let what, let problem): sightings.aside.append((host, what, problem))
        case .outageBegan(_, let policy):
            tally.outages += 1
            checkCompany(host, policy)
            if policy != .run { hold(true, host) }
        case .outageEnded(_, let delivered):
            tally.delivered += delivered
            hold(false, host)
        case .delivered(let count): tally.delivered += count
        case .rewound, .registeredAgain, .journalFailed: break
        }
    }

    private mutating func hold(_ isHeld: Bool, _ host: Int) {
        schedule(.deliver(.event(.held(isHeld)), to: daemon(host)), in: .zero)
    }
}
