import Glibc
import Synchronization

/// A PostgreSQL server of its own on loopback, which may be killed and started again.
final class DatabaseServer: Sendable {
    let port: Int
    private let directory: String
    private let password: String
    /// What it is started with beside the rest.
    private let options: [String]
    /// What makes the place in which the server runs, and then becomes it.
    private let prefix: [String]
    /// Where its small disk is, by the name that it has for the server.
    let smallDisk: String
    private let process = Mutex<ChildProcess?>(nil)
    private let poolerProcess = Mutex<ChildProcess?>(nil)

    /// Who may do anything there.
    static let administrator = "almanac_chaos"
    /// A role of an application: it owns what it makes, and may be refused something.
    static let application = "almanac_app"

    /// PostgreSQL and PgBouncer refuse to run as root.
    private static let asServer =
        getuid() == 0 ? ["/usr/bin/setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups"] : []

    /// Makes a server in `directory` and starts it, with `settings` of its own; with `disk`, it sees a disk of so many
    /// kibibytes at `smallDisk`.
    init(below directory: String, settings: [String] = [], disk: Int? = nil) async throws {
        self.directory = directory
        options = settings.flatMap { ["-c", $0] }
        smallDisk = directory + ".disk"
        prefix =
            disk.map { SmallDisk.mounting(at: directory + ".disk", kibibytes: $0, owner: "postgres") } ?? []
        password = randomDigits(32)
        port = Int.random(in: 20000..<32000)
        let binaries = try Self.binaries()
        let owner = getuid() == 0 ? ["-o", "postgres"] : []
        try await Self.run(["/usr/bin/install", "-d", "-m", "700"] + owner + [directory])
        try write(password, to: directory + "/password")
        chmod(directory + "/password", 0o644)
        try await Self.run(
            Self.asServer + [
                binaries + "/initdb", "-D", directory + "/data", "-U", Self.administrator, "-A",
                "scram-sha-256",
                "--pwfile=" + directory + "/password", "-E", "UTF8", "--no-sync",
            ])
        unlink(directory + "/password")
        try await start()
    }

    /// The connection string of one of its databases, directly or through the pooler.
    func string(_ database: String, pooled: Bool = false, as user: String = administrator) -> String {
        "postgresql://\(user):\(password)@127.0.0.1:\(pooled ? port - 10000 : port)/\(database)"
    }

    /// Starts the server and waits until it answers.
    func start() async throws {
        let binaries = try Self.binaries()
        try await wait(until: "the server in \(directory) answers") {
            // After a kill the first tries can find memory that dying processes still hold.
            if process.withLock({ $0?.status != nil || $0 == nil }) {
                let started = try ChildProcess(
                    prefix + Self.asServer + [
                        binaries + "/postgres", "-D", directory + "/data", "-p", "\(port)",
                        "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
                    ] + options, environment: ["PATH": "/usr/bin:/bin"], output: directory + ".log")
                process.withLock { $0 = started }
            }
            return (try? await sql("select 1")) != nil
        }
    }

    /// Its process, the last that was started.
    var id: pid_t { process.withLock { $0?.id ?? 0 } }

    /// Makes the role of an application.
    func makeApplication() async throws {
        try await sql("create role \(Self.application) login password '\(password)'")
    }

    /// Puts a copy of its data in the place of `name`, or the copy in the place of its data; only while it is stopped.
    func copyData(to name: String) async throws { try await replace(name, by: "data") }
    func rewindData(to name: String) async throws { try await replace("data", by: name) }

    private func replace(_ name: String, by other: String) async throws {
        try await Self.run(["/bin/rm", "-rf", "\(directory)/\(name)"])
        try await Self.run(["/bin/cp", "-a", "\(directory)/\(other)", "\(directory)/\(name)"])
    }

    /// Ends the server by a signal: SIGKILL is a crash, SIGINT breaks every connection in good order.
    func stop(by signal: Int32) async throws {
        guard let process = process.withLock({ $0 }) else { return }
        process.signal(signal)
        try await process.end(within: .seconds(20))
    }

    /// Starts a PgBouncer before it that gives each transaction another of few connections.
    func startPooler() async throws {
        let path = directory + "/pooler.ini"
        try write(
            """
            [databases]
            * = host=127.0.0.1 port=\(port) user=\(Self.administrator) password=\(password)
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port - 10000)
            unix_socket_dir =
            auth_type = any
            pool_mode = transaction
            default_pool_size = 2
            server_login_retry = 1
            """, to: path)
        chmod(path, 0o644)
        let started = try ChildProcess(
            Self.asServer + ["/usr/sbin/pgbouncer", "-q", path], output: directory + ".pooler.log")
        poolerProcess.withLock { $0 = started }
    }

    /// Ends the server and its pooler.
    func end() async throws {
        let pooler = poolerProcess.withLock { $0 }
        pooler?.signal(SIGKILL)
        _ = try await pooler?.end(within: .seconds(5))
        try await stop(by: SIGQUIT)
    }

    /// The rows that a statement answers, as texts; while the server recovers from a fault, it is asked again.
    @discardableResult
    func sql(_ statement: String, in database: String = "postgres") async throws -> [[String]] {
        let start = ContinuousClock.now
        while true {
            do {
                return try await ask(statement, in: database)
            } catch let error as Trouble where error.isOfRecovery && .now - start < patience {
                try await Task.sleep(for: .milliseconds(200))
            }
        }
    }

    private func ask(_ statement: String, in database: String) async throws -> [[String]] {
        let output = directory + ".\(UInt64.random(in: 0 ... .max))"
        defer { unlink(output) }
        let status = try await client(["-c", statement], database, name: "chaos", output: output)
            .end(within: patience)
        let answer = text(ofFile: output)
        guard status == 0 else { throw Trouble("psql: \(answer)\n\(statement)") }
        return answer.split(separator: "\n").map {
            $0.split(separator: "|", omittingEmptySubsequences: false).map(String.init)
        }
    }

    /// A session of psql that goes on until it is ended.
    func client(
        _ arguments: [String], _ database: String, name: String, output: String = "/dev/null",
        as user: String = administrator
    ) throws -> ChildProcess {
        try ChildProcess(
            ["/usr/bin/psql", "-XqAtw", "-v", "ON_ERROR_STOP=1", "-d", database] + arguments,
            environment: [
                "PGHOST": "127.0.0.1", "PGPORT": "\(port)", "PGUSER": user, "PGPASSWORD": password,
                // What others are forbidden is not meant for those who undo it.
                "PGOPTIONS": "-c default_transaction_read_only=off", "PGAPPNAME": name,
                "PGCONNECT_TIMEOUT": "\(patience.components.seconds)",
                "PATH": "/usr/bin:/bin",
            ], output: output)
    }

    private static func binaries() throws -> String {
        let top = "/usr/lib/postgresql"
        let versions = (9...30).reversed().map { "\(top)/\($0)/bin" }
        guard let found = versions.first(where: { access($0 + "/postgres", X_OK) == 0 }) else {
            throw Trouble("no PostgreSQL server is installed: apt-get install postgresql")
        }
        return found
    }

    private static func run(_ arguments: [String]) async throws {
        let process = try ChildProcess(arguments, environment: ["PATH": "/usr/bin:/bin"])
        guard try await process.end(within: patience) == 0 else {
            throw Trouble("\(arguments.joined(separator: " ")) failed")
        }
    }
}
