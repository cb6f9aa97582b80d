import Glibc
import Logging
import NIOCore
import RunEngine
import RunModel
import ServiceLifecycle
import Testing

@testable import StatusServer

@Suite(.timeLimit(.minutes(10))) struct StatusServerTests {
    @Test("health is answered with its type and is not to be kept", arguments: ["127.0.0.1:0", "[::1]:0"])
    func health(address: String) async throws {
        try await withServer(ListenAddress(parsing: address)) { address in
            let answer = try await RawClient.exchange(
                address, "GET /health?verbose HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            let body = FixedHealth().health(.wrong).json.pretty + "\n"
            #expect(
                answer
                    == "HTTP/1.1 200 OK\r\nContent-Type: application/health+json\r\n"
                    + "Content-Length: \(body.utf8.count)"
                    + "\r\nCache-Control: no-store\r\n\r\n" + body)
        }
    }

    @Test("HEAD is answered like GET, without the body")
    func head() async throws {
        try await withServer(.tcp(host: "127.0.0.1", port: 0)) { address in
            let answer = try await RawClient.exchange(
                address, "HEAD /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("\r\nContent-Length: 3\r\n"))
            #expect(answer.hasSuffix("\r\n\r\n"))
        }
    }

    @Test("another method is told which ones there are")
    func otherMethod() async throws {
        try await withServer(.tcp(host: "127.0.0.1", port: 0)) { address in
            let answer = try await RawClient.exchange(
                address, "DELETE /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 405 Method Not Allowed\r\n"))
            #expect(answer.contains("\r\nAllow: GET, HEAD\r\n"))
        }
    }

    @Test("a connection can ask twice")
    func keepAlive() async throws {
        try await withServer(.tcp(host: "127.0.0.1", port: 0)) { address in
            try await RawClient.withConnection(to: address) { connection in
                for _ in 1...2 {
                    try await connection.send("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n")
                    #expect(try await connection.next(until: "ok\n").hasPrefix("HTTP/1.1 200 OK\r\n"))
                }
            }
        }
    }

    @Test(
        "a body is not read: the answer comes and the connection ends",
        arguments: [
            "Content-Length: 1000000000", "Transfer-Encoding: chunked",
        ])
    func body(header: String) async throws {
        try await withServer(.tcp(host: "127.0.0.1", port: 0)) { address in
            let answer = try await RawClient.exchange(
                address, "POST /health HTTP/1.1\r\nHost: x\r\n\(header)\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 405 "))
            #expect(answer.contains("\r\nConnection: close\r\n"))
        }
    }

    @Test("what is not about the process is asked of the API, whole, and the connection goes on")
    func api() async throws {
        try await withServer(.tcp(host: "127.0.0.1", port: 0)) { address in
            try await RawClient.withConnection(to: address) { connection in
                for _ in 1...2 {
                    try await connection.send(
                        "POST /v1/x?a=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody")
                    let answer = try await connection.next(until: "body")
                    #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
                    #expect(answer.hasSuffix("POST [\"v1\", \"x\"] [\"a=1\"] body"))
                }
            }
        }
    }

    @Test("a body that is too long is refused, and the connection ends")
    func longBody() async throws {
        try await withServer(.tcp(host: "127.0.0.1", port: 0)) { address in
            let answer = try await RawClient.exchange(
                address,
                "POST /v1/x HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n"
                    + String(repeating: "x", count: 70_000))
            #expect(answer.hasPrefix("HTTP/1.1 413 "))
        }
    }

    @Test(
        "what is not HTTP, or too long, is a bad request",
        arguments: [
            "nonsense\r\n\r\n", "GET /health HTTP/1.1\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n",
            "GET /\(String(repeating: "x", count: 20_000)) HTTP/1.1\r\n\r\n",
            "GET /health HTTP/1.1\r\n" + String(repeating: "X: y\r\n", count: 100) + "\r\n",
        ])
    func badRequest(request: String) async throws {
        try await withServer(.tcp(host: "127.0.0.1", port: 0)) { address in
            let answer = try await RawClient.exchange(address, request)
            #expect(answer.hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
        }
    }

    @Test("a port that is taken is named, to the one who waits and to the one who runs")
    func portInUse() async throws {
        try await withServer(.tcp(host: "127.0.0.1", port: 0)) { address in
            let second = StatusServer(
                listen: address, source: FixedHealth(), api: EchoingAPI(), logger: quiet)
            let error = StatusServerError(address: address.description, reason: .inUse)
            await #expect(throws: error) { try await second.run() }
            await #expect(throws: error) { try await second.listening() }
        }
    }

    @Test("a local socket is for the user and the group, and goes with the server")
    func localSocket() async throws {
        let path = temporaryPath()
        try await withServer(.unix(path: path)) { address in
            #expect(address == .unix(path: path))
            #expect(mode(of: path) == S_IFSOCK | 0o660)
            let answer = try await RawClient.exchange(
                address, "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(answer.hasSuffix("\r\n\r\nok\n"))
        }
        #expect(mode(of: path) == nil)
    }

    @Test("a socket that a dead server left is replaced")
    func staleSocket() async throws {
        let path = temporaryPath()
        try leaveStaleSocket(at: path)
        try await withServer(.unix(path: path)) { address in
            let answer = try await RawClient.exchange(
                address, "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test("a socket that is answered, and a file, are left alone")
    func occupiedPath() async throws {
        let path = temporaryPath()
        try await withServer(.unix(path: path)) { address in
            let second = StatusServer(
                listen: address, source: FixedHealth(), api: EchoingAPI(), logger: quiet)
            await #expect(throws: StatusServerError(address: "unix:\(path)", reason: .inUse)) {
                try await second.run()
            }
            #expect(mode(of: path) == S_IFSOCK | 0o660)
        }
        close(open(path, O_WRONLY | O_CREAT, 0o600))
        defer { unlink(path) }
        let third = StatusServer(
            listen: .unix(path: path), source: FixedHealth(), api: EchoingAPI(), logger: quiet)
        await #expect(throws: StatusServerError(address: "unix:\(path)", reason: .notSocket)) {
            try await third.run()
        }
        #expect(mode(of: path) == S_IFREG | 0o600)
    }

    @Test("a passed socket is answered on, and its address is known")
    func passedSocket() async throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        try #require(descriptor >= 0 && listen(descriptor, 8) == 0)
        try await withServer(.passed(descriptor: descriptor)) { address in
            guard case .tcp(_, let port) = address else {
                Issue.record("the address is \(address)")
                return
            }
            let answer = try await RawClient.exchange(
                .tcp(host: "127.0.0.1", port: port),
                "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test(
        "a request that comes a byte at a time ends with its time, in its head and in its body",
        arguments: [
            "GET /livez HTTP/1.1\r\nHost: x\r\n",
            "POST /v1/jobs HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n",
        ])
    func slowRequest(beginning: String) async throws {
        let bounds = Connections.Bounds(phase: .milliseconds(300), connections: 64)
        try await withServer(.tcp(host: "127.0.0.1", port: 0), bounds) { address in
            try await RawClient.withConnection(to: address) { connection in
                try await connection.send(beginning)
                // Until the server takes them no more; if it never closes, the test never ends.
                while (try? await connection.send("x")) != nil {
                    try await Task.sleep(for: .milliseconds(20))
                }
            }
        }
    }

    @Test("of too many connections those that wait for their clients make room", arguments: [false, true])
    func tooMany(haveBegun: Bool) async throws {
        let bounds = Connections.Bounds(phase: .seconds(600), connections: 8)
        let path = temporaryPath()
        try await withServer(.unix(path: path), bounds) { address in
            let idle = try (1...40).map { _ in try openSocket(at: path, with: connect) }
            defer { for descriptor in idle { close(descriptor) } }
            if haveBegun {
                for descriptor in idle { _ = write(descriptor, "GET /", 5) }
            }
            // Once the server has taken all of them; if it keeps too many, the test never ends.
            while idle.count(where: isClosedByPeer) < idle.count - bounds.connections {
                try await Task.sleep(for: .milliseconds(1))
            }
            let answer = try await RawClient.exchange(
                address, "GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 200 "))
        }
    }

    @Test("a connection of HTTP/1.0 ends after its answer")
    func oldVersion() async throws {
        try await withServer(.tcp(host: "127.0.0.1", port: 0), .init(phase: .seconds(600), connections: 8)) {
            address in
            let answer = try await RawClient.exchange(address, "GET /livez HTTP/1.0\r\n\r\n")
            #expect(answer.hasSuffix("ok\n"))
        }
    }

    @Test("a graceful stop ends an idle connection and the server")
    func gracefulStop() async throws {
        let server = StatusServer(
            listen: .tcp(host: "127.0.0.1", port: 0), source: FixedHealth(), api: EchoingAPI(), logger: quiet)
        let services = ServiceGroup(configuration: .init(services: [server], logger: quiet))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await services.run() }
            let address = try await server.listening()
            try await RawClient.withConnection(to: address) { connection in
                try await connection.send("GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(try await connection.next(until: "ok\n").hasPrefix("HTTP/1.1 200 "))
                await services.triggerGracefulShutdown()
                #expect(try await connection.rest().isEmpty)
            }
            try await tasks.waitForAll()
        }
    }

    @Test("a server that stops while clients come ends in order", arguments: 1...50)
    func stopWhileClientsCome(_: Int) async throws {
        let path = temporaryPath()
        try await withServer(.unix(path: path)) { _ in
            // The kernel takes them before the server does, which then does so while it is stopping.
            for _ in 1...16 { close(try openSocket(at: path, with: connect)) }
        }
    }
}

private let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// A server that listens at `address` while `body` runs.
private func withServer(
    _ address: ListenAddress, _ bounds: Connections.Bounds = .init(),
    _ body: (ListenAddress) async throws -> Void
) async throws {
    let server = StatusServer(
        listen: address, source: FixedHealth(), api: EchoingAPI(), bounds: bounds, logger: quiet)
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await server.run() }
        try await body(try await server.listening())
        tasks.cancelAll()
        try await tasks.waitForAll()
    }
}

private func temporaryPath() -> String {
    "/tmp/almanac-test-\(getpid())-\(UInt64.random(in: 0...UInt64.max))"
}

private func mode(of path: String) -> mode_t? {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode : nil
}

/// Binds a socket to `path` and closes it without a trace of who listened.
private func leaveStaleSocket(at path: String) throws {
    close(try openSocket(at: path, with: bind))
}

/// A socket that was bound or connected to `path`, which is its caller's to close.
private func openSocket(
    at path: String, with call: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    try #require(descriptor >= 0)
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
    let answer = withUnsafePointer(to: &name) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            call(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
    try #require(answer == 0, "\(String(cString: strerror(errno)))")
    return descriptor
}

/// Whether the other side has closed the connection, which has nothing to read.
private func isClosedByPeer(_ descriptor: Int32) -> Bool {
    var byte: UInt8 = 0
    return recv(descriptor, &byte, 1, Int32(MSG_PEEK | MSG_DONTWAIT)) == 0
}
