package import CivilTime
package import Records
package import RunModel

/// What there is to know beside the runs, and forgetting.
extension InMemoryRunStore {
    package func heartbeat(_ heartbeat: Heartbeat) -> [HostSighting] {
        let now = clock()
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

    package func hosts() -> [HostSighting] {
        let silent = clock() - HostSighting.silenceMax
        return sightings.values.sorted { $0.host.description < $1.host.description }.map { host in
            var host = host
            host.isAlive = !host.hasStopped && host.seenAt > silent
            host.isDelivering = delivering[host.host].map { $0 > clock() } ?? false
            host.otherSeenAt = host.otherSeenAt.flatMap { $0 > silent ? $0 : nil }
            return host
        }
    }

    package func mark(_ host: HostID, deliveringFor lease: Duration) {
        delivering[host] = clock() + lease
    }

    func keep(_ events: [StoreEvent]) {
        for event in events {
            var event = event
            event.detail = event.detail.storable(bytesMax: Limits.detailBytesMax)
            guard !noted.contains(event) else { continue }
            noted.insert(event, at: noted.firstIndex { $0.at > event.at } ?? noted.endIndex)
        }
    }

    package func events(from: Instant, until: Instant, job: JobName?, limit: Int) -> [StoreEvent] {
        precondition(limit >= 1, "a limit of \(limit) asks for nothing")
        let found = noted.filter { event in
            from <= event.at && event.at < until && (job == nil || event.job == nil || event.job == job)
        }
        return Array(found.prefix(limit))
    }

    package func definitions(of job: JobName?) -> [StoredDefinition] {
        jobs.keys.sorted().filter { job == nil || $0 == job }.flatMap { jobs[$0]?.definitions ?? [] }
    }

    package func prune(_ retention: Retention, limit: Int) -> Pruning {
        precondition(limit >= 1, "a limit of \(limit) takes nothing")
        let now = clock()
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

extension InMemoryRunStore.JobRow {
    /// Notes a definition, or that there is none any more, later than the one before it.
    mutating func define(_ job: JobName, _ registration: JobRegistration?, by host: HostID, now: Instant) {
        let since = definitions.last.map { max(now, $0.since + .microseconds(1)) } ?? now
        definitions.append(
            StoredDefinition(
                job: job, since: since, configHash: registration?.configHash,
                zoneData: registration?.zoneData, definition: registration?.definition, host: host))
    }

    /// Forgets definitions that another had followed by then.
    mutating func forgetDefinitions(before: Instant) {
        while definitions.count > 1, definitions[1].since < before { definitions.removeFirst() }
    }
}
