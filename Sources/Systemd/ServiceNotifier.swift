import CLibsystemd
import Glibc
package import Logging
import Synchronization

/// Tells the service manager what the service is doing (sd_notify(3)); without `NOTIFY_SOCKET` every call
/// does nothing.
///
/// A message that cannot be sent is never a reason to stop working: the first failure is logged, later ones
/// are not.
package final class ServiceNotifier: Sendable {
    private let logger: Logger
    private let hasFailed = Atomic(false)
    private let isStopping = Atomic(false)
    private let lastStatus = Mutex("")

    /// A notifier that logs its first failure to `logger`.
    package init(logger: Logger) {
        self.logger = logger
    }

    /// How often the manager expects `feedWatchdog()` at the least, or nil when it does not watch this
    /// process.
    ///
    /// `WATCHDOG_USEC`, when `WATCHDOG_PID` is unset or names this process; a service answers each half of
    /// it.
    package var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        let answer = unsafe sd_watchdog_enabled(0, &microseconds)
        if answer < 0 { report(errno: -answer, of: "WATCHDOG_USEC") }
        guard answer > 0, let interval = Int64(exactly: microseconds) else { return nil }
        return .microseconds(interval)
    }

    /// The start, or a reload, is complete; not said any more by a service that stops.
    package func ready(status: String) {
        guard !isStopping.load(ordering: .acquiring) else { return }
        send(["READY=1", statusField(status)])
    }

    /// What the service is doing, in one line for people; the manager is not woken for what it knows.
    package func status(_ text: String) {
        guard lastStatus.withLock({ $0 != text }) else { return }
        send([statusField(text)])
    }

    /// A reload begins; `ready(status:)` ends it, also when the old configuration is kept. A service that stops begins
    /// none.
    package func reloading(status: String) {
        guard !isStopping.load(ordering: .acquiring) else { return }
        // One datagram with the time in it: Type=notify-reload takes RELOADING=1 without it as no answer at
        // all.
        send(["RELOADING=1", "MONOTONIC_USEC=\(Self.monotonicMicroseconds())", statusField(status)])
    }

    /// The service has begun to stop.
    package func stopping(status: String) {
        isStopping.store(true, ordering: .releasing)
        send(["STOPPING=1", statusField(status)])
    }

    /// The loop that does the work has made progress; not for a timer of its own, which would hide a hang.
    package func feedWatchdog() {
        send(["WATCHDOG=1"])
    }

    private func send(_ fields: [String]) {
        let answer = unsafe sd_notify(0, fields.joined(separator: "\n"))
        if answer < 0 { report(errno: -answer, of: "NOTIFY_SOCKET") }
    }

    private func report(errno number: Int32, of variable: Logger.MetadataValue) {
        guard !hasFailed.exchange(true, ordering: .relaxed) else { return }
        let reason = SystemdError.text(ofErrno: number)
        logger.warning(
            "service manager cannot be notified", metadata: ["error": .string(reason), "variable": variable])
    }

    /// `text` as one line: what a field may not hold becomes a space.
    private func statusField(_ text: String) -> String {
        lastStatus.withLock { $0 = text }
        var line = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            line.append(scalar.isControlOrLineEnd ? " " : scalar)
        }
        return "STATUS=" + String(line).cut(toBytes: Limits.statusBytesMax)
    }

    /// The clock that sd_notify(3) asks for. Not `ContinuousClock`, which on Linux goes on while the machine
    /// is suspended.
    private static func monotonicMicroseconds() -> Int64 {
        var now = timespec()
        let answer = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        precondition(answer == 0, "CLOCK_MONOTONIC cannot be read")
        return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
    }
}
