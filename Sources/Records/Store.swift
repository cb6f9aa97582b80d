/// What a daemon asks, of a store or of the journal in front of one.
package typealias DaemonStore = RunStore & HostStore & RetentionStore

/// All that is kept together: the runs, what decides about them, and what explains them.
package typealias Store = DaemonStore & HistoryStore & HostList & PauseStore & EventStore & RewindingStore
