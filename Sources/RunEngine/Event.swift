package import CivilTime
package import JobCatalog
package import Records
package import RunModel

/// All that can happen to the scheduler.
package enum Event: Sendable {
    /// The first catalog of a daemon, which the store knows already, is in force from now on.
    case loaded(RegisteredCatalog)
    /// Files were read anew: this catalog is to come into force. The numbers grow.
    case reload(Catalog, number: Int)
    /// The answer to `Effect.register`.
    case registered(Result<RegisteredCatalog, StoreError>, number: Int)
    /// It is `Scheduler.wakeAt`, or any other time.
    case woke
    /// Something happened to a run.
    case run(RunID, RunEvent)
    /// Rows that were to be recorded for a job are, or are not; with the rows that were left out, as
    /// `RunStore.record` answers them.
    case recorded(JobName, Result<[RunID: Instant], StoreError>)
    /// The store answered which leases were lost.
    case renewed(lost: [OwnedRun])
    /// Runs whose owner is gone are this host's now.
    case tookOver([AbandonedRun])
    /// Somebody asked for a run, and the store has given it to this host: no attempt has started.
    case asked(RunRecord, OwnedRun)
    /// Somebody gives a run up; who it is goes into the run's detail.
    case cancel(RunID, by: String)
    /// Whether this host's clock is ahead of the store's by more than `Limits.clockAheadMax`; the answer to
    /// `Effect.compareClocks`, or news.
    case clock(isAhead: Bool)
    /// Whether the store is away and nothing may begin until it is back; news.
    case held(Bool)
    /// People set back how far these jobs had come, to these instants.
    case rewound([JobName: Instant])
    /// So many runs of all hosts have not ended, by what the store said last.
    case counted(liveRuns: Int)
    /// The daemon is to stop: nothing new starts, what is under way may end.
    case stop
    /// Waiting for what is under way ends.
    case hurry
}

/// All that the scheduler wants done.
package enum Effect: Sendable, Equatable {
    /// A catalog to make known to the store, answered by `Event.registered`; the first of a daemon also takes over what an
    /// earlier one of this host left behind.
    case register(Catalog, number: Int, isFirst: Bool)
    /// The catalog of this number, 0 for the first of a daemon, is in force from now on: what follows is decided by it.
    case inForce(number: Int)
    /// An effect of one run, answered by `Event.run` with its event.
    case run(RunID, Job, RunEffect)
    /// Ends the request of a run, whose `exchanged` then comes soon.
    case cancel(RunID)
    /// The store's clock to compare with this host's, answered by `Event.clock`; nothing is answered when the store fails.
    case compareClocks
    /// Rows to record, answered by `Event.recorded`.
    case record(JobName, [RunRecord])
    /// Leases to renew, answered by `Event.renewed`; nothing is answered when the store fails.
    case renew([OwnedRun])
    /// Abandoned runs to look for, but for those that this host has, in the order of their identities; answered by
    /// `Event.tookOver`. Nothing is answered when the store fails.
    case takeOver(except: [RunID])
    /// The lease of a run was lost: another host decides about it.
    case lost(RunID, JobName)
    /// A run has its outcome.
    case ended(RunRecord)
    /// Nothing is under way any more, after `stop`.
    case drained
}
