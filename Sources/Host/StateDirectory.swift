import Glibc

/// The directory in which a host keeps what must outlive it.
package enum StateDirectory {
    /// Makes the directory and those above it, closed to others.
    package static func make(_ path: String) throws(HostError) {
        try OutputFile.makeDirectory(
            path, mode: 0o700, called: "the state directory",
            hint: "set ALMANAC_STATE_DIRECTORY to a directory that this user can write")
        try checkOwner(of: path)
    }

    /// Refuses a directory of somebody else, who could put other records in the place of ours.
    private static func checkOwner(of path: String) throws(HostError) {
        var status = stat()
        guard unsafe stat(path, &status) == 0, status.st_uid != geteuid() else { return }
        throw HostError(
            "the state directory \(path) belongs to \(ProcessInformation.userName(of: status.st_uid)), and this is \(ProcessInformation.userName(of: geteuid()))",
            hint: "chown -R \(geteuid()) \(path), or set ALMANAC_STATE_DIRECTORY to a directory of this user")
    }

    /// Whether a file is known not to be there: one in a directory that this user may not enter is not.
    package static func isMissing(_ path: String) -> Bool {
        unsafe access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR)
    }

    /// Says in the directory that a daemon runs here, until this process ends.
    package static func lock(_ path: String) throws(HostError) {
        let file = path + "/daemon.lock"
        let descriptor = try openLock(file)
        // The descriptor stays open: the lock ends with the process, however that ends.
        // Who only looks whether a daemon runs holds it for a moment.
        var isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        for _ in 1...5 where !isLocked {
            usleep(20_000)
            isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        }
        guard isLocked else {
            throw HostError(
                "another daemon runs with the state directory \(path)",
                hint: "stop it, or set ALMANAC_STATE_DIRECTORY for this one")
        }
        let text = Array("\(getpid())\n".utf8)
        // Who cannot be told by it is not asked to reload; nothing else needs it.
        if ftruncate(descriptor, 0) == 0 { _ = unsafe Glibc.write(descriptor, text, text.count) }
    }

    /// Opens the file of the lock, which outlives its daemons, and makes it where it is not.
    private static func openLock(_ file: String) throws(HostError) -> Int32 {
        let flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW
        var descriptor = unsafe open(file, flags | O_CREAT | O_EXCL, 0o600)
        if descriptor < 0, errno == EEXIST { descriptor = unsafe open(file, flags) }
        guard descriptor >= 0 else {
            throw HostError(
                "\(file) cannot be written", errno: errno,
                hint: errno == ELOOP
                    ? "it is a link, which no daemon makes: rm \(file)" : "correct its rights")
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_uid == geteuid() else {
            close(descriptor)
            throw HostError(
                "\(file) belongs to \(ProcessInformation.userName(of: status.st_uid)), and this is \(ProcessInformation.userName(of: geteuid()))",
                hint: "chown \(geteuid()) \(file)")
        }
        return descriptor
    }

    /// Puts a file into the directory, or in the place of the one there, that only its owner can read.
    package static func write(_ bytes: [UInt8], to file: String) throws(HostError) {
        try OutputFile.write(bytes, to: file, mode: 0o600)
    }

    /// Keeps where the records of the daemon are that runs with this directory.
    package static func note(_ place: String, in path: String) throws(HostError) {
        try write(Array("\(getpid())\n\(place)\n".utf8), to: path + "/records")
    }

    /// Where the records of the daemon are that runs with this directory; nil when none does, or it did not say.
    package static func placeOfDaemon(_ path: String) -> String? {
        guard let process = lockHolder(path), let text = text(of: path + "/records", bytesMax: 4096) else {
            return nil
        }
        let lines = text.split(separator: "\n")
        return lines.count == 2 && lines[0] == "\(process)" ? String(lines[1]) : nil
    }

    /// The process of the daemon that runs with this directory; nil when none does.
    package static func lockHolder(_ path: String) -> Int32? {
        let file = path + "/daemon.lock"
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard flock(descriptor, LOCK_SH | LOCK_NB) != 0 else { return nil }
        return text(of: file).flatMap { Int32($0.prefix { $0.isNumber }) }
    }

    /// Tells this state directory from others of machines of the same name; made at the first start.
    package static func identity(_ path: String) throws(HostError) -> String {
        let file = path + "/host-id"
        if let text = read(file), text.count == identityLength { return text }
        let value = String(UInt64.random(in: .min ... .max), radix: 16)
        let text = String((String(repeating: "0", count: 16) + value).suffix(identityLength))
        try write(Array(text.utf8), to: file)
        return text
    }

    /// The beginning of a small file of the directory; nil when it is not there or cannot be read.
    package static func text(of file: String, bytesMax: Int = 256) -> String? {
        guard let bytes = bytes(of: file, bytesMax) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Enough that two state directories of one name do not meet by chance.
    private static let identityLength = 8

    private static func read(_ file: String) -> String? {
        bytes(of: file, 256).map { String(decoding: $0.prefix { $0 > 0x20 }, as: UTF8.self) }
    }

    private static func bytes(of file: String, _ bytesMax: Int) -> ArraySlice<UInt8>? {
        let descriptor = unsafe open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: bytesMax)
        let size = bytes.count
        let count = unsafe Glibc.read(descriptor, &bytes, size)
        return count > 0 ? bytes[..<count] : nil
    }
}
