package import CivilTime
import Glibc

/// The only place where clocks are read.
package enum Clocks {
    /// What the wall clock shows.
    package static func now() -> Instant {
        let time = read(CLOCK_REALTIME)
        return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    /// The time since this machine started.
    package static func sinceBoot() -> Duration {
        duration(read(CLOCK_BOOTTIME))
    }

    /// The time since this machine started that it was not suspended.
    package static func awake() -> Duration {
        duration(read(CLOCK_MONOTONIC))
    }

    private static func duration(_ time: timespec) -> Duration {
        .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        precondition(unsafe clock_gettime(clock, &time) == 0, "the clock \(clock) cannot be read")
        return time
    }
}
