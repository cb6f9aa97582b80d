import Glibc

/// What this process uses of the machine.
package struct ProcessUsage: Sendable {
    /// In bytes; 0 where it cannot be read.
    package var residentMemory = 0
    /// Of all threads, since the start.
    package var processorTime: Duration = .zero
    /// Descriptors that are open; 0 where that cannot be read.
    package var openFiles = 0
    /// How many may be.
    package var openFilesMax = 0

    /// What it uses now.
    package static func now() -> ProcessUsage {
        var usage = ProcessUsage()
        // Pages: the whole size, then what is resident (proc(5)).
        if let file = unsafe fopen("/proc/self/statm", "re") {
            defer { unsafe fclose(file) }
            var bytes = [UInt8](repeating: 0, count: 256)
            let count = unsafe fread(&bytes, 1, 256, file)
            let words = String(decoding: bytes[..<count], as: UTF8.self).split(separator: " ")
            if words.count > 1, let pages = Int(words[1]) {
                usage.residentMemory = pages * Int(getpagesize())
            }
        }
        var times = rusage()
        if unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &times) == 0 {
            usage.processorTime = duration(times.ru_utime) + duration(times.ru_stime)
        }
        var limit = rlimit()
        if unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            usage.openFilesMax = Int(clamping: limit.rlim_cur)
        }
        usage.openFiles = openFileCount()
        return usage
    }

    private static func duration(_ time: timeval) -> Duration {
        .seconds(time.tv_sec) + .microseconds(time.tv_usec)
    }

    private static func openFileCount() -> Int {
        guard let directory = unsafe opendir("/proc/self/fd") else { return 0 }
        defer { unsafe closedir(directory) }
        // Without `.`, `..` and the descriptor that is reading.
        var count = -3
        while unsafe readdir(directory) != nil { count += 1 }
        return max(count, 0)
    }
}
