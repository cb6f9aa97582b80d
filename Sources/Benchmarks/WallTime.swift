import CLinux
import Glibc

/// The wall clock, in nanoseconds since the epoch.
struct WallTime: Comparable {
    var nanoseconds: Int64

    static var now: WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    /// The beginning of a second.
    init(second: Int64) {
        nanoseconds = second * 1_000_000_000
    }

    init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The second that it is in.
    var second: Int64 { nanoseconds / 1_000_000_000 }

    static func < (left: WallTime, right: WallTime) -> Bool { left.nanoseconds < right.nanoseconds }

    static func - (left: WallTime, right: WallTime) -> Duration {
        .nanoseconds(left.nanoseconds - right.nanoseconds)
    }

    static func + (left: WallTime, right: Duration) -> WallTime {
        let (seconds, attoseconds) = right.components
        return WallTime(
            nanoseconds: left.nanoseconds + seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// Sleeps until then; returns at once when it has passed.
    func sleep() {
        var time = timespec(
            tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        while clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, &time, nil) == EINTR {}
    }
}

/// Asks `condition` every few milliseconds until it holds; false when it does not within `limit`.
func holds(within limit: Duration, every pause: Duration, _ condition: () throws -> Bool) throws -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try condition() { return true }
        (WallTime.now + pause).sleep()
    }
    return false
}
