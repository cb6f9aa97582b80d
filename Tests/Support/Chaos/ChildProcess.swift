import Glibc
import Spawning
import Synchronization

/// Something that keeps the program from doing what it is for.
struct Trouble: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }

    /// Whether a server said that it starts, stops or recovers, or has no slot just now, so that nothing was done.
    var isOfRecovery: Bool {
        // The process of a connection may be gone before it can say so. One that is about to be refused has a slot meanwhile,
        // perhaps one that is left for the administrator.
        [
            "the database system is", "crash of another server process",
            "server closed the connection unexpectedly", "too many clients already",
        ].contains { description.contains($0) }
    }
}

/// A program that runs as a process of its own; what it says is appended to a file.
final class ChildProcess: Sendable {
    let id: pid_t
    private let ending = Mutex<Int32?>(nil)

    init(_ arguments: [String], environment: [String: String] = [:], output: String = "/dev/null") throws {
        id = try withOutputFile(output, flags: O_APPEND) { descriptor throws(SpawnError) in
            try spawn(arguments, environment: environment, output: descriptor, errors: descriptor)
        }
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
}

/// How long is waited for what comes unless it never does: a machine may keep a process from its work for a minute.
let patience = Duration.seconds(300)

/// Waits until `condition` holds; throws when it does not come about.
func wait(
    until what: String, _ condition: () async throws -> Bool
) async throws {
    let start = ContinuousClock.now
    while try await !condition() {
        guard ContinuousClock.now - start < patience else { throw Trouble("it does not come that \(what)") }
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
