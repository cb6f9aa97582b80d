import JobCatalog

/// The bounds of the engine, each with its reason.
package enum EngineLimits {
    /// A start later than this was not on time: the daemon was down or asleep, and the catch-up policy decides.
    package static let onTimeTolerance = Job.onTimeTolerance
    /// How long a run stays its owner's without a renewal, when nothing is set: longer than a store restarts.
    package static let lease: Duration = .seconds(60)
    /// Shorter leases run out under a host that is only busy; after longer ones nobody waits for a host that is gone.
    package static let leaseBounds: ClosedRange<Duration> = .seconds(3) ... .seconds(3600)
    /// Requests of a host that may be under way at once, when nothing is set: a small API on the same machine answers as
    /// many in a burst, and more would only wait there instead of here.
    package static let requestsMax = 64
    /// One is the least that runs anything; more than half of the 1,024 open files of a service would leave too few.
    package static let requestsBounds: ClosedRange<Int> = 1...512
    /// The longest sleep of the loop, so that it shows that it lives: an idle daemon wakes once a minute.
    package static let sleepMax: Duration = .seconds(60)
    /// How often a host whose clock is ahead compares it with the store's: few starts are late once it is right.
    package static let clockComparison: Duration = .seconds(5)
    /// Missed occurrences of a job that get a row each after one absence; older ones share a row.
    package static let missedRowsMax = 100
    /// Occurrences of a job that are counted after one absence: four months of a job that is due each second.
    package static let missedCountMax = 10_000_000
    /// Starts that one turn looks at: the requests of the first leave while others of the same instant are looked at.
    package static let startsPerTurn = 256
    /// Calls to the store that are under way at once, of which those that come together share transactions; more would
    /// only wait there instead of here.
    package static let storeCallsMax = 256
    /// Runs taken over at once.
    package static let takeOverMax = 100
    /// How long after its start a daemon prunes first, at the earliest: what it missed comes before.
    package static let pruningDelay: Duration = .seconds(120)
    /// By how much more, at the most, so that the hosts of a store do not begin at once.
    package static let pruningSpread: Duration = .seconds(1800)
    /// How often a daemon prunes, when nothing is set: what grows in an hour is taken away in seconds.
    package static let pruningInterval: Duration = .seconds(3600)
    /// More often would only ask in vain; less often lets more than a day's rows wait.
    package static let pruningIntervals: ClosedRange<Duration> = .seconds(1) ... .seconds(86_400)
    /// Rows of a kind that are pruned in one transaction: a few milliseconds, so that nobody waits for them.
    package static let pruningBatch = 500
    /// The pause between two such transactions, in which others get their turn.
    package static let pruningPause: Duration = .milliseconds(200)
    /// The bounds of the wait before a store that failed is asked again.
    package static let storeRetry: ClosedRange<Duration> = .seconds(1) ... .seconds(30)
    /// How far the wall clock may be off when a boot is told from a clock that was set.
    package static let bootTolerance: Duration = .seconds(60)
    /// How long a boot may take until the daemon starts, and still be news when it does.
    package static let bootGrace: Duration = .seconds(600)
    /// The longest wait that an API may ask for: beyond a day the next occurrence, or a person, is the better retry.
    package static let retryAfterMax: Duration = .seconds(86400)
    /// A claim that the store has not answered for so long meets a store that is away, not one that is busy.
    package static let claimPatience: Duration = .seconds(5)
    /// Runs of a job with `overlap=allow` that wait for the store to answer their claims; those that fall due meanwhile
    /// are skipped, or a store that comes back would let them all begin at once.
    package static let unclaimedMax = 2 * Policy.catchUpMax
    /// How long after a refused connection an API that is not up yet is tried again.
    package static let apiPoll: Duration = .seconds(2)
    /// How long after an overlapping run of another host or person a waiting occurrence is tried again.
    package static let overlapRetry: Duration = .seconds(5)
}
