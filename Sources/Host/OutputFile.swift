import Glibc

/// Files and directories that are named on the command line.
package enum OutputFile {
    /// Puts `bytes` in the place of the file at `path`: a reader sees the old file or the new one, never a
    /// part.
    ///
    /// `mode` is the file's, less what the umask takes.
    package static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o644) throws(HostError) {
        let temporary = path + ".new"
        // Left by a write that was cut short, or put there by somebody for us to follow.
        _ = unsafe unlink(temporary)
        let descriptor = unsafe open(
            temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw HostError("\(temporary) cannot be written", errno: errno) }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let code = errno
                close(descriptor)
                throw HostError("\(temporary) cannot be written", errno: code)
            }
            written += count
        }
        let isSynced = fsync(descriptor) == 0
        let code = errno
        close(descriptor)
        guard isSynced else { throw HostError("\(temporary) cannot be written", errno: code) }
        guard unsafe rename(temporary, path) == 0 else {
            throw HostError("\(path) cannot be written", errno: errno)
        }
    }

    /// Whether this process may read the file.
    package static func isReadable(_ path: String) -> Bool {
        unsafe access(path, R_OK) == 0
    }

    /// The permissions of the file, as chmod(1) takes them; nil when they cannot be read.
    package static func mode(_ path: String) -> UInt32? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_mode & 0o7777 : nil
    }

    /// Makes a directory and those above it; `what` and `hint` are for the error.
    package static func makeDirectory(
        _ path: String, mode: UInt32, called what: String, hint: String
    ) throws(HostError) {
        var made = ""
        for part in path.split(separator: "/") {
            made += (made.isEmpty && !path.hasPrefix("/") ? "" : "/") + part
            guard unsafe mkdir(made, mode) == 0 || errno == EEXIST else {
                throw HostError("\(what) \(path) cannot be made", errno: errno, hint: hint)
            }
        }
    }
}
