package import CivilTime
package import RunModel

/// One start of a daemon, told from another one of the same identity: two of them come of a state directory that was copied.
package struct DaemonInstance: Sendable, Equatable {
    /// Random, made at the start; at most `DaemonInstance.numberBytes` bytes.
    package var number: String
    /// The number of the instance before it, which is gone for certain; nil when that is not known.
    package var former: String?

    package init(number: String, former: String? = nil) {
        self.number = number
        self.former = former
    }

    /// 64 bits in hexadecimal: no two starts have one number by chance.
    package static let numberBytes = 16
}

/// What a daemon says of itself every minute.
package struct Heartbeat: Sendable, Equatable {
    /// Which of the hosts that share the store it is.
    package var host: HostID
    /// Which start of the host's daemon it is.
    package var instance: DaemonInstance
    /// Of its program.
    package var version: String
    /// When it started, by its own clock.
    package var startedAt: Instant
    /// What its wall clock shows, from which the store computes how far that is off.
    package var at: Instant
    /// `Catalog.hash` of the catalog in force.
    package var catalogHash: String
    /// The number of jobs in force.
    package var jobs: Int
    /// Whether it says goodbye: from now on it is not expected to be there.
    package var isStopping: Bool
    /// For the jobs where it changed since the last heartbeat that was kept: the next occurrence's due instant, nil
    /// when there is none.
    package var nextDue: [JobName: Instant?]
    /// For jobs of `nextDue`: the occurrence after the next one; none for those that have none.
    package var followingDue: [JobName: Instant]

    package init(
        host: HostID, instance: DaemonInstance, version: String, startedAt: Instant, at: Instant,
        catalogHash: String, jobs: Int, isStopping: Bool = false, nextDue: [JobName: Instant?] = [:],
        followingDue: [JobName: Instant] = [:]
    ) {
        self.host = host
        self.instance = instance
        self.version = version
        self.startedAt = startedAt
        self.at = at
        self.catalogHash = catalogHash
        self.jobs = jobs
        self.isStopping = isStopping
        self.nextDue = nextDue
        self.followingDue = followingDue
    }
}

/// What the store knows of a host.
package struct HostSighting: Sendable, Equatable {
    /// Which host it is.
    package var host: HostID
    /// Of its program, when it was seen last.
    package var version: String
    /// When its daemon started, by its own clock.
    package var startedAt: Instant
    /// When it was seen last, by the store's clock.
    package var seenAt: Instant
    /// How far its clock was ahead of the store's then; negative when behind.
    package var clockOffset: Duration
    /// Of the catalog that was in force there.
    package var catalogHash: String
    /// The number of jobs in force there.
    package var jobs: Int
    /// Whether it stopped in order, and did not just fall silent.
    package var hasStopped: Bool
    /// Whether it has been silent for less than `HostSighting.silenceMax`, by the store's clock, and has not stopped.
    package var isAlive: Bool
    /// When another instance of the same identity was seen last that is not known to be gone; nil when none was for
    /// `HostSighting.silenceMax`.
    package var otherSeenAt: Instant?
    /// Whether it has said that it delivers what it made while the store was away.
    package var isDelivering: Bool

    package init(
        host: HostID, version: String, startedAt: Instant, seenAt: Instant, clockOffset: Duration,
        catalogHash: String, jobs: Int, hasStopped: Bool, isAlive: Bool, otherSeenAt: Instant? = nil,
        isDelivering: Bool = false
    ) {
        self.host = host
        self.version = version
        self.startedAt = startedAt
        self.seenAt = seenAt
        self.clockOffset = clockOffset
        self.catalogHash = catalogHash
        self.jobs = jobs
        self.hasStopped = hasStopped
        self.isAlive = isAlive
        self.otherSeenAt = otherSeenAt
        self.isDelivering = isDelivering
    }

    /// How often a daemon says that it is there.
    package static let heartbeat: Duration = .seconds(60)
    /// A host that has not been seen for as long counts as gone: three heartbeats.
    package static let silenceMax: Duration = .seconds(180)
    /// A clock that is further off than this is reported: enough for any network's delay, too much for a host that
    /// keeps time.
    package static let clockOffsetMax: Duration = .seconds(5)
    /// What to do about a clock that is off.
    package static let clockHint = "set the clock of this host, or that of the database server, by NTP"
    /// A host that has not been seen for as long is forgotten: longer than anybody asks who was there.
    package static let memoryMax: Duration = .seconds(30 * 86_400)
}

/// Where hosts say that they are there.
package protocol HostStore: Sendable {
    /// Notes that the host is there, and when its jobs are due next; answers all hosts, the one asking included, by
    /// name. Hosts that were not seen for `HostSighting.memoryMax` are forgotten. When it throws, the host may have
    /// been noted and the jobs not: calling it again is harmless.
    ///
    /// What it finds noted by an instance that is neither this one nor its former one, and has not stopped, is another
    /// one's (`HostSighting.otherSeenAt`). A program of the version before is known by when it started.
    func heartbeat(_ heartbeat: Heartbeat) async throws(StoreError) -> [HostSighting]
}
