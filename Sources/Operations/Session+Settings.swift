import CivilTime
import Exposition
import Host
import JobCatalog
import Records
import RunEngine
import ScheduleFiles
import Scheduling

/// A setting as it is in force, and where it came from.
package struct ShownSetting: Sendable, Equatable {
    /// The variable, as `ALMANAC_LISTEN`.
    package var name: String
    /// The value, a secret as its length; nil when there is none.
    package var value: String?
    /// `default`, `environment`, a unit, a file; nil when there is no value.
    package var origin: String?
    /// What is wrong with it; nil when nothing is.
    package var problem: String?
}

extension Configuration {
    /// A sentence for each secret of these names, and of the store and the doors, whose file others may read.
    package func exposures(of names: some Sequence<String>) -> [String] {
        Set(names).union(["DB_DSN", "JOB_TOKEN", "STATUS_TOKEN"]).sorted().compactMap { name in
            exposure(of: name).map { "\(name): \($0)" }
        }
    }
}

extension Session {
    /// The name of the token that only reads.
    static let statusToken = "STATUS_TOKEN"

    /// The tokens of the API; one that cannot be used is an error, none is not.
    package func tokens() throws(CommandError) -> (job: String?, status: String?) {
        (try token(ValueName.token), try token(Self.statusToken))
    }

    private func token(_ name: String) throws(CommandError) -> String? {
        do throws(Configuration.Failure) {
            guard let value = try configuration.value(name) else { return nil }
            if let problem = ValueRule.problem(name, value) { throw Configuration.Failure(problem: problem) }
            return value.text
        } catch {
            throw CommandError([error.problem]) ?? CommandError(.configuration, error.problem.message)
        }
    }

    /// Where the records are, as people call it; why that cannot be told in its place.
    package func recordsPlace() -> String {
        if let refusal = standpoint.refusal { return refusal.message }
        if asksService { return Self.servicePlace }
        do throws(CommandError) {
            return try place()
        } catch {
            return error.message
        }
    }

    /// Who this process acts as.
    package var actor: String { ProcessInformation.userName() }

    /// Every setting, and every value that a job of the schedule files needs; secrets by their length alone.
    package func settings() -> [ShownSetting] {
        let needed = load().catalog.jobs.flatMap(\.request.references)
        let values = [ValueName.baseURL, ValueName.token, ValueName.admin, ValueName.superadmin]
        let others = Set(needed).subtracting(values).sorted()
        let strange = configuration.unknownSettings.map { name in
            ShownSetting(name: name, value: "?", origin: configuration.variable(name)?.origin)
        }
        return strange + SettingName.all.map(setting) + ["DB_DSN", Self.statusToken].map(value)
            + (values + others).map(value)
    }

    private func setting(_ known: (name: String, usual: String?)) -> ShownSetting {
        if let (text, origin) = configuration.variable(known.name) {
            let problem = problems.first { $0.name == known.name }?.message
            return ShownSetting(name: known.name, value: text, origin: origin, problem: problem)
        }
        if known.name == "ALMANAC_STATE_DIRECTORY" {
            let origin = configuration.variable("STATE_DIRECTORY").map(\.origin) ?? "default"
            return ShownSetting(name: known.name, value: configuration.stateDirectory, origin: origin)
        }
        if known.name == SettingName.socket, let socket = configuration.socket {
            return ShownSetting(
                name: known.name, value: socket, origin: configuration.variable("RUNTIME_DIRECTORY")?.origin)
        }
        return ShownSetting(name: known.name, value: known.usual, origin: known.usual.map { _ in "default" })
    }

    private func value(_ name: String) -> ShownSetting {
        do throws(Configuration.Failure) {
            guard let value = try configuration.value(name) else { return ShownSetting(name: name) }
            let isShown = ValueName.shown.contains(name)
            let length = EnglishList.count(value.text.count, "character")
            return ShownSetting(
                name: name, value: isShown ? value.text : "*** (\(length))", origin: value.source,
                problem: ValueRule.problem(name, value)?.message ?? configuration.exposure(of: name))
        } catch {
            return ShownSetting(name: name, problem: error.problem.message)
        }
    }
}

/// The settings of the program itself, and what holds when they are not set.
enum SettingName {
    static let socket = "ALMANAC_SOCKET"

    static let all: [(name: String, usual: String?)] = [
        ("ALMANAC_SCHEDULES", Configuration.schedulesDefault), ("ALMANAC_TASK_TIME_ZONE", nil),
        ("ALMANAC_STATE_DIRECTORY", nil), ("ALMANAC_STORE_OUTAGE", StoreOutagePolicy.auto.rawValue),
        ("ALMANAC_MIGRATE", "no"), ("ALMANAC_LISTEN", Configuration.listenDefault), (socket, nil),
        ("ALMANAC_LOG_LEVEL", "info"), ("ALMANAC_REQUESTS_MAX", String(EngineLimits.requestsMax)),
        ("ALMANAC_LEASE", DurationText.compact(EngineLimits.lease)),
        ("ALMANAC_DRAIN_LIMIT", DurationText.compact(Configuration.drainLimitDefault)),
        ("ALMANAC_API_GRACE", DurationText.compact(Configuration.apiGraceDefault)),
        ("ALMANAC_START_DELAY", DurationText.compact(Configuration.startDelayDefault)),
        ("ALMANAC_KEEP_RUNS", DurationText.compact(Retention().runs)),
        ("ALMANAC_KEEP_ATTEMPTS", DurationText.compact(Retention().attempts)),
        ("ALMANAC_KEEP_EXCERPTS", DurationText.compact(Retention().excerpts)),
        ("ALMANAC_PRUNE_EVERY", DurationText.compact(EngineLimits.pruningInterval)),
        ("ALMANAC_METRICS_JOBS", String(Metrics.jobsDefault)), (ValueOrigins.setting, nil),
        ("ALMANAC_HOSTNAMES", nil),
        ("ALMANAC_CA_FILE", nil),
    ]
}
