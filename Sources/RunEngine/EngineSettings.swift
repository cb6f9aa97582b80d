package import CivilTime

/// What an operator may set of the engine.
package struct EngineSettings: Sendable, Equatable {
    /// How long a run whose connection is refused waits for the API, from its first request on; zero: not at all.
    package var apiGrace: Duration
    /// How long after the first load no occurrence is made up for; zero: at once.
    package var startDelay: Duration
    /// How long a run stays its owner's without a renewal, `EngineLimits.leaseBounds`.
    package var lease: Duration
    /// How many requests of this host may be under way at once, `EngineLimits.requestsBounds`.
    package var requestsMax: Int
    /// No clock that shows an earlier time is right: before it no catalog is registered.
    package var clockFloor: Instant

    package init(
        apiGrace: Duration = .zero, startDelay: Duration = .zero, lease: Duration = EngineLimits.lease,
        requestsMax: Int = EngineLimits.requestsMax, clockFloor: Instant = .earliest
    ) {
        self.apiGrace = apiGrace
        self.startDelay = startDelay
        self.lease = lease
        self.requestsMax = requestsMax
        self.clockFloor = clockFloor
    }

    /// How often leases are renewed and abandoned runs looked for: a third of the lease, so that two may be lost.
    package var heartbeat: Duration { lease / 3 }

    /// How late a run may go on whose host was lost: on time, and then the time that it takes to replace a host.
    package var lateAfter: Duration { EngineLimits.onTimeTolerance + lease + heartbeat }

    /// How often abandoned runs are looked for while no run is live anywhere. No longer than a lease: a run that begins
    /// meanwhile on another host is seen before it can be abandoned.
    package var quietHeartbeat: Duration { max(heartbeat, min(lease, EngineLimits.sleepMax)) }
}
