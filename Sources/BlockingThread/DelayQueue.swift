import CLinux
import Glibc
import Synchronization

/// What waits for a time, and the thread that waits with it.
///
/// Time is that since the machine started, during which it may have been suspended. Its user bounds how much waits.
final class DelayQueue<Element: Sendable>: Sendable {
    /// A time since the machine started.
    struct Deadline: Comparable, Sendable {
        var nanoseconds: Int64

        static func now() -> Deadline {
            var time = timespec()
            precondition(unsafe clock_gettime(CLOCK_BOOTTIME, &time) == 0, "the clock cannot be read")
            return Deadline(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
        }

        /// The time so long after this one, or the last that there is.
        static func + (deadline: Deadline, delay: Duration) -> Deadline {
            let (seconds, attoseconds) = delay.components
            let (whole, isTooMuch) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
            let (sum, isTooLate) = deadline.nanoseconds.addingReportingOverflow(
                isTooMuch ? (seconds < 0 ? .min : .max) : whole)
            let (total, isLast) = sum.addingReportingOverflow(attoseconds / 1_000_000_000)
            return Deadline(nanoseconds: (isTooLate || isLast) && seconds > 0 ? .max : total)
        }

        static func < (left: Deadline, right: Deadline) -> Bool { left.nanoseconds < right.nanoseconds }
    }

    private struct State {
        /// The latest first, so that the next is the last.
        var waiting: [(deadline: Deadline, element: Element)] = []
        var hasThread = false
    }

    private let state = Mutex(State())
    /// Armed for the first of the deadlines whenever there is one.
    private let timer: CInt
    private let release: @Sendable (Element) -> Void

    /// `release` gets each element when its time has come. Traps when the system allows no timer. The queue lives as
    /// long as the process once something has waited in it.
    init(release: @escaping @Sendable (Element) -> Void) {
        timer = CLinux_makeBootTimer()
        precondition(timer >= 0, "no timer can be made: errno \(errno)")
        self.release = release
    }

    deinit {
        close(timer)
    }

    func append(_ element: Element, until deadline: Deadline) {
        let needsThread = state.withLock { state in
            // Before those of the same time that came earlier, since the last is released first.
            var (low, high) = (0, state.waiting.count)
            while low < high {
                let middle = (low + high) / 2
                if state.waiting[middle].deadline > deadline { low = middle + 1 } else { high = middle }
            }
            state.waiting.insert((deadline, element), at: low)
            if low == state.waiting.count - 1 { arm(deadline) }
            defer { state.hasThread = true }
            return !state.hasThread
        }
        // Most commands never wait.
        if needsThread { startThread { self.releaseAll() } }
    }

    /// Releases what is due for as long as the process lives.
    private func releaseAll() {
        while true {
            var expirations: UInt64 = 0
            // A read that ends early finds nothing due.
            _ = unsafe read(timer, &expirations, MemoryLayout<UInt64>.size)
            for element in takeDue() { release(element) }
        }
    }

    /// Takes what is due, in its order, and arms the timer for the next.
    private func takeDue() -> [Element] {
        state.withLock { state in
            let now = Deadline.now()
            var due: [Element] = []
            while let next = state.waiting.last {
                guard next.deadline <= now else {
                    arm(next.deadline)
                    break
                }
                due.append(next.element)
                state.waiting.removeLast()
            }
            return due
        }
    }

    private func arm(_ deadline: Deadline) {
        // Zero would disarm it.
        CLinux_armBootTimer(timer, max(deadline.nanoseconds, 1))
    }
}
