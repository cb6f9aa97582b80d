import Glibc

/// One of the process's standard streams, written whole and without a buffer, so that lines of several
/// writers keep apart.
package struct StandardStream: Sendable {
    private let descriptor: Int32

    /// Standard output: what was asked for.
    package static let output = StandardStream(descriptor: STDOUT_FILENO)
    /// Standard error: problems and the log.
    package static let error = StandardStream(descriptor: STDERR_FILENO)

    /// Writes all of `text`. A reader that has gone ends the writing quietly; false: the text could not be
    /// written.
    @discardableResult
    package func write(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes[written...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return errno == EPIPE }
            written += count
        }
        return true
    }
}
