/// The settings of a task that matter to its runs, with Task Scheduler's defaults.
package struct TaskSettings: Sendable, Equatable {
    /// What happens to a start while the task still runs.
    package enum MultipleInstances: String, Sendable, CaseIterable {
        /// Both run.
        case parallel = "Parallel"
        /// It waits until the run has ended.
        case queue = "Queue"
        /// It is left out; the schema's default.
        case ignoreNew = "IgnoreNew"
        /// The run is ended and it starts.
        case stopExisting = "StopExisting"
    }

    /// New tries when an action could not be started; an exit code other than 0 does not count ([MS-TSCH]
    /// 2.5.4.2).
    package struct RestartOnFailure: Sendable, Equatable {
        /// One minute to 31 days.
        package var interval: Duration
        /// 1 to 255.
        package var count: Int

        package init(interval: Duration, count: Int) {
            self.interval = interval
            self.count = count
        }
    }

    /// The schema's default is `IgnoreNew`.
    package var multipleInstances = MultipleInstances.ignoreNew
    /// Whether a missed start is made up for, once.
    package var startWhenAvailable = false
    /// When a run is ended; nil for never (`PT0S`). 72 hours when the file says nothing.
    package var executionTimeLimit: Duration? = TaskLimits.executionTimeLimitDefault
    /// nil when the file asks for no new try.
    package var restartOnFailure: RestartOnFailure?
    /// A task that is disabled is never due.
    package var isEnabled = true
    /// Whether a person may start it.
    package var allowStartOnDemand = true
    /// How long after its last trigger expired it is deleted; nil for never.
    package var deleteExpiredTaskAfter: Duration?

    /// Task Scheduler's defaults.
    package init() {}
}
