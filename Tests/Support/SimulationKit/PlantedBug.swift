/// Mistakes that a scheduler or a store could make. Each is made around the real scheduler, in what it is told, in what
/// becomes of its wishes, or in the simulated store, to show that the checks of a world would find it.
package enum PlantedBug: String, CaseIterable, Sendable {
    // In the store.

    /// The store gives an occurrence to whoever asks, also when it was decided before.
    case claimWithoutConstraint = "claim-without-constraint"
    /// A claim is granted while another run of the job is live.
    case overlapIgnored = "overlap-ignored"
    /// Writes are taken from every host that once owned the run.
    case writeWithoutFence = "write-without-fence"
    /// The watermark is moved before the row is committed, and stays when the commit fails.
    case watermarkBeforeCommit = "watermark-before-commit"
    /// Rows are written without moving the watermark.
    case watermarkLeftBehind = "watermark-left-behind"
    /// A row of several occurrences is left out whole, in silence, when its first was decided before.
    case sharedRowLeftOut = "shared-row-left-out"
    /// A claim is granted while the job is paused.
    case pauseIgnored = "pause-ignored"
    /// Leases never run out.
    case leaseWithoutEnd = "lease-without-end"
    /// A takeover gives a host the runs that it holds as well, whose leases ran out while it was suspended.
    case heldTakenOver = "held-taken-over"
    /// The outcome is acknowledged and not written.
    case outcomeNotWritten = "outcome-not-written"
    /// The reason of an outcome is not written.
    case reasonNotWritten = "reason-not-written"
    /// A row that another paused occurrence joins does not count it.
    case pausedNotCounted = "paused-not-counted"
    /// Pruning notes nothing, so that what it deleted may be decided anew.
    case pruningReopens = "pruning-reopens"
    /// Pruning deletes the watermark with a job's last row.
    case pruningForgetsJob = "pruning-forgets-job"
    /// Pruning goes by when a run was due, not by when it ended.
    case pruningTakesLive = "pruning-takes-live"

    // Between a scheduler and its store.

    /// A restarted host computes what is next from now, not from the watermark.
    case nextFromNow = "next-from-now"
    /// Rows that the store failed to record are taken for recorded.
    case failureTakenForSuccess = "failure-taken-for-success"
    /// A claim that failed is taken for one that another host won.
    case failureTakenForDecided = "failure-taken-for-decided"
    /// The answers that a run has another owner now are not heeded.
    case lateAnswersObeyed = "late-answers-obeyed"
    /// The request goes out while its attempt is still being recorded.
    case sentBeforeRecorded = "sent-before-recorded"

    // Around outages.

    /// What was journalled last is gone after a crash.
    case notOnDisk = "not-on-disk"
    /// Writes come out of the journal in the wrong order.
    case wrongOrder = "wrong-order"
    /// While the journal is delivered, leases are not renewed.
    case leasesLeftInDelivery = "leases-left-in-delivery"
    /// A host takes over what others have as soon as the store is back.
    case tookOverAtOnce = "took-over-at-once"
    /// Nobody asks the store for the proof of a run that an earlier daemon claimed.
    case holdingNotAsked = "holding-not-asked"
    /// Of a row that another host had decided a part of, what is left is not recorded.
    case restNotTold = "rest-not-told"
    /// What a store has forgotten is not delivered again.
    case rewindNotDelivered = "rewind-not-delivered"
    /// A store that is away is not asked again.
    case recoveryForgotten = "recovery-forgotten"
    /// A host does not see who shares the store with it.
    case companyUnseen = "company-unseen"

    // In time.

    /// The host acts on a time two seconds ahead of its clock.
    case startsEarly = "starts-early"
    /// The plan is made anew when the clock is set back.
    case backwardStepRepeats = "backward-step-repeats"
    /// The host goes on for a while after it was asked to stop.
    case startsAfterStop = "starts-after-stop"

    // Around runs by hand.

    /// While a run by hand is live, occurrences are taken for decided by it.
    case handTakenForDue = "hand-taken-for-due"
    /// A run by hand that a pause refuses is recorded as skipped.
    case refusalRecorded = "refusal-recorded"
    /// A run by hand that somebody forces is held back by a pause.
    case forceIgnored = "force-ignored"
    /// A run by hand that nobody forces is made during a pause.
    case pauseIgnoredByHand = "pause-ignored-by-hand"
    /// A run by hand is tried again, as those of the schedule are.
    case handRetried = "hand-retried"
    /// A host goes on with a run by hand whose command is gone.
    case handTakenUp = "hand-taken-up"

    // Around boots and changes of definitions.

    /// Each start of a daemon is taken for a boot.
    case startTakenForBoot = "start-taken-for-boot"
    /// Each load of a definition is taken for its registration.
    case loadTakenForRegistration = "load-taken-for-registration"
    /// A catalog whose registration failed is registered later, although a newer one has superseded it.
    case supersededRegistered = "superseded-registered"
    /// A definition that changed while no daemon ran counts from what was decided last.
    case changeRetroactive = "change-retroactive"

    // In the definition of the job that the scheduler is given.

    /// Delays are rolled anew at each start.
    case jitterRolledAgain = "jitter-rolled-again"
    /// Occurrences are made up for although the job does not catch up.
    case catchUpUnasked = "catch-up-unasked"
    /// Occurrences are made up for however old they are.
    case catchUpWithoutWindow = "catch-up-without-window"
    /// Runs start however late they are.
    case deadlineIgnored = "deadline-ignored"
    /// There is one attempt more than the job allows.
    case retryTooMany = "retry-too-many"
    /// A job whose last occurrence has passed when its file is read is left out.
    case overLeftOut = "over-left-out"
    /// A zone keeps the offset that it had when the job was loaded.
    case daylightSavingIgnored = "daylight-saving-ignored"
}
