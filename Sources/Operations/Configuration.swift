import CivilTime
import Exposition
import Host
package import JobCatalog
package import Logging
package import Records
package import RunEngine
import Systemd

/// What the environment of the program says, with every problem of it.
package struct Configuration: Sendable {
    /// A value and where it was found, for errors.
    package struct Value: Sendable, Equatable {
        /// The value itself, which may be a secret: it is for requests, never for a message.
        package var text: String
        /// `environment`, `credential NAME`, `file PATH`, or what sets the service's environment.
        package var source: String
    }

    /// A value that is missing or unusable.
    package struct Problem: Sendable, Equatable {
        /// The variable's name, as `JOB_TOKEN`.
        package var name: String
        /// Where the value was found; nil when it was found nowhere, or could not be read.
        package var source: String?
        /// What is wrong, without showing a secret.
        package var message: String
        /// What to do about it.
        package var hint: String

        /// The problem as it is printed after `error: `.
        package var rendered: String {
            "\(name): \(message)" + (source.map { " (\($0))" } ?? "") + "\nhint: \(hint)"
        }
    }

    /// Where values come from: the environment, the service manager's credentials, and files.
    package struct Source: Sendable {
        var environment: [String: String]
        /// Where variables come from that this process did not bring: a unit, or an environment file.
        var origins: [String: String] = [:]
        /// The credential of a name in lower case, nil when there is none.
        var credential: @Sendable (String) throws(HostError) -> String?
        /// The text of the file that a `NAME_FILE` variable names.
        var secretFile: @Sendable (String) throws(HostError) -> String
    }

    private let source: Source
    /// The directories of schedule files.
    package let scheduleDirectories: [String]
    /// The zone of boundaries in task files that name none; nil: such a file is refused.
    package let taskZone: String?
    /// Where the embedded store lives.
    package let stateDirectory: String
    /// The lowest level that the daemon logs: `ALMANAC_LOG_LEVEL`, else `info`.
    package let logLevel: Logger.Level
    /// How long a stop waits for requests that are under way.
    package let drainLimit: Duration
    /// What may be set of the engine; its delay of a start counts from that of the machine here.
    package let engine: EngineSettings
    /// What happens while the database is away.
    package let storeOutage: StoreOutagePolicy
    /// Whether the daemon brings the schema of a database up to date at its start.
    package let migrates: Bool
    /// How long records are kept.
    package let retention: Retention
    /// How often the daemon takes away what is older.
    package let pruningInterval: Duration
    /// Which values requests may hold, and where they may go.
    package let valueRules: ValueRules
    /// The names besides those of loopback under which the daemon may be asked, in lower case.
    package let hostNames: Set<String>
    /// How many jobs have metrics of their own, `Metrics.jobsBounds`.
    package let metricsJobs: Int
    /// Where the daemon answers, as it was written.
    package let listen: String
    /// The path of the socket at which the daemon knows the members of its group; nil: there is none.
    package let socket: String?

    /// The directory of schedule files when `ALMANAC_SCHEDULES` is not set.
    package static let schedulesDefault = "/etc/almanac/schedules"
    /// The address when `ALMANAC_LISTEN` is not set.
    package static let listenDefault = "127.0.0.1:8787"
    /// The socket in the runtime directory of the service.
    static let socketName = "almanac.sock"
    /// Far below the service manager's own limit in our unit, `TimeoutStopSec=`, so that what is cut short is
    /// still recorded.
    package static let drainLimitDefault: Duration = .seconds(25)
    /// An API that is restarted, or started at the same time, is up by then.
    package static let apiGraceDefault: Duration = .seconds(60)
    /// What else the machine starts has begun to answer by then.
    package static let startDelayDefault: Duration = .seconds(60)
    /// The shortest job token: half of what `openssl rand -hex 32` makes.
    package static let tokenLengthMin = 32

    /// Reads what needs no validation of secrets; a bad value is a problem of `problems`, and its default is
    /// taken.
    package init(_ source: Source, problems: inout [Problem]) {
        self.source = source
        func text(_ name: String) -> String? {
            source.environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        scheduleDirectories = (text("ALMANAC_SCHEDULES") ?? Self.schedulesDefault).split(separator: ":").map(
            String.init)
        if scheduleDirectories.isEmpty {
            problems.append(
                Problem(
                    name: "ALMANAC_SCHEDULES", message: "it names no directory",
                    hint: "leave it out for \(Self.schedulesDefault)"))
        }
        taskZone = text("ALMANAC_TASK_TIME_ZONE")
        stateDirectory =
            text("ALMANAC_STATE_DIRECTORY") ?? text("STATE_DIRECTORY").map { String($0.prefix { $0 != ":" }) }
            ?? (text("XDG_STATE_HOME") ?? (text("HOME") ?? "/var/lib") + "/.local/state") + "/almanac"
        listen = text("ALMANAC_LISTEN") ?? Self.listenDefault
        socket =
            text(SettingName.socket)
            ?? text("RUNTIME_DIRECTORY").map { $0.prefix { $0 != ":" } + "/" + Self.socketName }
        if let level = text("ALMANAC_LOG_LEVEL") {
            logLevel = Logger.Level(rawValue: level.lowercased()) ?? .info
            if Logger.Level(rawValue: level.lowercased()) == nil {
                problems.append(
                    Problem(
                        name: "ALMANAC_LOG_LEVEL", message: "“\(level)” is not a log level",
                        hint: "write one of " + Logger.Level.allCases.map(\.rawValue).joined(separator: ", "))
                )
            }
        } else {
            logLevel = .info
        }
        let outage = text("ALMANAC_STORE_OUTAGE")
        storeOutage = outage.flatMap { StoreOutagePolicy(rawValue: $0) } ?? .auto
        if let outage, StoreOutagePolicy(rawValue: outage) == nil {
            problems.append(
                Problem(
                    name: "ALMANAC_STORE_OUTAGE",
                    message: "“\(outage)” is not what jobs can do while the database is away",
                    hint: "write one of " + StoreOutagePolicy.allCases.map(\.rawValue).joined(separator: ", ")
                ))
        }
        migrates = Self.migrates(text("ALMANAC_MIGRATE"), &problems)
        drainLimit =
            Self.duration("ALMANAC_DRAIN_LIMIT", text("ALMANAC_DRAIN_LIMIT"), &problems)
            ?? Self.drainLimitDefault
        engine = Self.engine(text, &problems)
        retention = RetentionSettings.read(text, problems: &problems)
        valueRules = ValueRules(origins: ValueOrigins.read(text(ValueOrigins.setting), problems: &problems))
        hostNames = Self.names(text("ALMANAC_HOSTNAMES"))
        metricsJobs = Self.metricsJobs(text("ALMANAC_METRICS_JOBS"), &problems)
        pruningInterval = RetentionSettings.interval(text("ALMANAC_PRUNE_EVERY"), problems: &problems)
        for index in problems.indices where problems[index].source == nil {
            problems[index].source = source.origins[problems[index].name]
        }
    }

    /// What may be set of the engine.
    private static func engine(_ text: (String) -> String?, _ problems: inout [Problem]) -> EngineSettings {
        var engine = EngineSettings(
            apiGrace: duration("ALMANAC_API_GRACE", text("ALMANAC_API_GRACE"), &problems)
                ?? apiGraceDefault,
            startDelay: duration("ALMANAC_START_DELAY", text("ALMANAC_START_DELAY"), &problems)
                ?? startDelayDefault)
        if let lease = duration("ALMANAC_LEASE", text("ALMANAC_LEASE"), &problems) {
            engine.lease = lease
            if !EngineLimits.leaseBounds.contains(lease) {
                problems.append(
                    Problem(
                        name: "ALMANAC_LEASE", message: "a lease lasts 3s to 1h",
                        hint:
                            "leave it out for \(EngineLimits.lease.components.seconds)s, which suits most hosts"
                    ))
            }
        }
        if let text = text("ALMANAC_REQUESTS_MAX") {
            if let count = Int(text), EngineLimits.requestsBounds.contains(count) {
                engine.requestsMax = count
            } else {
                problems.append(requestsProblem(text))
            }
        }
        return engine
    }

    private static func migrates(_ text: String?, _ problems: inout [Problem]) -> Bool {
        if let text, !["yes", "no"].contains(text) {
            problems.append(
                Problem(
                    name: "ALMANAC_MIGRATE", message: "“\(text)” is neither yes nor no",
                    hint: "write yes for a daemon that applies migrations at its start; leave it out for no"))
        }
        return text == "yes"
    }

    /// Names with blanks or commas between them.
    private static func names(_ text: String?) -> Set<String> {
        Set((text ?? "").split { $0 == "," || $0 == " " }.map { $0.lowercased() })
    }

    private static func metricsJobs(_ text: String?, _ problems: inout [Problem]) -> Int {
        guard let text else { return Metrics.jobsDefault }
        if let count = Int(text), Metrics.jobsBounds.contains(count) { return count }
        problems.append(
            Problem(
                name: "ALMANAC_METRICS_JOBS",
                message: "“\(text)” is not a number of jobs from 0 to \(Metrics.jobsBounds.upperBound)",
                hint: "leave it unset for \(Metrics.jobsDefault); other jobs are in sums"))
        return Metrics.jobsDefault
    }

    private static func requestsProblem(_ text: String) -> Problem {
        let bounds = EngineLimits.requestsBounds
        return Problem(
            name: "ALMANAC_REQUESTS_MAX",
            message:
                "“\(text)” is not a number of requests from \(bounds.lowerBound) to \(bounds.upperBound)",
            hint: "leave it unset for \(EngineLimits.requestsMax), which suits most hosts")
    }

    /// The duration that a variable says; nil when it is not set, or no duration, which is a problem.
    static func duration(_ name: String, _ text: String?, _ problems: inout [Problem]) -> Duration? {
        guard let text else { return nil }
        do {
            return try DurationText.parse(text)
        } catch {
            problems.append(
                Problem(name: name, message: "“\(text)” is not a duration: \(error)", hint: error.hint))
            return nil
        }
    }

    /// The value called `name`: of `NAME_FILE`, else of the credential, else of the environment; nil when it
    /// is nowhere.
    package func value(_ name: String) throws(Failure) -> Value? {
        do {
            if let file = file(of: name), !(file.mayBeMissing && StateDirectory.isMissing(file.path)) {
                return Value(text: try source.secretFile(file.path), source: "file \(file.path)")
            }
            if let text = try source.credential(name.lowercased()) {
                return Value(text: text, source: "credential \(name.lowercased())")
            }
        } catch {
            throw Failure(
                problem: Problem(name: name, message: error.message, hint: error.hint ?? "correct it"))
        }
        guard let text = source.environment[name], !text.isEmpty else { return nil }
        return Value(text: text, source: source.origins[name] ?? "environment")
    }

    /// What a variable says, and what set it; nil when it is not set.
    func variable(_ name: String) -> (text: String, origin: String)? {
        guard let text = source.environment[name], !text.isEmpty else { return nil }
        return (text, source.origins[name] ?? "environment")
    }

    /// The variables that look like settings of this program, in their order.
    package var settingNames: [String] {
        source.environment.keys.filter { $0.hasPrefix("ALMANAC_") && !(source.environment[$0] ?? "").isEmpty }
            .sorted()
    }

    /// Those of them that this program does not know.
    var unknownSettings: [String] {
        let known = Set(SettingName.all.map(\.name))
        return settingNames.filter { !known.contains($0) }
    }

    /// A sentence for each setting that this program does not know, and for each file of settings that others may change.
    package var doubts: [String] {
        looseFiles
            + unknownSettings.map { name in
                let near = Spelling.nearest(to: name, in: SettingName.all.map(\.name))
                return "\(name) is not a setting of almanac" + (near.map { "; did you mean \($0)?" } ?? "")
            }
    }

    /// That others may read the file of a secret, its own or one of settings; nil when they may not, or when it comes from
    /// elsewhere.
    package func exposure(of name: String) -> String? {
        let own = file(of: name)?.path
        let isOwn = own.map(StateDirectory.isMissing) == false
        guard let path = isOwn ? own : variable(name)?.origin, path.hasPrefix("/"),
            let mode = OutputFile.mode(path), mode & 0o077 != 0
        else { return nil }
        return "others may read \(path) (mode \(Self.digits(mode))): chmod \(isOwn ? "0400" : "0600") \(path)"
    }

    /// A sentence for each file of settings that others than its owner may change.
    private var looseFiles: [String] {
        Set(source.origins.values).filter { $0.hasPrefix("/") }.sorted().compactMap { path in
            guard let mode = OutputFile.mode(path), mode & 0o022 != 0 else { return nil }
            return "others may change \(path) (mode \(Self.digits(mode))): chmod 0640 \(path)"
        }
    }

    private static func digits(_ mode: UInt32) -> String { "0" + String(mode, radix: 8) }

    /// The names of the values that files hold, in their order.
    package var namesInFiles: [String] {
        source.environment.keys.filter { $0.hasSuffix("_FILE") && !$0.hasPrefix("ALMANAC_") }.sorted()
            .map { String($0.dropLast("_FILE".count)) }
    }

    /// The file that `NAME_FILE` names; with a `-` before it, as the service manager writes it, it may be missing.
    private func file(of name: String) -> (path: String, mayBeMissing: Bool)? {
        guard let path = source.environment[name + "_FILE"], !path.isEmpty else { return nil }
        return path.hasPrefix("-") ? (String(path.dropFirst()), true) : (path, false)
    }

    /// The files that `NAME_FILE` variables name, from which values of requests may come; in the order of their names.
    /// The store is opened once, so that its own counts no more after that.
    package var valueFiles: [String] {
        namesInFiles.filter { $0 != "DB_DSN" }.compactMap { file(of: $0)?.path }
    }

    /// A value that could not be read.
    package struct Failure: Error {
        /// Which value, and why.
        package var problem: Problem
    }

    /// The values that `jobs` refer to, each looked at as far as its form is known; what is missing or
    /// unusable is a problem. What no request may hold is not even read: that job's runs fail, and others run.
    package func values(for jobs: [Job], problems: inout [Problem]) -> [String: String] {
        var needs: [(name: String, job: Job)] = []
        for job in jobs {
            // The base URL tells where the token may be sent.
            let names = job.request.references
            for name in names.contains(ValueName.token) ? names + [ValueName.baseURL] : names
            where !needs.contains(where: { $0.name == name }) && !valueRules.isReserved(name) {
                needs.append((name, job))
            }
        }
        var values: [String: String] = [:]
        for (name, job) in needs {
            do throws(Failure) {
                guard let value = try value(name) else {
                    problems.append(
                        Problem(
                            name: name,
                            message:
                                "it has no value, and \(job.name) needs it (\(job.source.file):\(job.source.line))",
                            hint:
                                "set \(name) in the environment, or as the credential \(name.lowercased()), or name a "
                                + "file in \(name)_FILE"))
                    continue
                }
                if let problem = ValueRule.problem(name, value) {
                    problems.append(problem)
                } else {
                    values[name] = value.text
                }
            } catch {
                problems.append(error.problem)
            }
        }
        addBaseURL(to: &values, for: needs.map(\.name))
        return values
    }

    /// Where the API is decides where a secret may go, also in a request to somebody else; such a request can do without
    /// an API, and a base URL that is none counts as no API.
    private func addBaseURL(to values: inout [String: String], for names: [String]) {
        guard values[ValueName.baseURL] == nil, names.contains(where: valueRules.isBound),
            let value = (try? value(ValueName.baseURL)) ?? nil,
            ValueRule.problem(ValueName.baseURL, value) == nil
        else { return }
        values[ValueName.baseURL] = value.text
    }
}

extension Configuration.Source {
    /// The environment, credentials and files of this process.
    static func ofProcess(origins: [String: String]) -> Configuration.Source {
        let credentials = Credentials.ofProcess()
        return Configuration.Source(
            environment: ProcessInformation.environment(), origins: origins,
            credential: { (name) throws(HostError) in
                try onSystemd { () throws(SystemdError) in try credentials?.read(name) }
            },
            secretFile: { (path) throws(HostError) in
                try onSystemd { () throws(SystemdError) in try SecretFile.read(path: path) }
            })
    }

    private static func onSystemd<Result>(_ body: () throws(SystemdError) -> Result) throws(HostError)
        -> Result
    {
        do throws(SystemdError) {
            return try body()
        } catch {
            throw HostError(error.description, hint: error.hint)
        }
    }
}
