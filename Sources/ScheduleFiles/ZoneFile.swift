import Glibc

/// One open file of the zone directory.
struct ZoneFile: ~Copyable {
    /// What tells that a file is still the one that was read.
    struct Identity: Equatable, Sendable {
        let device: UInt
        let inode: UInt
        let size: Int
        let modifiedSeconds: Int
        let modifiedNanoseconds: Int
    }

    private let descriptor: Int32
    let identity: Identity

    /// Opens a regular file; links are followed.
    init(path: String) throws(ZoneError.Reason) {
        // Without O_NONBLOCK a named pipe in the directory would block.
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            throw code == ENOENT || code == ENOTDIR ? .notFound : .unreadable(errno: code)
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0 else {
            let code = errno
            close(descriptor)
            throw .unreadable(errno: code)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw .notAFile
        }
        self.descriptor = descriptor
        identity = Identity(
            device: status.st_dev, inode: status.st_ino, size: status.st_size,
            modifiedSeconds: status.st_mtim.tv_sec, modifiedNanoseconds: status.st_mtim.tv_nsec)
    }

    deinit { close(descriptor) }

    /// Everything in the file; an error when that is more than a zone file can have.
    func bytes() throws(ZoneError.Reason) -> [UInt8] {
        let bytes = try bytes(atMost: ZoneDirectory.fileBytesMax + 1)
        guard bytes.count <= ZoneDirectory.fileBytesMax else { throw .tooLarge }
        return bytes
    }

    /// The first `limit` bytes of the file, or all when it is shorter.
    func bytes(atMost limit: Int) throws(ZoneError.Reason) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: min(limit, identity.size + 1))
        var count = 0
        while count < bytes.count {
            let position = count
            let read = unsafe bytes.withUnsafeMutableBytes { buffer in
                unsafe pread(
                    descriptor, buffer.baseAddress.map { unsafe $0 + position }, buffer.count - position,
                    off_t(position))
            }
            if read < 0 {
                let code = errno
                if code == EINTR { continue }
                throw .unreadable(errno: code)
            }
            if read == 0 { break }
            count += read
        }
        bytes.removeLast(bytes.count - count)
        return bytes
    }
}
