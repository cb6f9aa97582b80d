/// What a daemon asks, of a store or of the journal in front of one.
package typealias DaemonStore = RunStore & HostStore & RetentionStore

/// What the journal asks of the store that it is in front of.
package typealias PrimaryStore = DaemonStore & DeliveryStore

/// All that is kept together: the runs, what decides about them, and what explains them.
package typealias Store = PrimaryStore & HistoryStore & PauseStore & EventStore & RewindingStore
