import Glibc
import StandInAPI
import Synchronization

/// One database of a server, an API, schedule files, and the daemons that work with them.
final class Deployment: Sendable {
    let server: DatabaseServer
    let database: String
    let api: StandInAPI
    let directory: String
    /// The role that its daemons act as.
    let user: String
    private let environment: [String: String]
    private let started = Mutex<[Daemon]>([])

    /// How long a daemon's lease is: the shortest that it accepts.
    static let lease = Duration.seconds(3)
    /// From which the databases of a server are made.
    private static let template = "chaos_template"

    /// Makes the database from which those of deployments are copied: that of `user`, with the schema of `program`.
    static func prepare(
        _ server: DatabaseServer, _ directory: String, as user: String = DatabaseServer.administrator,
        with program: String = program("almanac")
    ) async throws {
        try await server.sql("create database \(template) owner \(user)")
        try await migrate(server, template, directory, as: user, with: program)
        try await server.sql(Gates.schema + Gates.triggers, in: template)
    }

    private static func migrate(
        _ server: DatabaseServer, _ database: String, _ directory: String, as user: String,
        with program: String
    ) async throws {
        let output = "\(directory)/migrate-\(database).log"
        let migration = try ChildProcess(
            [program, "migrate", "up"],
            environment: ["DB_DSN": server.string(database, as: user), "HOME": directory].merging(libraries) {
                own, _ in own
            }, output: output)
        guard try await migration.end(within: patience) == 0 else { throw Trouble(text(ofFile: output)) }
    }

    /// Brings its schema to that of this version.
    func migrate() async throws {
        try await Self.migrate(server, database, directory, as: user, with: Self.program("almanac"))
    }

    /// A deployment in `directory`, whose name is its database's too; with a line of a schedule file for each job. The
    /// database is `user`'s, as its template is, and lies in `tablespace`.
    init(
        _ server: DatabaseServer, name: String, below parent: String, schedule: String,
        as user: String = DatabaseServer.administrator, in tablespace: String = "pg_default"
    ) async throws {
        self.server = server
        self.user = user
        database = name
        directory = parent + "/" + name
        mkdir(directory, 0o700)
        mkdir(directory + "/schedules", 0o700)
        try await server.sql(
            "create database \(name) template \(Self.template) owner \(user) tablespace \(tablespace)")
        let settings = StandInSettings(token: randomDigits(64))
        api = try await StandInAPI.start(settings)
        environment = [
            "API_BASE_URL": api.url, "JOB_TOKEN": settings.token, "ADMIN_USER_UUID": settings.adminID,
            "ALMANAC_SCHEDULES": directory + "/schedules",
            "ALMANAC_LEASE": "\(Self.lease.components.seconds)s",
            "ALMANAC_DRAIN_LIMIT": "3s", "ALMANAC_LOG_LEVEL": "debug", "HOME": directory,
        ].merging(Self.libraries) { own, _ in own }
        try write("CRON_TZ=UTC\n" + schedule + "\n", to: directory + "/schedules/jobs.cron")
    }

    /// The daemon of that number; those of one number are one host, one after the other. With `disk` its state is on a
    /// disk of so many kibibytes, which is gone when it ends.
    func daemon(
        _ number: Int, pooled: Bool = false, outage: String = "hold", settings: [String: String] = [:],
        disk: Int? = nil, program: String = Deployment.program("almanac")
    ) -> Daemon {
        let state = "\(directory)/host-\(number)"
        let own = [
            "ALMANAC_STATE_DIRECTORY": state, "ALMANAC_LISTEN": "unix:\(directory)/status-\(number)",
            "DB_DSN": server.string(database, pooled: pooled, as: user), "ALMANAC_STORE_OUTAGE": outage,
        ].merging(settings) { $1 }
        let daemon = Daemon(
            number: number, program: program, environment: environment.merging(own) { $1 },
            log: "\(directory)/daemon-\(number).log",
            prefix: disk.map { SmallDisk.mounting(at: state, kibibytes: $0) } ?? [])
        started.withLock { $0.append(daemon) }
        return daemon
    }

    /// What the statement answers in its database.
    @discardableResult
    func sql(_ statement: String) async throws -> [[String]] {
        try await server.sql(statement, in: database)
    }

    /// As if a job had been in force for a minute before `due`, so that this occurrence is owed whenever a daemon comes.
    func backdate(_ job: String, before due: String) async throws {
        let listing = try await almanac(["jobs", "--output", "json"]).output
        guard let key = listing.firstRange(of: "\"config_hash\":"),
            let hash = listing[key.upperBound...].split(separator: "\"").dropFirst().first
        else { throw Trouble("no hash of a definition in \(listing)") }
        try await sql(
            """
            insert into almanac.jobs (job, last_scheduled_for)
                values ('\(job)', '\(due)'::timestamptz - interval '1s');
            insert into almanac.definitions (job, since, config_hash, host)
                values ('\(job)', '\(due)'::timestamptz - interval '1 minute', '\(hash)', 'earlier');
            """)
    }

    /// A program of almanac in this deployment, run to its end: with the database, or with the records of a daemon that
    /// runs without one.
    func almanac(
        _ arguments: [String], beside embedded: Daemon? = nil
    ) async throws -> (status: Int32, output: String) {
        let output = "\(directory)/\(arguments[0]).log"
        let own = [
            "DB_DSN": embedded == nil ? server.string(database, as: user) : "",
            "ALMANAC_STATE_DIRECTORY": embedded?.stateDirectory ?? "\(directory)/operator",
            "ALMANAC_LOG_LEVEL": "info",
        ]
        let process = try ChildProcess(
            (embedded.map { SmallDisk.entering($0.id) } ?? []) + [Self.program("almanac")] + arguments,
            environment: environment.merging(own) { $1 }, output: output)
        return (try await process.end(within: patience), text(ofFile: output))
    }

    /// Ends whatever of it still runs.
    func end() async throws {
        for daemon in started.withLock({ $0 }) { try await daemon.kill() }
        try await api.stop()
    }

    /// The lines of its daemons' logs that contain `part`.
    func logLines(_ part: String) -> Int {
        Set(started.withLock { $0 }.map(\.log)).reduce(0) { count, log in
            count + text(ofFile: log).split(separator: "\n").count { $0.contains(part) }
        }
    }

    /// The path of a program that stands beside this one.
    static func program(_ name: String) -> String {
        var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink("/proc/self/exe", &bytes, bytes.count)
        let path = String(decoding: bytes.prefix(max(count, 0)).map(UInt8.init(bitPattern:)), as: UTF8.self)
        return path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            + "/" + name
    }

    /// Where the libraries of the toolchain are, if this program was told.
    private static var libraries: [String: String] {
        guard let path = getenv("LD_LIBRARY_PATH") else { return [:] }
        return ["LD_LIBRARY_PATH": String(cString: path)]
    }
}

/// A daemon, which may die and be started again.
final class Daemon: Sendable {
    let number: Int
    let log: String
    private let program: String
    private let environment: [String: String]
    /// What makes the place in which the program runs, and then becomes it.
    private let prefix: [String]
    private let state = Mutex(State())

    private struct State {
        var process: ChildProcess?
        var isWanted = false
        /// How much of the log is of earlier processes.
        var older = 0
    }

    init(number: Int, program: String, environment: [String: String], log: String, prefix: [String]) {
        self.number = number
        self.program = program
        self.environment = environment
        self.log = log
        self.prefix = prefix
    }

    /// Its process, the last that was started.
    var id: pid_t { state.withLock { $0.process?.id ?? 0 } }

    /// The directory of its state, by the name that it has for the daemon.
    var stateDirectory: String { environment["ALMANAC_STATE_DIRECTORY"] ?? "" }

    /// What the server's lists show of its connections.
    var applicationName: String { "almanac \(id)" }

    /// Whether it has said so.
    var isReady: Bool {
        text(ofFile: log).utf8.dropFirst(state.withLock { $0.older }).contains(" ready ".utf8)
    }

    func start() throws {
        try state.withLock { state in
            state.isWanted = true
            try start(&state)
        }
    }

    /// What a service manager does: starts it again when it has ended although nobody wanted it to; answers how it ended.
    func revive() throws -> Int32? {
        try state.withLock { state in
            guard state.isWanted, let status = state.process?.status else { return nil }
            try start(&state)
            return status
        }
    }

    private func start(_ state: inout State) throws {
        if let process = state.process, process.status == nil { return }
        state.older = text(ofFile: log).utf8.count
        state.process = try ChildProcess(
            prefix + [program, "daemon"], environment: environment, output: log)
    }

    func kill() async throws {
        try await stop(by: SIGKILL)
    }

    /// Ends it by a signal, and answers how it ended.
    @discardableResult
    func stop(by signal: Int32) async throws -> Int32? {
        let process = state.withLock {
            $0.isWanted = false
            return $0.process
        }
        process?.signal(signal)
        return try await process?.end(within: patience)
    }

    func freeze() { state.withLock { $0.process }?.signal(SIGSTOP) }

    func thaw() { state.withLock { $0.process }?.signal(SIGCONT) }
}
