import CLinux
import Glibc
import TestFiles

/// What the system says of a process, from outside.
enum ProcessFigures {
    /// The processor time that it has used, threads that have ended included.
    static func processorTime(_ id: pid_t) throws(Trouble) -> Duration {
        // By its clock: the figures of /proc/PID/stat are in hundredths of a second.
        var clock = clockid_t()
        var time = timespec()
        guard clock_getcpuclockid(id, &clock) == 0, clock_gettime(clock, &time) == 0 else {
            throw .system("the processor time of process \(id)")
        }
        return .seconds(Int64(time.tv_sec)) + .nanoseconds(Int64(time.tv_nsec))
    }

    /// The processor time of each of its threads, by number, in nanoseconds.
    static func threadTimes(_ id: pid_t) -> [String: Double] {
        var times: [String: Double] = [:]
        let path = "/proc/\(id)/task"
        for thread in names(inDirectory: path) {
            // One that has ended meanwhile has no figures any more.
            let figures = (try? text(ofFile: "\(path)/\(thread)/schedstat"))?.split(separator: " ")
            times[thread] = figures?.first.flatMap { Double($0) }
        }
        return times
    }

    /// What it holds in memory, in mebibytes.
    struct Memory {
        var resident: Double
        /// What it does not share and no file has: without the pages of the program and of libraries.
        var own: Double
        /// The most that ever was resident.
        var peak: Double
    }

    static func memory(_ id: pid_t) throws -> Memory {
        let rollup = try fields("/proc/\(id)/smaps_rollup")
        let status = try fields("/proc/\(id)/status")
        func mebibytes(_ fields: [String: Double], _ name: String) -> Double { (fields[name] ?? 0) / 1024 }
        return Memory(
            resident: mebibytes(rollup, "Rss"), own: mebibytes(rollup, "Anonymous"),
            peak: mebibytes(status, "VmHWM"))
    }

    /// How often each of its threads, by number, has waited and was woken.
    static func wakeUps(_ id: pid_t) -> [String: Double] {
        var counts: [String: Double] = [:]
        let path = "/proc/\(id)/task"
        for thread in names(inDirectory: path) {
            // One that has ended meanwhile has no figures any more.
            counts[thread] = (try? fields("\(path)/\(thread)/status"))?["voluntary_ctxt_switches"]
        }
        return counts
    }

    /// How often its threads were woken since `before`; what those did that have ended since is not known.
    static func wakeUps(_ id: pid_t, since before: [String: Double]) -> Double {
        wakeUps(id).reduce(0) { $0 + $1.value - (before[$1.key] ?? 0) }
    }

    /// The numbers of a file whose lines are `Name: NUMBER unit`.
    private static func fields(_ path: String) throws -> [String: Double] {
        var fields: [String: Double] = [:]
        for line in try text(ofFile: path).split(separator: "\n") {
            let words = line.split { $0 == ":" || $0 == " " || $0 == "\t" }
            guard words.count > 1, let number = Double(words[1]) else { continue }
            fields[String(words[0])] = number
        }
        return fields
    }
}
