import CivilTime
import JobCatalog
import Records
import RunModel

/// Which jobs the store knows, and their definitions.
extension SimulatedStore {
    /// A definition that was put in force; without a hash, the job was taken out.
    struct Definition {
        var hash: String?
        var zoneData: String?
        var since: Instant
    }

    /// What `RunStore.register` does.
    mutating func register(_ catalog: Catalog, by host: HostID, now: Instant) -> [JobName: RegisteredJob] {
        var known: [JobName: RegisteredJob] = [:]
        for job in catalog.jobs {
            let before = definitions[job.name]?.last
            let definition = Definition(
                hash: catalog.configHash(of: job), zoneData: catalog.zoneData, since: now)
            if before?.hash != definition.hash || before?.zoneData != definition.zoneData {
                define(job.name, definition)
            }
            definers[job.name] = host
            known[job.name] = RegisteredJob(
                watermark: seen(job.name, at: now), previousHash: before?.hash,
                inForceSince: inForceSince(job.name))
        }
        for name in definers.keys.sorted() where definers[name] == host && known[name] == nil {
            definers[name] = nil
            define(name, Definition(hash: nil, zoneData: nil, since: now))
        }
        return known
    }

    private mutating func define(_ job: JobName, _ definition: Definition) {
        var definition = definition
        if let last = definitions[job]?.last {
            definition.since = max(definition.since, last.since + .microseconds(1))
        }
        definitions[job, default: []].append(definition)
    }

    /// Since when the definition that was put in force last has been, whatever version the zone data had.
    private func inForceSince(_ job: JobName) -> Instant? {
        guard let all = definitions[job], let hash = all.last?.hash else { return nil }
        return all.reversed().prefix { $0.hash == hash }.last?.since
    }
}
