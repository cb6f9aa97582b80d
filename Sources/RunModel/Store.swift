/// All that is kept together: the runs, what decides about them, and what explains them.
package typealias Store = RunStore & PauseStore & HostStore & EventStore & RetentionStore
