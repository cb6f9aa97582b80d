import Glibc
import Logging
import RecordedLog
import Synchronization
import Systemd
import Testing

/// Each test runs in a process of its own, since the environment belongs to the whole process.
@Suite struct ServiceNotifierTests {
    @Test("each call is one datagram with exactly its fields", arguments: [true, false])
    func messages(isAbstract: Bool) async {
        await #expect(processExitsWith: .success) { [isAbstract] in
            let socket = try DatagramSocket(isAbstract: isAbstract)
            setenv("NOTIFY_SOCKET", socket.address, 1)
            let notifier = ServiceNotifier(logger: Logger(label: "test"))

            notifier.ready(status: "next: purge")
            #expect(socket.next() == "READY=1\nSTATUS=next: purge")
            notifier.status("running purge")
            #expect(socket.next() == "STATUS=running purge")
            notifier.status("running purge")
            notifier.feedWatchdog()
            #expect(socket.next() == "WATCHDOG=1", "the status is known")
            notifier.stopping(status: "1 run to finish")
            #expect(socket.next() == "STOPPING=1\nSTATUS=1 run to finish")
            // A reload that was asked for just before would be taken for a service that goes on.
            notifier.reloading(status: "reading")
            notifier.ready(status: "done")
            notifier.status("0 runs to finish")
            #expect(socket.next() == "STATUS=0 runs to finish")
            #expect(socket.next() == nil)
        }
    }

    @Test("a reload carries the monotonic time in the same datagram")
    func reload() async {
        await #expect(processExitsWith: .success) {
            let socket = try DatagramSocket(isAbstract: true)
            setenv("NOTIFY_SOCKET", socket.address, 1)
            let before = monotonicMicroseconds()
            ServiceNotifier(logger: Logger(label: "test")).reloading(status: "reading schedules")
            let fields = try #require(socket.next()).split(separator: "\n")
            try #require(fields.count == 3)
            #expect(fields[0] == "RELOADING=1")
            #expect(fields[2] == "STATUS=reading schedules")
            try #require(fields[1].hasPrefix("MONOTONIC_USEC="))
            let sent = try #require(Int64(fields[1].dropFirst("MONOTONIC_USEC=".count)))
            #expect(before <= sent && sent <= monotonicMicroseconds())
        }
    }

    @Test("a status is one line of bounded length, whatever is in it")
    func statusIsOneLine() async {
        await #expect(processExitsWith: .success) {
            let socket = try DatagramSocket(isAbstract: true)
            setenv("NOTIFY_SOCKET", socket.address, 1)
            let notifier = ServiceNotifier(logger: Logger(label: "test"))
            notifier.status("bad\nSTOPPING=1\r\nend\u{0}x\u{2028}y")
            #expect(socket.next() == "STATUS=bad STOPPING=1  end x y")
            notifier.status(String(repeating: "ü", count: 3000))
            #expect(socket.next() == "STATUS=" + String(repeating: "ü", count: 512))
        }
    }

    @Test("nothing happens without a manager")
    func noManager() async {
        await #expect(processExitsWith: .success) {
            unsetenv("NOTIFY_SOCKET")
            let log = RecordedLog()
            let notifier = ServiceNotifier(logger: log.logger)
            notifier.ready(status: "ready")
            notifier.feedWatchdog()
            #expect(log.lines.isEmpty)
            #expect(notifier.watchdogInterval == nil)
        }
    }

    @Test("a manager that cannot be reached is logged once")
    func failureIsLoggedOnce() async {
        await #expect(processExitsWith: .success) {
            setenv("NOTIFY_SOCKET", "/nonexistent/notify", 1)
            let log = RecordedLog()
            let notifier = ServiceNotifier(logger: log.logger)
            notifier.ready(status: "ready")
            notifier.feedWatchdog()
            notifier.stopping(status: "done")
            #expect(
                log.lines == [
                    "warning service manager cannot be notified error=No such file or directory"
                        + " variable=NOTIFY_SOCKET"
                ])
        }
    }

    @Test(
        "the watchdog is for the process it names",
        arguments: [
            (microseconds: "30000000", pid: "own", expected: 30.0 as Double?),
            (microseconds: "2500000", pid: "", expected: 2.5),
            (microseconds: "30000000", pid: "1", expected: nil),
            (microseconds: "0", pid: "own", expected: nil),
            (microseconds: "soon", pid: "own", expected: nil),
        ])
    func watchdog(microseconds: String, pid: String, expected: Double?) async {
        await #expect(processExitsWith: .success) { [microseconds, pid, expected] in
            setenv("WATCHDOG_USEC", microseconds, 1)
            if pid.isEmpty {
                unsetenv("WATCHDOG_PID")
            } else {
                setenv("WATCHDOG_PID", pid == "own" ? "\(getpid())" : pid, 1)
            }
            let interval = ServiceNotifier(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
                .watchdogInterval
            #expect(interval == expected.map { .seconds($0) })
        }
    }
}

private func monotonicMicroseconds() -> Int64 {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Int64(now.tv_sec) * 1_000_000 + Int64(now.tv_nsec) / 1000
}
