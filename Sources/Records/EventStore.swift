package import CivilTime
package import RunModel

/// Something that happened to a host or a catalog, and that may explain what became of a run.
package struct StoreEvent: Sendable, Equatable {
    /// What kind of thing happened.
    package enum Kind: String, Sendable, CaseIterable {
        /// A wall clock was set, or a host slept.
        case clockStep = "clock_step"
        /// Another version of the zone data came into force.
        case zoneData = "zone_data"
        /// Another catalog came into force.
        case reload
        /// A person paused jobs.
        case paused
        /// A person ended a pause.
        case resumed
        /// The store was away for a while.
        case storeOutage = "store_outage"
        /// The store had lost what it had recorded, and was told again.
        case storeRewound = "store_rewound"
        /// A person set a job back to a time, since a clock that was ahead had decided what was still to come.
        case rewound
        /// Two hosts made a run for the same occurrence, which only an outage of the store makes possible.
        case duplicate
        /// Something that a newer version noted, as the detail says; never written.
        case other
    }

    /// When, by the clock of the host that noted it.
    package var at: Instant
    /// The host that noted it.
    package var host: HostID
    /// What kind of thing it was.
    package var kind: Kind
    /// The job that it concerns; nil for none or all.
    package var job: JobName?
    /// What happened, in a sentence for people; at most `Limits.detailBytesMax` bytes, holds no secret.
    package var detail: String

    package init(at: Instant, host: HostID, kind: Kind, job: JobName? = nil, detail: String) {
        self.at = at
        self.host = host
        self.kind = kind
        self.job = job
        self.detail = detail
    }
}

/// A definition of a job, and since when it was in force.
package struct StoredDefinition: Sendable, Equatable {
    /// The job that it defines.
    package var job: JobName
    /// From then on, until the next definition of the job.
    package var since: Instant
    /// nil from when the job was taken out.
    package var configHash: String?
    /// The version of the zone data that its schedule was made with; nil when it is not known.
    package var zoneData: String?
    /// What `JobRegistration.definition` said.
    package var definition: String?
    /// The host that put it in force first.
    package var host: HostID

    package init(
        job: JobName, since: Instant, configHash: String?, zoneData: String?, definition: String?,
        host: HostID
    ) {
        self.job = job
        self.since = since
        self.configHash = configHash
        self.zoneData = zoneData
        self.definition = definition
        self.host = host
    }

    /// Since when the definition of each job that was noted last has been in force, whatever version the zone data had;
    /// those of one job come oldest first. None for a job that was taken out.
    package static func inForceSince(_ definitions: [StoredDefinition]) -> [JobName: Instant] {
        var since: [JobName: Instant] = [:]
        var hashes: [JobName: String] = [:]
        for definition in definitions where definition.configHash != hashes[definition.job] {
            hashes[definition.job] = definition.configHash
            since[definition.job] = definition.configHash == nil ? nil : definition.since
        }
        return since
    }
}

/// What happened beside the runs, for those who ask why.
package protocol EventStore: Sendable {
    /// At most `limit` events from `from` on and before `until`, oldest first; of a job, those that concern no job in
    /// particular included.
    func events(from: Instant, until: Instant, job: JobName?, limit: Int) async throws(StoreError)
        -> [StoreEvent]
}
