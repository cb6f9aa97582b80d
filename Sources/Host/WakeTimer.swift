import BlockingThread
import CLinux
package import CivilTime
import Glibc

/// Wakes a loop at an instant of the wall clock, and at once when that clock is set (timerfd_create(2)).
///
/// An absolute timer is exact to a fraction of a millisecond, where a relative sleep drifts and never
/// notices a clock that was set. Waiting blocks, so the timer has a thread of its own.
package actor WakeTimer {
    private let executor = ThreadExecutor()
    private nonisolated let descriptor: Int32

    /// A timer that is not armed.
    package init() throws(HostError) {
        descriptor = CLinux_makeTimer()
        guard descriptor >= 0 else { throw HostError("no timer can be made", errno: errno) }
    }

    deinit {
        close(descriptor)
    }

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Arms the timer for `instant`, in the place of whatever it was armed for; an instant that has passed
    /// wakes at once.
    package nonisolated func arm(at instant: Instant) {
        // Zero would disarm it. When the clock was set since the last wait, the wait says so.
        _ = CLinux_armTimer(descriptor, max(instant.microseconds, 1))
    }

    /// Waits until its instant has come or the wall clock was set.
    package func wait() {
        var expirations: UInt64 = 0
        while true {
            let count = unsafe read(descriptor, &expirations, MemoryLayout<UInt64>.size)
            if count > 0 || errno == ECANCELED { return }
            precondition(errno == EINTR, "the timer cannot be read: errno \(errno)")
        }
    }
}
