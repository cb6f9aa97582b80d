import Glibc
import Spawning
import TestFiles
import Testing

/// Each test asks a process of its own, since the descriptors have fixed numbers and the environment belongs to the whole
/// process.
@Suite struct PassedSocketTests {
    @Test("a listening socket is taken with its name and closed on exec")
    func listening() throws {
        #expect(try found([Socket(isListening: true)], names: "status") == "3 status, closed on exec")
    }

    @Test("a socket without a name is taken too")
    func unnamed() throws {
        #expect(try found([Socket(isListening: true)], names: nil) == "3 unknown, closed on exec")
    }

    @Test("what was passed to another process is not ours")
    func otherProcess() throws {
        #expect(try found([Socket(isListening: true)], names: "status", isForUs: false) == "none")
    }

    @Test("nothing passed is no socket")
    func none() throws {
        #expect(try found([], names: nil) == "none")
    }

    @Test("a socket that does not listen, or is not a stream, is refused by name", arguments: [true, false])
    func wrongKind(isStream: Bool) throws {
        let line = try found([Socket(isStream: isStream, isListening: false)], names: "status")
        #expect(line == "the passed descriptor “status” is not a listening stream socket")
    }

    @Test("two sockets are taken, a local one with its path")
    func two() throws {
        let temporary = try TemporaryDirectory()
        defer { temporary.remove() }
        let path = temporary.path + "/almanac.sock"
        let sockets = [try Socket(isListening: true), try Socket(path: path, isListening: true)]
        #expect(
            try found(sockets, names: "status:almanac") == """
                3 status, closed on exec
                4 almanac at \(path), closed on exec
                """)
    }

    @Test("three sockets are refused, since only two would be answered")
    func three() throws {
        let sockets = try (0..<3).map { _ in try Socket(isListening: true) }
        #expect(
            try found(sockets, names: "status:other:third")
                == "3 sockets were passed (status, other, third), but at most 2 are listened on")
    }
}

/// What a program finds that is started with these sockets, as the service manager would.
private func found(_ sockets: [Socket], names: String?, isForUs: Bool = true) throws -> String {
    let temporary = try TemporaryDirectory()
    defer { temporary.remove() }
    var environment = ["LISTEN_PID": "1"]
    if !sockets.isEmpty { environment["LISTEN_FDS"] = "\(sockets.count)" }
    environment["LISTEN_FDNAMES"] = names
    // Where the libraries of the toolchain are, if the tests were told.
    if let path = getenv("LD_LIBRARY_PATH") { environment["LD_LIBRARY_PATH"] = String(cString: path) }
    let program = try builtProgram("passed-socket")
    // A shell knows the identifier of the process that it becomes.
    let arguments = isForUs ? ["/bin/sh", "-c", "LISTEN_PID=$$ exec \(program)"] : [program]
    let output = temporary.path + "/output"
    let id = try withOutputFile(output) { output throws(SpawnError) in
        try spawn(arguments, environment: environment, output: output, passed: sockets.map(\.descriptor))
    }
    var status: CInt = 0
    try #require(waitpid(id, &status, 0) == id && status == 0)
    return try text(ofFile: output).split(separator: "\n").joined(separator: "\n")
}

/// A socket of its own, closed with its last use.
private final class Socket {
    let descriptor: CInt

    init(path: String? = nil, isStream: Bool = true, isListening: Bool) throws {
        descriptor = socket(
            AF_UNIX, CInt((isStream ? SOCK_STREAM : SOCK_DGRAM).rawValue | SOCK_CLOEXEC.rawValue), 0)
        try #require(descriptor >= 0)
        guard isListening else { return }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        // The address family alone: the kernel gives the socket an abstract name.
        var size = MemoryLayout<sa_family_t>.size
        if let path {
            withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
            size = MemoryLayout<sockaddr_un>.size
        }
        let answer = withUnsafePointer(to: &name) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(size)) }
        }
        try #require(answer == 0 && listen(descriptor, 1) == 0)
    }

    deinit { close(descriptor) }
}
