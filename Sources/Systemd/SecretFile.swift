import Glibc

/// Files that hold one secret.
package enum SecretFile {
    /// The text of the file at `path`, without its last line end; for `NAME_FILE` variables.
    ///
    /// Links are followed, since container platforms hand out secrets as links. A missing, empty, special,
    /// too long or binary file is an error.
    package static func read(path: String) throws(SystemdError) -> String {
        let text = try text(path: path, directory: AT_FDCWD, flags: 0, subject: path)
        guard !text.isEmpty else { throw SystemdError(subject: path, reason: .empty) }
        return text
    }

    /// The text of the file at `path`, relative to the open directory `directory`; may be empty.
    static func text(
        path: String, directory: Int32, flags: Int32, subject: String
    ) throws(SystemdError) -> String {
        // O_NONBLOCK: opening a pipe would otherwise wait for its writer.
        let descriptor = unsafe openat(directory, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags)
        guard descriptor >= 0 else { throw SystemdError(subject: subject, reason: .system(errno: errno)) }
        defer { close(descriptor) }

        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            throw SystemdError(subject: subject, reason: .system(errno: errno))
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw SystemdError(subject: subject, reason: .notRegularFile)
        }
        var bytes = try contents(of: descriptor, subject: subject)
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
            throw SystemdError(subject: subject, reason: .notText)
        }
        return text
    }

    private static func contents(of descriptor: Int32, subject: String) throws(SystemdError) -> [UInt8] {
        // One byte more than allowed tells a file that is too long, whatever its size was said to be.
        var buffer = [UInt8](repeating: 0, count: Limits.secretBytesMax + 1)
        var filled = 0
        while filled < buffer.count {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
                return unsafe Glibc.read(descriptor, rest.baseAddress, rest.count)
            }
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemdError(subject: subject, reason: .system(errno: errno))
            }
            filled += count
        }
        guard filled <= Limits.secretBytesMax else {
            throw SystemdError(subject: subject, reason: .tooLong(bytesMax: Limits.secretBytesMax))
        }
        return Array(buffer[..<filled])
    }
}
