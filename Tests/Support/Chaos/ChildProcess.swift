import Glibc
import Synchronization

/// Something that keeps the program from doing what it is for.
struct Trouble: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }

    /// Whether a server said that it starts, stops or recovers, so that nothing was done.
    var isOfRecovery: Bool {
        ["the database system is", "crash of another server process"].contains { description.contains($0) }
    }
}

/// The group of all processes that this program starts. A process in it waits for the end of this program, however that
/// comes, and then ends the whole group.
enum Guardian {
    static let group: pid_t = {
        var ends: [Int32] = [0, 0]
        // The other end stays open in this program alone, until it ends.
        guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else {
            fatalError("no pipe: \(String(cString: strerror(errno)))")
        }
        do {
            return try ChildProcess.spawn(
                ["/bin/sh", "-c", "cat >/dev/null; kill -KILL 0"], environment: [:], input: ends[0],
                output: "/dev/null", group: 0)
        } catch {
            fatalError("\(error)")
        }
    }()
}

/// A program that runs as a process of its own; what it says is appended to a file.
final class ChildProcess: Sendable {
    let id: pid_t
    private let ending = Mutex<Int32?>(nil)

    init(_ arguments: [String], environment: [String: String] = [:], output: String = "/dev/null") throws {
        id = try Self.spawn(
            arguments, environment: environment, input: nil, output: output, group: Guardian.group)
    }

    /// Its exit status, or 128 and the number of the signal that ended it; nil while it runs.
    var status: Int32? {
        ending.withLock { ending in
            var raw: Int32 = 0
            if ending == nil, waitpid(id, &raw, WNOHANG) == id {
                ending = raw & 0x7f == 0 ? raw >> 8 & 0xff : 128 + raw & 0x7f
            }
            return ending
        }
    }

    /// Sends a signal, unless it is known to have ended.
    func signal(_ number: Int32) {
        if status == nil { kill(id, number) }
    }

    /// Waits for its end; one that takes longer is killed.
    @discardableResult
    func end(within limit: Duration) async throws -> Int32 {
        let start = ContinuousClock.now
        while true {
            if let status { return status }
            if ContinuousClock.now - start > limit { signal(SIGKILL) }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    static func spawn(
        _ arguments: [String], environment: [String: String], input: Int32?, output: String, group: pid_t
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The thread that starts it may have signals blocked, which the program would inherit.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, group)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        var words = arguments.map { strdup($0) } + [nil]
        var variables = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        var id = pid_t()
        let code = posix_spawn(&id, arguments[0], &actions, &attributes, &words, &variables)
        guard code == 0 else { throw Trouble("\(arguments[0]): \(String(cString: strerror(code)))") }
        return id
    }
}

/// Waits until `condition` holds; throws when it has not come about within `limit`.
func wait(
    until what: String, within limit: Duration = .seconds(60), _ condition: () async throws -> Bool
) async throws {
    let start = ContinuousClock.now
    while try await !condition() {
        guard ContinuousClock.now - start < limit else { throw Trouble("it does not come that \(what)") }
        try await Task.sleep(for: .milliseconds(100))
    }
}

/// The text of a file; empty when it cannot be read.
func text(ofFile path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&part, 1, part.count, file), count > 0 { bytes += part[..<count] }
    return String(decoding: bytes, as: UTF8.self)
}

/// Writes a file of this program's own.
func write(_ text: String, to path: String) throws {
    guard let file = fopen(path, "w") else { throw Trouble("\(path): \(String(cString: strerror(errno)))") }
    fputs(text, file)
    guard fclose(file) == 0 else { throw Trouble("\(path) was not written") }
}

/// Random hexadecimal digits, which nobody can guess.
func randomDigits(_ count: Int) -> String {
    (0..<count).map { _ in String(Int.random(in: 0..<16), radix: 16) }.joined()
}
