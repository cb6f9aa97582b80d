package import CivilTime
package import JobCatalog
package import Records
package import Scheduling

/// A definition of a job and since when it was in force, ready to compute what it made due.
package struct DefinitionSpan: Sendable {
    /// What it made due.
    package enum Content: Sendable {
        /// The occurrences of this job, as far as it was enabled.
        case job(Job)
        /// Nothing: the job was out of the files, or runs by hand only.
        case nothing
        /// Nobody can tell, for this reason.
        case unknown(String)
    }

    /// From then on, until the next definition of the job.
    package var since: Instant
    /// Identifies the definition, as rows do; nil when the job was out of the files.
    package var configHash: String?
    /// What it made due.
    package var content: Content
    /// What to know of the zone data with which that is computed; nil when it is the zone data of then, or does not matter.
    package var zoneNote: String?

    package init(since: Instant, configHash: String?, content: Content, zoneNote: String? = nil) {
        self.since = since
        self.configHash = configHash
        self.content = content
        self.zoneNote = zoneNote
    }

    /// The span of a definition as it was kept; `zones` are today's.
    package init(_ definition: StoredDefinition, zones: any ZoneSource) {
        since = definition.since
        configHash = definition.configHash
        zoneNote = nil
        guard definition.configHash != nil else {
            content = .nothing
            return
        }
        guard let text = definition.definition else {
            content = .unknown("its definition was not kept")
            return
        }
        do throws(DefinitionError) {
            guard let job = try Job.recorded(text, of: definition.job, since: since, zones: zones) else {
                content = .nothing
                return
            }
            content = .job(job)
            if let then = definition.zoneData, let now = zones.dataVersion, then != now,
                job.schedule?.zone.isFixed == false
            {
                zoneNote = "zone data \(then) was in force then, and this is computed with \(now)"
            }
        } catch {
            content = .unknown("its definition is not understood: \(error.message)")
        }
    }

    /// The job, when it is known and enabled.
    package var job: Job? {
        if case .job(let job) = content, job.isEnabled { job } else { nil }
    }

    /// Whether nobody can tell what it made due.
    package var isUnknown: Bool {
        if case .unknown = content { true } else { false }
    }

    /// The first occurrence after `instant` by this definition.
    package func next(after instant: Instant) -> Occurrence? { job?.next(after: instant) }

    /// The occurrence at exactly `instant`; nil when the definition makes nothing due then.
    package func occurrence(at instant: Instant) -> Occurrence? {
        guard let next = next(after: instant - .microseconds(1)), next.instant == instant else { return nil }
        return next
    }
}
