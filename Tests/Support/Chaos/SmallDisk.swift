import Glibc

/// A disk of a daemon's own, which can be filled: a file system in memory that only this process and its own see.
enum SmallDisk {
    /// Whether one can be mounted here: by root, or by anybody who may make a name space of users.
    static func isPossible(below directory: String) async throws -> Bool {
        let place = directory + "/disk"
        mkdir(place, 0o700)
        let process = try ChildProcess(mounting(at: place, kibibytes: 64) + ["/bin/true"])
        return try await process.end(within: patience) == 0
    }

    /// What mounts one and then becomes the program whose words follow.
    static func mounting(at place: String, kibibytes: Int, owner: String = "root") -> [String] {
        mkdir(place, 0o700)
        let users = getuid() == 0 ? [] : ["--user", "--map-root-user"]
        return ["/usr/bin/unshare", "--mount"] + users + [
            "/bin/sh", "-c",
            "mount -t tmpfs -o size=\(kibibytes)k,mode=700,uid=$(id -u \(owner)) tmpfs \"$0\" && exec \"$@\"",
            place,
        ]
    }

    /// What goes to where the disk of a process can be seen, and then becomes the program whose words follow.
    static func entering(_ process: pid_t) -> [String] {
        let users = getuid() == 0 ? [] : ["--user", "--preserve-credentials"]
        return ["/usr/bin/nsenter", "--target", "\(process)", "--mount"] + users
    }

    /// Writes until nothing more fits.
    static func fill(of daemon: Daemon) throws {
        try fill(ballast(of: daemon))
    }

    /// Writes into a file until nothing more fits on its disk.
    static func fill(_ path: String) throws {
        guard let file = fopen(path, "w") else {
            throw Trouble("\(path): \(String(cString: strerror(errno)))")
        }
        setvbuf(file, nil, _IONBF, 0)
        let block = [UInt8](repeating: 0, count: 4096)
        while fwrite(block, 1, block.count, file) == block.count {}
        fclose(file)
    }

    /// Gives the space back.
    static func free(of daemon: Daemon) {
        unlink(ballast(of: daemon))
    }

    private static func ballast(of daemon: Daemon) -> String {
        ballast(of: daemon.id, at: daemon.stateDirectory)
    }

    /// A file on the disk that a process sees at `place`, as it can be reached from here.
    static func ballast(of process: pid_t, at place: String) -> String {
        "/proc/\(process)/root\(place)/ballast"
    }
}
