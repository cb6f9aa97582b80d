import Glibc
import TestFiles
import Testing

@Suite("the daemon at rest")
struct RestTests {
    @Test("no timer wakes a daemon within a minute, but that of its loop")
    func timers() async throws {
        try await withBench { bench in
            try bench.write("10 0 * * *  purge: POST /api/cron/purge_old as=admin\n")
            let daemon = try await bench.startDaemon()
            let timers = try Timer.all(of: daemon.id)
            try #require(!timers.isEmpty, "the loop has a timer of the wall clock")
            let others = timers.filter { $0.clock != CLOCK_REALTIME }
            #expect(others.allSatisfy { $0.seconds == 0 || $0.seconds >= 60 }, "\(timers)")
            #expect(timers.count - others.count == 1, "\(timers)")
            try await daemon.stop()
        }
    }
}

/// A timer of a process (timerfd_create(2)), as /proc/PID/fdinfo/FD shows it.
private struct Timer {
    var clock: clockid_t
    /// Until it wakes the process; 0 when it is not armed.
    var seconds: Int

    static func all(of process: pid_t) throws -> [Timer] {
        let directory = "/proc/\(process)/fdinfo"
        return names(inDirectory: directory).compactMap { name in
            let lines = textIfAny(inFile: "\(directory)/\(name)").split(separator: "\n")
            func value(_ key: String) -> Substring? {
                lines.first { $0.hasPrefix(key + ": ") }?.dropFirst(key.count + 2)
            }
            guard let clock = value("clockid").flatMap({ clockid_t($0) }), let left = value("it_value") else {
                return nil
            }
            // `(seconds, nanoseconds)`; a part of a second is not 0.
            let parts = left.split { "(), ".contains($0) }.compactMap { Int($0) }
            guard parts.count == 2 else { return nil }
            return Timer(clock: clock, seconds: parts[0] > 0 || parts[1] == 0 ? parts[0] : 1)
        }
    }
}
