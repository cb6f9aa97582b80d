import CivilTime
package import Records
package import RunModel

/// Hosts, events and who has which run; and forgetting.
extension MemoryStore {
    /// As `HostStore.heartbeat`.
    package mutating func heartbeat(_ heartbeat: Heartbeat) -> [HostSighting] {
        sightings = sightings.filter { $0.value.seenAt >= now - HostSighting.memoryMax }
        let (before, instance) = (sightings[heartbeat.host], instances[heartbeat.host])
        let isOther =
            before.map { !$0.hasStopped } ?? false
            && (instance != heartbeat.instance.number || before?.startedAt != heartbeat.startedAt)
            && (heartbeat.instance.former == nil || instance != heartbeat.instance.former)
        instances[heartbeat.host] = heartbeat.instance.number
        sightings[heartbeat.host] = HostSighting(
            host: heartbeat.host, version: heartbeat.version, startedAt: heartbeat.startedAt, seenAt: now,
            clockOffset: heartbeat.at - now, catalogHash: heartbeat.catalogHash, jobs: heartbeat.jobs,
            hasStopped: heartbeat.isStopping, isAlive: true,
            otherSeenAt: isOther ? before?.seenAt : before?.otherSeenAt)
        return hosts()
    }

    /// As `HostStore.hosts`.
    package func hosts() -> [HostSighting] {
        let silent = now - HostSighting.silenceMax
        return sightings.values.sorted { $0.host.description < $1.host.description }.map { host in
            var host = host
            host.isAlive = !host.hasStopped && host.seenAt > silent
            host.isDelivering = delivering[host.host].map { $0 > now } ?? false
            host.otherSeenAt = host.otherSeenAt.flatMap { $0 > silent ? $0 : nil }
            return host
        }
    }

    /// As `HostStore.mark`.
    package mutating func mark(_ host: HostID, deliveringFor lease: Duration) {
        delivering[host] = now + lease
    }

    mutating func keep(_ events: [StoreEvent]) {
        for event in events {
            var event = event
            event.detail = event.detail.storable(bytesMax: Limits.detailBytesMax)
            guard !noted.contains(event) else { continue }
            noted.insert(event, at: noted.firstIndex { $0.at > event.at } ?? noted.endIndex)
        }
    }

    /// As `HistoryStore.holdings`.
    package func holdings(of ids: [RunID]) -> [RunHolding] {
        ids.sorted().compactMap { runs[$0] }.map { row in
            RunHolding(
                id: row.record.id, host: row.record.host, state: row.record.state, fence: row.fence,
                attempts: row.record.attempts, retryAt: row.record.retryAt, finishedAt: row.record.finishedAt,
                outcome: row.record.outcome)
        }
    }

    /// As `PruningStore.prune`.
    package mutating func prune(_ retention: Retention, limit: Int) -> Pruning {
        precondition(limit >= 1, "a limit of \(limit) takes nothing")
        func ended(_ age: Duration) -> [RunRow] {
            runs.values.filter { $0.record.finishedAt.map { $0 < now - age } ?? false }
                .sorted { ($0.record.dueAt, $0.record.id) < ($1.record.dueAt, $1.record.id) }
        }
        let old = ended(retention.runs).prefix(limit)
        for row in old { forget(row.record) }
        var attempts = 0
        for row in ended(retention.attempts) {
            let taken = min(row.attempts.count, limit - attempts)
            runs[row.record.id]?.attempts.removeFirst(taken)
            attempts += taken
        }
        let answered = ended(retention.excerpts).filter { $0.record.responseExcerpt != nil }.prefix(limit)
        for row in answered { runs[row.record.id]?.record.responseExcerpt = nil }
        let events = min(noted.filter { $0.at < now - retention.runs }.count, limit)
        noted.removeFirst(events)
        for job in jobs.keys { jobs[job]?.forgetDefinitions(before: now - retention.runs) }
        return Pruning(runs: old.count, attempts: attempts, excerpts: answered.count, events: events)
    }
}
