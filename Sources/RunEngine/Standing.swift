package import CivilTime
package import JobCatalog
package import Records
package import RunModel

/// From when each job of a catalog counts, when a daemon starts with it.
///
/// A definition is never retroactive: what it would have been due before it came into force is not owed, also when it
/// was written while no daemon ran.
package struct Standing: Sendable, Equatable {
    /// The instant after which each job's occurrences are looked at.
    package private(set) var watermarks: [JobName: Instant] = [:]
    /// Before it each job owes nothing: just before its definition came into force; none where that is not known.
    package private(set) var countsFrom: [JobName: Instant] = [:]
    /// The jobs that were defined otherwise before, in the order of the catalog, with the last occurrence that was decided
    /// then: what the earlier definition was due after it is not known.
    package private(set) var redefined: [Redefinition] = []

    /// A job that was defined otherwise before.
    package struct Redefinition: Sendable, Equatable {
        /// The job that is meant.
        package var job: JobName
        /// The last occurrence that was decided under the earlier definition.
        package var decidedUntil: Instant

        package init(job: JobName, decidedUntil: Instant) {
            self.job = job
            self.decidedUntil = decidedUntil
        }
    }

    /// What the store knew before the catalog was registered at `now`; a job that it does not tell of counts from `now`.
    package init(_ catalog: Catalog, known: [JobName: RegisteredJob], now: Instant) {
        watermarks.reserveCapacity(catalog.jobs.count)
        countsFrom.reserveCapacity(catalog.jobs.count)
        for (index, job) in catalog.jobs.enumerated() {
            guard let before = known[job.name] else {
                watermarks[job.name] = now
                continue
            }
            let isSame = before.previousHash == catalog.configHash(at: index)
            guard let since = before.inForceSince ?? (isSame ? nil : now) else {
                watermarks[job.name] = before.watermark
                continue
            }
            // Just before it: a trigger may wait for that very instant.
            let start = since - .microseconds(1)
            watermarks[job.name] = max(before.watermark, start)
            countsFrom[job.name] = start
            if start > before.watermark, !isSame, before.previousHash != nil {
                redefined.append(Redefinition(job: job.name, decidedUntil: before.watermark))
            }
        }
    }
}
