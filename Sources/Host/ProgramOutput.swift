import CLinux
import Glibc

/// A program of this machine that is asked something: started, and then waited for, so that several run side by side.
package struct ProgramOutput {
    private let name: String
    private let id: pid_t
    private let descriptor: Int32
    private let end: ContinuousClock.Instant

    /// What ends the program in time, with the rights that it was started with, which this process may have given up by then
    /// (coreutils).
    private static let timer = "timeout"
    /// A little more than that takes.
    private static let grace: Duration = .seconds(1)

    /// What it says of it that matters: a version is in the first lines.
    private static let bytesMax = 4096

    /// Starts a program, which has until `limit` from now; throws when it is not there. `finish` must follow.
    package init(_ arguments: [String], within limit: Duration) throws(HostError) {
        name = arguments.first ?? ""
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe(&ends) == 0 else { throw HostError("\(name) cannot be run", errno: errno) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { close(ends[1]) }
        do throws(HostError) {
            let seconds = String(max(limit.components.seconds, 1))
            id = try Self.start([Self.timer, "--signal=KILL", seconds] + arguments, output: ends[1])
        } catch {
            close(ends[0])
            throw error
        }
        descriptor = ends[0]
        end = .now + limit + Self.grace
    }

    /// What it prints to either stream, and its exit status; it is killed when its time is over, which throws. Blocks until
    /// then.
    package func finish() throws(HostError) -> (text: String, status: Int32) {
        defer { close(descriptor) }
        let text = String(decoding: read(), as: UTF8.self)
        let status = try status()
        switch status {
        case 126, 127:
            let why = text.split(separator: "\n").first?.split(separator: ":").last ?? ""
            throw HostError("\(name) cannot be run:\(why)")
        case 128 + SIGKILL: throw HostError("\(name) does not end", hint: "run it by hand")
        default: return (text, status)
        }
    }

    private static func start(_ arguments: [String], output: Int32) throws(HostError) -> pid_t {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 1)
        unsafe posix_spawn_file_actions_adddup2(&actions, output, 2)
        unsafe posix_spawn_file_actions_addclosefrom_np(&actions, 3)
        var words: [UnsafeMutablePointer<CChar>?] = unsafe arguments.map { unsafe strdup($0) } + [nil]
        defer { unsafe words.forEach { unsafe free($0) } }
        // It gets no variable of this process, of which some are secret.
        let path = "PATH=" + (ProcessInformation.environment()["PATH"] ?? "/usr/local/bin:/usr/bin:/bin")
        var variables: [UnsafeMutablePointer<CChar>?] = unsafe [strdup(path), strdup("LC_ALL=C.UTF-8"), nil]
        defer { unsafe variables.forEach { unsafe free($0) } }
        var id: pid_t = 0
        let code = unsafe posix_spawnp(&id, arguments.first ?? "", &actions, nil, &words, &variables)
        guard code == 0 else { throw HostError("\(arguments.first ?? "") cannot be run", errno: code) }
        return id
    }

    private func read() -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: Self.bytesMax)
        while true {
            let left = max((end - .now) / Duration.milliseconds(1), 0)
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&polled, 1, Int32(min(left, 60_000))) > 0 else { return bytes }
            let count = unsafe Glibc.read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return bytes }
            bytes += buffer.prefix(min(Int(count), Self.bytesMax - bytes.count))
        }
    }

    private func status() throws(HostError) -> Int32 {
        var status: Int32 = 0
        while unsafe waitpid(id, &status, WNOHANG) == 0 {
            guard ContinuousClock.now < end else {
                kill(id, SIGKILL)
                throw HostError("\(name) does not end", hint: "run it by hand")
            }
            // It has closed its streams, and so ends now.
            usleep(2000)
        }
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    }
}
