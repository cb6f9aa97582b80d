import CivilTime
import FoundationEssentials
import Glibc
import Records
import RunModel
import SQLiteStore
import StandInAPI
import TestFiles
import Testing

/// Due at every second, so that a test waits for at most one.
let everySecond = "* * * * * *  tick: POST /api/cron/purge_old as=admin retry=0 timeout=1h\n"

/// A deployment of its own: a directory with schedule files and state, the stand-in for the API, a configuration.
struct Bench: Sendable {
    let directory: String
    let api: StandInAPI
    /// The configuration of the programs; tests change it to what they look at.
    var environment: [String: String]

    /// The schedule files are here.
    var schedules: String { directory + "/schedules" }

    /// A run as `almanac history --output json` prints it, as far as tests look at it.
    struct Run: Decodable, Equatable {
        var runId: String
        var job: String
        var trigger: String
        var scheduledFor: String?
        var state: String
        var outcome: String?
        var reason: String?
        var httpStatus: Int?
        var occurrences: Int
        var requestedBy: String?
        var dryRun: Bool

        /// Whether it has its outcome.
        var isFinished: Bool { state == "finished" }

        /// Whether it is at rest when its host has stopped: it has its outcome; or it was claimed at that very moment,
        /// has sent nothing, and is for the next start or another host.
        var isAtRest: Bool { isFinished || state == "claimed" }
    }

    private struct Hosts: Decodable {
        struct Host: Decodable { var state: String }
        var hosts: [Host]
    }

    /// What the store says of each host, as `almanac jobs --output json` prints it.
    func hosts() async throws -> [String] {
        let result = try await almanac("jobs", "--output", "json")
        try #require(result.status == 0, "\(result.errors)")
        return try JSONDecoder().decode(Hosts.self, from: Data(result.output.utf8)).hosts.map(\.state)
    }

    private struct Listing: Decodable {
        struct Job: Decodable {
            var job: String
            var configHash: String
        }
        var jobs: [Job]
    }

    /// Makes the jobs of the files known to the embedded store as if a daemon had begun with them 400 days ago, and none
    /// had decided anything of them since.
    func missedForYears() async throws {
        let result = try await almanac("jobs", "--output", "json")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let jobs = try decoder.decode(Listing.self, from: Data(result.output.utf8)).jobs
        #expect(try await almanac("migrate", "up").status == 0)
        let store = SQLiteRunStore(path: directory + "/state/almanac.db", clock: wallClock)
        _ = try await store.register(
            jobs.map { JobRegistration(job: try #require(JobName($0.job)), configHash: $0.configHash) },
            by: HostID("earlier/1"), now: wallClock() - .seconds(400 * 86_400))
        await store.close()
    }

    private struct History: Decodable {
        var runs: [Run]
    }

    /// Writes a schedule file, which is there as a whole or not at all: a daemon may read at any time.
    func write(_ text: String, to file: String = "jobs.cron") throws {
        try put(text, at: schedules + "/" + file)
    }

    /// Puts a file in the place of the one at `path`, as a whole.
    func put(_ text: String, at path: String) throws {
        let new = directory + "/new-file"
        try TestFiles.write(text, to: new)
        try #require(rename(new, path) == 0, "\(path): \(String(cString: strerror(errno)))")
    }

    /// Starts `almanac` with these arguments.
    func start(_ arguments: String..., environment changes: [String: String] = [:]) throws -> ProgramProcess {
        try launch(arguments, changes)
    }

    /// Runs `almanac` with these arguments to its end.
    @discardableResult
    func almanac(
        _ arguments: String..., environment changes: [String: String] = [:]
    ) async throws -> ProgramProcess.Result {
        try await run(arguments, changes)
    }

    /// Runs `almanac` with these arguments to its end.
    func run(_ arguments: [String], _ changes: [String: String] = [:]) async throws -> ProgramProcess.Result {
        try await launch(arguments, changes).result()
    }

    private func launch(_ arguments: [String], _ changes: [String: String]) throws -> ProgramProcess {
        try ProgramProcess(
            ["almanac"] + arguments, environment: environment.merging(changes) { _, new in new },
            directory: directory)
    }

    /// Starts the daemon and waits until it is ready.
    func startDaemon(environment changes: [String: String] = [:]) async throws -> ProgramProcess {
        let daemon = try start("daemon", environment: changes)
        try await eventually("the daemon is ready") {
            try #require(!daemon.hasEnded, "it ended: \(daemon.errors)")
            return daemon.errors.contains(" ready ")
        }
        return daemon
    }

    /// Waits until the daemon has answered for its health, and answers what it said: the first answer that is as it is to
    /// be. A daemon that comes late to its work says so for a while, and one that is busy may not answer at once.
    @discardableResult
    func health(
        _ what: String = "health passes", _ arguments: String...,
        until isWanted: (ProgramProcess.Result) -> Bool = { $0.status == 0 }
    ) async throws -> ProgramProcess.Result {
        var last: ProgramProcess.Result?
        do {
            try await eventually(what) {
                let result = try await run(["health"] + arguments)
                last = result
                return isWanted(result)
            }
        } catch {
            Issue.record("health said last: \(last?.output ?? "")\(last?.errors ?? "")")
            throw error
        }
        return try #require(last)
    }

    /// Lets a request be held, and waits until it is: from then on a run is under way until the API releases it.
    func holdRequest() async throws {
        api.misbehave(.hold, count: 1)
        try await eventually("a request is held") { api.heldCount == 1 }
    }

    /// Kills a daemon with its first request under way, and lets another go on until a run succeeds; answers the run
    /// that was lost, and all that are recorded in the end.
    func killDuringRequest() async throws -> (lost: Run, runs: [Run]) {
        api.misbehave(.hold)
        let killed = try await startDaemon()
        try await eventually("a request is under way") { api.heldCount == 1 }
        killed.signal(SIGKILL)
        #expect(try await killed.result().status == 128 + SIGKILL)
        let lost = try #require(try await history().first { $0.state == "running" })
        api.behave()
        let daemon = try await startDaemon()
        try await eventually("a run succeeds") {
            try await history().contains { $0.outcome == "succeeded" }
        }
        try await daemon.stop()
        return (lost, try await history())
    }

    /// All runs that are recorded, newest first.
    func history() async throws -> [Run] {
        let result = try await almanac("history", "--limit", "10000", "--output", "json")
        try #require(result.status == 0, "\(result.errors)")
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(History.self, from: Data(result.output.utf8)).runs
    }
}

/// What the clock of this machine shows.
let wallClock: @Sendable () -> Instant = { Instant(seconds: Int64(time(nil))) }

/// A random token of the right form.
func randomToken() -> String {
    (0..<64).map { _ in String("0123456789abcdef".randomElement() ?? "0") }.joined()
}

/// A random number in the form of a UUID.
func randomUUID() -> String {
    UUID().uuidString.lowercased()
}

/// Runs `body` with a deployment of its own, and removes it afterwards.
func withBench(_ body: (inout Bench) async throws -> Void) async throws {
    let temporary = try TemporaryDirectory()
    defer { temporary.remove() }
    let directory = temporary.path
    try #require(mkdir(directory + "/schedules", 0o700) == 0)
    let settings = StandInSettings(token: randomToken(), adminID: randomUUID(), superadminID: randomUUID())
    let api = try await StandInAPI.start(settings)
    var environment = [
        "API_BASE_URL": api.url, "JOB_TOKEN": settings.token, "ADMIN_USER_UUID": settings.adminID,
        "SUPERADMIN_USER_UUID": settings.superadminID, "ALMANAC_SCHEDULES": directory + "/schedules",
        "ALMANAC_STATE_DIRECTORY": directory + "/state", "ALMANAC_LISTEN": "unix:" + directory + "/status",
        "HOME": directory, "LANG": "C.UTF-8",
        // Nobody is too slow: a machine may keep a process from its work for a minute.
        "ALMANAC_DRAIN_LIMIT": "1h", "ALMANAC_LEASE": "10m",
    ]
    // Where the libraries of the toolchain are, if the tests were told.
    if let path = getenv("LD_LIBRARY_PATH") { environment["LD_LIBRARY_PATH"] = String(cString: path) }
    var bench = Bench(directory: directory, api: api, environment: environment)
    do {
        try await body(&bench)
    } catch {
        try await api.stop()
        throw error
    }
    try await api.stop()
}
