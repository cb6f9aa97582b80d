import CLinux
import Glibc

/// A program that could not be started, or the file for its output not be opened.
package struct SpawnError: Error, CustomStringConvertible {
    /// The program, or the file.
    package let program: String
    /// The error of the system, an `errno`.
    package let code: CInt

    package var description: String { "\(program): \(String(cString: strerror(code)))" }
}

/// Starts a program as a process of its own and answers its id; whoever starts it waits for it.
///
/// The program, the first of `arguments`, is looked for in the search path unless its name has a slash. It has the three
/// given descriptors, where nil stands for `/dev/null`, those of `passed` from 3 on, and no other: SwiftNIO's sockets do
/// not close themselves in a new program, so that a connection that a server of one test closes would stay open for as
/// long as another test's process lives. No signal is blocked, whatever the thread that starts it has blocked. It is
/// killed when this process ends, however that comes.
package func spawn(
    _ arguments: [String], environment: [String: String] = [:],
    input: CInt? = nil, output: CInt? = nil, errors: CInt? = nil, passed: [CInt] = []
) throws(SpawnError) -> CInt {
    try spawn(
        arguments, environment: environment, standard: [input, output, errors], passed: passed,
        group: Guardian.group.get())
}

/// The group of all processes that this one starts. One of them waits for the end of this process and then ends the group.
private enum Guardian {
    static let group = Result { () throws(SpawnError) in
        var ends: [CInt] = [-1, -1]
        // The other end stays open in this process alone, until it ends.
        guard pipe(&ends) == 0, ends.allSatisfy({ fcntl($0, F_SETFD, FD_CLOEXEC) == 0 }) else {
            throw SpawnError(program: "a pipe", code: errno)
        }
        defer { close(ends[0]) }
        return try spawn(
            ["/bin/sh", "-c", "cat >/dev/null; kill -KILL 0"], environment: [:],
            standard: [ends[0], nil, nil], passed: [], group: 0)
    }
}

/// Starts a program in a group of processes; 0 is a new one.
private func spawn(
    _ arguments: [String], environment: [String: String], standard: [CInt?], passed: [CInt], group: CInt
) throws(SpawnError) -> CInt {
    // Far above their places, so that none is overwritten before it is in its own.
    let copies = passed.map { fcntl($0, F_DUPFD_CLOEXEC, 100) }
    defer { for copy in copies { close(copy) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, descriptor) in zip(CInt(0)..., standard + copies) {
        if let descriptor {
            posix_spawn_file_actions_adddup2(&actions, descriptor, number)
        } else {
            posix_spawn_file_actions_addopen(&actions, number, "/dev/null", O_RDWR, 0)
        }
    }
    posix_spawn_file_actions_addclosefrom_np(&actions, CInt(standard.count + copies.count))

    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    // And SIGTERM ignored, as a tool that runs the tests may leave it.
    var stops = sigset_t()
    sigemptyset(&stops)
    sigaddset(&stops, SIGTERM)
    sigaddset(&stops, SIGINT)
    sigaddset(&stops, SIGHUP)
    posix_spawnattr_setsigdefault(&attributes, &stops)
    posix_spawnattr_setpgroup(&attributes, group)
    posix_spawnattr_setflags(
        &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

    var words = arguments.map { strdup($0) } + [nil]
    var variables = environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { for text in words + variables { free(text) } }
    var id = pid_t()
    let code = posix_spawnp(&id, arguments[0], &actions, &attributes, &words, &variables)
    guard code == 0 else { throw SpawnError(program: arguments[0], code: code) }
    return id
}

/// Opens a file for the output of a program, and closes it after `body`, which starts the program. `flags` are added to
/// those that write and make it.
package func withOutputFile<Result>(
    _ path: String, flags: CInt = O_TRUNC, _ body: (CInt) throws(SpawnError) -> Result
) throws(SpawnError) -> Result {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o600)
    guard descriptor >= 0 else { throw SpawnError(program: path, code: errno) }
    defer { close(descriptor) }
    return try body(descriptor)
}

/// The path of a program of this package: it is built into the folder of the tests, which the test runner is told by an
/// argument.
package func builtProgram(_ name: String) throws(SpawnError) -> String {
    let arguments = CommandLine.arguments
    let mark = arguments.firstIndex(of: "--test-bundle-path")
    let bundle = mark.map { arguments[$0 + 1] } ?? arguments[0]
    let folder = bundle.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let path = folder.joined(separator: "/") + "/" + name
    guard access(path, X_OK) == 0 else { throw SpawnError(program: path, code: errno) }
    return path
}
