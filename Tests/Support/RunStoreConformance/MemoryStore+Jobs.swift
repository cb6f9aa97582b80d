import CivilTime
import Records
package import RunModel

/// Jobs and pauses.
extension MemoryStore {
    mutating func makeKnown(
        _ jobs: [JobRegistration], by host: HostID?, now: Instant
    ) -> [JobName: RegisteredJob] {
        var known: [JobName: RegisteredJob] = [:]
        for registration in jobs {
            var row = self.jobs[registration.job] ?? JobRow(watermark: registration.decidedUntil ?? now)
            let last = row.definitions.last
            let since =
                last == nil ? registration.knownSince ?? registration.decidedUntil ?? now : now
            known[registration.job] = RegisteredJob(watermark: row.watermark, previousHash: last?.configHash)
            if let host {
                row.host = host
                if last?.configHash != registration.configHash || last?.zoneData != registration.zoneData {
                    row.define(registration.job, registration, by: host, now: since)
                }
            }
            let hash = row.definitions.last?.configHash
            known[registration.job]?.inForceSince =
                hash.flatMap { hash in row.definitions.reversed().prefix { $0.configHash == hash }.last?.since
                }
            self.jobs[registration.job] = row
        }
        guard let host else { return known }
        for name in self.jobs.keys where self.jobs[name]?.host == host && known[name] == nil {
            self.jobs[name]?.host = nil
            self.jobs[name]?.define(name, nil, by: host, now: now)
        }
        return known
    }

    /// As `PauseStore.pause`.
    package mutating func pause(_ pause: Pause) {
        kept[pause.scope] = pause.storable
    }

    /// As `PauseStore.resume`.
    package mutating func resume(_ scope: PauseScope) -> Pause? {
        let pause = inForce(scope)
        kept[scope] = nil
        return pause
    }

    /// As `RunStore.pauses`.
    package func pauses() -> [Pause] {
        kept.keys.sorted { $0.key < $1.key }.compactMap { inForce($0) }
    }

    /// The pause in force that holds back a job.
    package func pause(holding job: JobName) -> Pause? { inForce(.all) ?? inForce(.job(job)) }

    private func inForce(_ scope: PauseScope) -> Pause? {
        kept[scope].flatMap { $0.isInForce(at: now) ? $0 : nil }
    }
}

extension MemoryStore.JobRow {
    /// Notes a definition, or that there is none any more, later than the one before it.
    fileprivate mutating func define(
        _ job: JobName, _ registration: JobRegistration?, by host: HostID, now: Instant
    ) {
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
