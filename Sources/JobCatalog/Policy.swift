/// The rules under which a job runs.
package struct Policy: Sendable, Hashable {
    /// What becomes of an occurrence that falls due while a run of the job is live.
    package enum Overlap: String, Sendable, CaseIterable {
        /// It is recorded as skipped.
        case skip
        /// It waits, at most one; a later one takes its place.
        case queue
        /// The live run is ended and it starts.
        case replace
        /// Both run.
        case allow
    }

    /// What becomes of occurrences that fell due while no daemon was there.
    package enum CatchUp: String, Sendable, CaseIterable {
        /// They are recorded as missed.
        case none
        /// The last one is made up for, the others are recorded as missed.
        case latest
        /// Each is made up for, in order, up to `Policy.catchUpMax`.
        case all
    }

    /// After which failures a run tries again.
    package enum RetryOn: String, Sendable, CaseIterable {
        /// After every failure that another attempt may mend.
        case any
        /// Only when nothing of the request was sent: no address, no connection, no TLS.
        case unsent
    }

    /// Statuses that mean success.
    package var accept = StatusSet.successful
    /// Statuses that mean "not now": neither failure nor success, not retried.
    package var decline = StatusSet.none
    /// Attempts after the first, of scheduled runs.
    package var retries = 2
    /// What `retry-on=` says.
    package var retryOn = RetryOn.any
    /// The shortest wait before a retry, and the longest, to which the bound of the waits grows by doubling.
    package var backoff: ClosedRange<Duration> = .seconds(30) ... .seconds(600)
    /// The bound of one attempt.
    package var timeout: Duration = .seconds(60)
    /// The latest useful start after the due instant; nil: any time is useful.
    package var deadline: Duration?
    /// What `overlap=` says.
    package var overlap = Overlap.skip
    /// What `catch-up=` says.
    package var catchUp = CatchUp.none
    /// Occurrences older than this are not made up for.
    package var catchUpWindow: Duration = .seconds(366 * 86400)
    /// The largest delay of a start, spread over occurrences by a function of job and occurrence; at most
    /// `durationMax`.
    package var jitter: Duration = .zero
    /// Whether a person or a program may have it run now.
    package var allowsOnDemand = true
    /// How long after it was due health complains that a run has not ended well; nil: a time derived from the other rules.
    package var overdueAfter: Duration?

    /// The rules of a line without options.
    package init() {}

    /// The most occurrences that `CatchUp.all` makes up for: beyond it the API would be flooded after a long outage.
    package static let catchUpMax = 100
    /// The most attempts after the first.
    package static let retriesMax = 100
    /// The longest timeout and the longest delay of any kind.
    package static let durationMax: Duration = .seconds(366 * 86400)

    /// When health complains: `overdueAfter`, else ten minutes after the first attempt must have ended.
    package var overdueGrace: Duration {
        overdueAfter ?? jitter + timeout + .seconds(600)
    }
}
