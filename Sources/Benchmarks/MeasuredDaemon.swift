import Glibc
import Spawning
import TestFiles

/// The program that is measured, as a daemon with a directory of its own and a new store.
final class MeasuredDaemon {
    let id: pid_t
    let store: MeasuredStore
    /// Where it answers on loopback; 0 when it answers at a local socket alone.
    let port: UInt16
    private let directory: TemporaryDirectory
    private let startedAt = ContinuousClock.now
    private var hasEnded = false

    /// What a start, a stop or a burst may take at most before the measurement is given up.
    static let patience = Duration.seconds(300)

    /// Starts it with these lines of a schedule file; with a port it answers there, too.
    init(_ program: String, _ kind: StoreKind, api: QuickAPI, lines: [String], port: UInt16 = 0) throws {
        self.port = port
        let directory = try TemporaryDirectory()
        self.directory = directory
        let path = directory.path
        do {
            store =
                switch kind {
                case .sqlite: try .sqlite(below: path)
                case .postgres:
                    try .postgres(named: "bench_" + path.suffix(6).lowercased() + "_\(getpid())")
                }
        } catch {
            directory.remove()
            throw error
        }
        do {
            guard mkdir(path + "/schedules", 0o700) == 0 else { throw Trouble.system(path) }
            let text = "CRON_TZ=UTC\n" + lines.joined(separator: "\n") + "\n"
            try write(text, to: path + "/schedules/jobs.cron")
            var environment = [
                "API_BASE_URL": api.url, "JOB_TOKEN": String(repeating: "0123456789abcdef", count: 4),
                "ADMIN_USER_UUID": "5f2c1a34-9f0b-4a43-8d5e-0b7c2f6d1e90", "HOME": path,
                "ALMANAC_SCHEDULES": path + "/schedules", "ALMANAC_STATE_DIRECTORY": path,
                "ALMANAC_LISTEN": "unix:\(path)/status", "ALMANAC_LOG_LEVEL": "error",
            ]
            if port > 0 {
                environment["ALMANAC_LISTEN"] = "127.0.0.1:\(port)"
                environment["ALMANAC_SOCKET"] = path + "/status"
            }
            environment.merge(store.environment) { $1 }
            if kind == .postgres { try Self.migrate(program, environment, log: path + "/migrate.log") }
            id = try withOutputFile(path + "/log") { output throws(SpawnError) in
                try spawn([program, "daemon"], environment: environment, output: output, errors: output)
            }
        } catch {
            store.remove()
            directory.remove()
            throw error
        }
    }

    private static func migrate(_ program: String, _ environment: [String: String], log: String) throws {
        let id = try withOutputFile(log) { output throws(SpawnError) in
            try spawn(
                [program, "migrate", "up"], environment: environment, output: output, errors: output)
        }
        var status: CInt = 0
        guard waitpid(id, &status, 0) == id, status == 0 else {
            throw Trouble("migrate up failed: \(try text(ofFile: log))")
        }
    }

    /// Waits until it says that it is ready, and answers how long after its start that is.
    func waitUntilReady() throws -> Duration {
        let isReady = try holds(within: Self.patience, every: .milliseconds(2)) {
            try checkThatItLives()
            return self.isReady
        }
        guard isReady else { throw Trouble("the daemon did not become ready: \(log)") }
        return ContinuousClock.now - startedAt
    }

    func processorTime() throws -> Duration { try ProcessFigures.processorTime(id) }

    func memory() throws -> ProcessFigures.Memory { try ProcessFigures.memory(id) }

    /// Stops it as a service manager does, and removes all that is its own.
    func stop() {
        guard !hasEnded else { return }
        hasEnded = true
        kill(id, SIGTERM)
        // A daemon that does not stop is ended all the same; nothing of it is measured any more.
        if (try? holds(within: .seconds(30), every: .milliseconds(10)) { waitpid(id, nil, WNOHANG) != 0 })
            != true
        {
            kill(id, SIGKILL)
            waitpid(id, nil, 0)
        }
        store.remove()
        directory.remove()
    }

    /// Throws what the daemon said when it has ended by itself.
    func checkThatItLives() throws {
        guard waitpid(id, nil, WNOHANG) == id else { return }
        let said = log
        hasEnded = true
        store.remove()
        directory.remove()
        throw Trouble("the daemon ended: \(said)")
    }

    /// The end of what it said.
    private var log: String { String(((try? text(ofFile: directory.path + "/log")) ?? "").suffix(2000)) }

    /// Whether it answers so.
    private var isReady: Bool {
        let connection = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard connection >= 0 else { return false }
        defer { close(connection) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: "\(directory.path)/status".utf8) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        guard withSocketAddress(&address, { connect(connection, $0, size) }) == 0 else { return false }
        let request = Array("GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        var answer = [UInt8](repeating: 0, count: 64)
        return send(connection, request, request.count, Int32(MSG_NOSIGNAL)) == request.count
            && recv(connection, &answer, answer.count, 0) > 0 && answer.starts(with: "HTTP/1.1 200".utf8)
    }
}
