package import CivilTime
package import JobCatalog
package import RunModel

/// All that can happen to the scheduler.
package enum Event: Sendable {
    /// A catalog is in force from now on; the watermarks are the store's, one for each of its jobs. At the start of the
    /// daemon it brings the runs that an earlier daemon of this host left behind.
    /// A job owes nothing from before its `countsFrom`.
    case loaded(
        Catalog, watermarks: [JobName: Instant], countsFrom: [JobName: Instant] = [:],
        abandoned: [AbandonedRun])
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
    /// So many runs of all hosts have not ended, by what the store said last.
    case counted(liveRuns: Int)
    /// The daemon is to stop: nothing new starts, what is under way may end.
    case stop
    /// Waiting for what is under way ends.
    case hurry
}

/// All that the scheduler wants done.
package enum Effect: Sendable, Equatable {
    /// An effect of one run, answered by `Event.run` with its event.
    case run(RunID, Job, RunEffect)
    /// Ends the request of a run, whose `exchanged` then comes soon.
    case cancel(RunID)
    /// Rows to record, answered by `Event.recorded`.
    case record(JobName, [RunRecord])
    /// Leases to renew, answered by `Event.renewed`; nothing is answered when the store fails.
    case renew([OwnedRun])
    /// Abandoned runs to look for, answered by `Event.tookOver`; nothing is answered when the store fails.
    case takeOver
    /// A run has its outcome.
    case ended(RunRecord)
    /// Nothing is under way any more, after `stop`.
    case drained
}
