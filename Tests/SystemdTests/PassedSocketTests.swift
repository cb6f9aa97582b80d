import Glibc
import Systemd
import Testing

/// Each test runs in a process of its own, which puts its sockets where the service manager would.
@Suite struct PassedSocketTests {
    @Test("a listening socket is taken with its name and closed on exec")
    func listening() async {
        await #expect(processExitsWith: .success) {
            try pass([SOCK_STREAM], isListening: true, names: "status")
            #expect(try PassedSocket.ofProcess() == PassedSocket(descriptor: 3, name: "status"))
            #expect(fcntl(3, F_GETFD) & FD_CLOEXEC != 0)
        }
    }

    @Test("a socket without a name is taken too")
    func unnamed() async {
        await #expect(processExitsWith: .success) {
            try pass([SOCK_STREAM], isListening: true, names: nil)
            #expect(try PassedSocket.ofProcess()?.name == "unknown")
        }
    }

    @Test("what was passed to another process is not ours")
    func otherProcess() async {
        await #expect(processExitsWith: .success) {
            try pass([SOCK_STREAM], isListening: true, names: "status")
            setenv("LISTEN_PID", "1", 1)
            #expect(try PassedSocket.ofProcess() == nil)
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
            try pass([SOCK_STREAM], isListening: false, names: "status")
            let error = SystemdError(subject: "the passed descriptor “status”", reason: .notListeningSocket)
            #expect(throws: error) { try PassedSocket.ofProcess() }
            try pass([SOCK_DGRAM], isListening: false, names: "status")
            #expect(throws: error) { try PassedSocket.ofProcess() }
        }
    }

    @Test("two sockets are refused, since only one would be answered")
    func two() async {
        await #expect(processExitsWith: .success) {
            try pass([SOCK_STREAM, SOCK_STREAM], isListening: true, names: "status:other")
            #expect(throws: SystemdError(subject: "status, other", reason: .tooManySockets(count: 2))) {
                try PassedSocket.ofProcess()
            }
        }
    }
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
