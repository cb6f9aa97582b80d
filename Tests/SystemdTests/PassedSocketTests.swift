import Glibc
import Systemd
import Testing

/// Each test runs in a process of its own, which puts its sockets where the service manager would.
@Suite struct PassedSocketTests {
    @Test("a listening socket is taken with its name and closed on exec")
    func listening() async {
        await #expect(processExitsWith: .success) {
            let found = try passing([SOCK_STREAM], isListening: true, names: "status") {
                (socket: try PassedSocket.ofProcess(), flags: fcntl(3, F_GETFD))
            }
            #expect(found.socket == PassedSocket(descriptor: 3, name: "status"))
            #expect(found.flags & FD_CLOEXEC != 0)
        }
    }

    @Test("a socket without a name is taken too")
    func unnamed() async {
        await #expect(processExitsWith: .success) {
            let name = try passing([SOCK_STREAM], isListening: true, names: nil) {
                try PassedSocket.ofProcess()?.name
            }
            #expect(name == "unknown")
        }
    }

    @Test("what was passed to another process is not ours")
    func otherProcess() async {
        await #expect(processExitsWith: .success) {
            let socket = try passing([SOCK_STREAM], isListening: true, names: "status") {
                setenv("LISTEN_PID", "1", 1)
                return try PassedSocket.ofProcess()
            }
            #expect(socket == nil)
        }
    }

    @Test("nothing passed is no socket")
    func none() async {
        await #expect(processExitsWith: .success) {
            unsetenv("LISTEN_FDS")
            let socket = try PassedSocket.ofProcess()
            #expect(socket == nil)
        }
    }

    @Test("a socket that does not listen, or is not a stream, is refused by name")
    func wrongKind() async {
        await #expect(processExitsWith: .success) {
            let error = SystemdError(subject: "the passed descriptor “status”", reason: .notListeningSocket)
            for kind in [SOCK_STREAM, SOCK_DGRAM] {
                let thrown = try passing([kind], isListening: false, names: "status") {
                    systemdError { try PassedSocket.ofProcess() }
                }
                #expect(thrown == error)
            }
        }
    }

    @Test("two sockets are refused, since only one would be answered")
    func two() async {
        await #expect(processExitsWith: .success) {
            let thrown = try passing([SOCK_STREAM, SOCK_STREAM], isListening: true, names: "status:other") {
                systemdError { try PassedSocket.ofProcess() }
            }
            #expect(thrown == SystemdError(subject: "status, other", reason: .tooManySockets(count: 2)))
        }
    }
}

private func systemdError(_ body: () throws -> PassedSocket?) -> SystemdError? {
    do {
        _ = try body()
        return nil
    } catch {
        return error as? SystemdError
    }
}

/// Runs `body` with sockets at the descriptors from 3 on. What was there before comes back, since the process may tell
/// its results through it.
private func passing<Result>(
    _ kinds: [__socket_type], isListening: Bool, names: String?, _ body: () throws -> Result
) throws -> Result {
    let places = kinds.indices.map { Int32(3 + $0) }
    // Far above the places, so that none of the copies is in the way.
    let saved = places.map { fcntl($0, F_DUPFD_CLOEXEC, 100) }
    defer {
        for (place, copy) in zip(places, saved) {
            if copy >= 0 { dup2(copy, place) } else { close(place) }
        }
    }
    try pass(kinds, isListening: isListening, names: names)
    return try body()
}

private func pass(_ kinds: [__socket_type], isListening: Bool, names: String?) throws {
    for (index, kind) in kinds.enumerated() {
        let descriptor = socket(AF_UNIX, Int32(kind.rawValue), 0)
        try #require(descriptor >= 0)
        if isListening {
            var name = sockaddr_un()
            name.sun_family = sa_family_t(AF_UNIX)
            // The address family alone: the kernel gives the socket an abstract name.
            let answer = withUnsafePointer(to: &name) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sa_family_t>.size))
                }
            }
            try #require(answer == 0 && listen(descriptor, 1) == 0)
        }
        let place = Int32(3 + index)
        if descriptor != place {
            try #require(dup2(descriptor, place) == place)
            close(descriptor)
        }
    }
    setenv("LISTEN_PID", "\(getpid())", 1)
    setenv("LISTEN_FDS", "\(kinds.count)", 1)
    if let names { setenv("LISTEN_FDNAMES", names, 1) } else { unsetenv("LISTEN_FDNAMES") }
}
