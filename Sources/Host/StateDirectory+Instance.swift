import Glibc

/// Which start of a daemon ran last with a state directory, and whether it is gone for certain.
extension StateDirectory {
    /// The number of the instance that ran last with this directory and is gone; nil when that is not known. For who holds the
    /// lock of the directory.
    ///
    /// It held the same lock, the same file under the same kernel: so it has ended. Of a copy, of another boot or of another
    /// machine that shares a volume nobody knows, unless `isWherever`: then nothing but the directory itself matters, as
    /// for a store that lies in it.
    package static func formerInstance(_ path: String, isWherever: Bool) -> String? {
        guard let text = text(of: path + "/instance") else { return nil }
        let words = text.split { $0 == " " || $0 == "\n" }.map(String.init)
        guard words.count == 3, isWherever || words[1...].joined(separator: " ") == place(of: path) else {
            return nil
        }
        return words[0]
    }

    /// Remembers the instance that runs with this directory, and holds its lock.
    package static func note(instance: String, in path: String) throws(HostError) {
        // Without a place it is one that no start recognizes.
        let place = place(of: path) ?? "nowhere 0:0"
        try OutputFile.write(Array("\(instance) \(place)\n".utf8), to: path + "/instance")
    }

    /// The boot of this machine, and which file the lock is: a copy of the directory has another.
    private static func place(of path: String) -> String? {
        var status = stat()
        guard unsafe stat(path + "/daemon.lock", &status) == 0,
            let boot = text(of: "/proc/sys/kernel/random/boot_id")?.split(separator: "\n").first
        else { return nil }
        return "\(boot) \(status.st_dev):\(status.st_ino)"
    }
}
