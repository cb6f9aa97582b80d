import Glibc

/// The descriptors of this process.
package enum Descriptors {
    /// Opens the standard streams that the caller closed, on `/dev/null`: else the first file or connection would be one of them,
    /// and what is written to the stream would go into it.
    ///
    /// Before anything else is opened.
    package static func openStandardStreams() {
        // Each gets the lowest number that is free, which is its own.
        for stream in STDIN_FILENO...STDERR_FILENO where fcntl(stream, F_GETFD) < 0 {
            _ = unsafe open("/dev/null", O_RDWR)
        }
    }

    /// Has a signal wait for whoever handles it later, in place of ending the process.
    package static func ignoreHangups() {
        _ = signal(SIGHUP, SIG_IGN)
    }

    /// How many descriptors may be open, once as many are allowed as the system lets this process have, up to `count`.
    package static func allow(_ count: Int) -> Int {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard unsafe getrlimit(resource, &limit) == 0 else { return count }
        let wanted = min(rlim_t(count), limit.rlim_max)
        if limit.rlim_cur < wanted {
            limit.rlim_cur = wanted
            guard unsafe setrlimit(resource, &limit) == 0, unsafe getrlimit(resource, &limit) == 0 else {
                return 0
            }
        }
        return Int(clamping: limit.rlim_cur)
    }
}
