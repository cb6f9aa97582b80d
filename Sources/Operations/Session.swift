package import CivilTime
import Host
package import JobCatalog
import Records
import RunEngine
package import RunModel
package import ScheduleFiles
import Scheduling

/// What a command works with: the configuration, the schedule files, the store.
package struct Session: Sendable {
    /// What the environment says, values of requests apart: those are read when a job needs them.
    package let configuration: Configuration
    /// The time zones of this machine.
    package let zones: SystemZones
    /// Whose records these are.
    let standpoint: Standpoint
    /// What is wrong with settings; nothing, but for a command that is tolerant of it.
    package let problems: [Configuration.Problem]
    private let console: @Sendable (String) -> Void
    /// A store that somebody else has opened; nil: the session opens its own.
    private(set) var lent: OpenedStore?
    /// Who changes something, as it is recorded; nil: the caller of this process.
    private(set) var asker: String?

    /// A session that reports problems of files through `console`.
    init(
        configuration: Configuration, standpoint: Standpoint, problems: [Configuration.Problem] = [],
        console: @escaping @Sendable (String) -> Void
    ) {
        self.problems = problems
        self.configuration = configuration
        self.standpoint = standpoint
        self.console = console
        zones = SystemZones(.system())
    }

    /// The same session for somebody else, who asks a store that is open already.
    package func lending(_ opened: OpenedStore, to asker: String) -> Session {
        var session = self
        session.lent = opened
        session.asker = asker
        return session
    }

    /// What the wall clock shows.
    package func now() -> Instant { Clocks.now() }

    // MARK: Schedule files

    /// Reads the schedule files of `paths`, or of the configured directories; hashed for who compares definitions.
    package func load(
        _ paths: [String]? = nil, isHashed: Bool = true
    ) -> (catalog: Catalog, diagnostics: [Diagnostic]) {
        CatalogLoader(zones: zones, taskZone: configuration.taskZone)
            .load(
                paths ?? configuration.scheduleDirectories, now: now(), isHashed: isHashed,
                refusal: valueRefusal)
    }

    /// The warning that a job's requests would take a value where it must not go, as far as the settings show that are
    /// known here: `almanac check` need not have the service's.
    package func valueWarning(_ job: Job) -> Diagnostic? {
        valueRefusal(of: job).map { job.warning($0) }
    }

    /// Why requests of a job may not be made, as far as that is known without a secret.
    func valueRefusal(of job: Job) -> ValueRules.Refusal? {
        configuration.valueRules.prospect(of: job.request) { name in
            // A value that cannot be read is reported when it is needed.
            ValueName.shown.contains(name) ? ((try? configuration.value(name)) ?? nil)?.text : nil
        }
    }

    /// The catalog; every error is printed, and ends the command. Warnings are for `almanac check` and the
    /// daemon's log.
    ///
    /// `warned` gets each warning.
    package func catalog(
        isDaemon: Bool = false, warned: (Diagnostic) -> Void = { _ in }
    ) throws(CommandError) -> Catalog {
        let (catalog, diagnostics) = load(isHashed: isDaemon)
        if isDaemon, let error = Self.untrusted(diagnostics) { throw error }
        for diagnostic in diagnostics where diagnostic.severity == .warning { warned(diagnostic) }
        for diagnostic in diagnostics where diagnostic.severity == .error { console(diagnostic.rendered) }
        let errors = diagnostics.count { $0.severity == .error }
        guard errors == 0 else {
            // Whoever reads the status of a service sees this line alone.
            if isDaemon, let error = Self.error(of: diagnostics) { throw error }
            throw CommandError(
                .badInput, "the schedule files have \(EnglishList.count(errors, "error"))",
                hint: "correct them; `almanac check` shows them again")
        }
        return catalog
    }

    /// Why a daemon does not take schedule files that others can write; nil when none can be.
    package static func untrusted(_ diagnostics: [Diagnostic]) -> CommandError? {
        diagnostics.first { $0.code == CatalogLoader.writableCode }.map {
            CommandError(
                .configuration,
                "\($0.location.file): \($0.message), and jobs send the service's token where they say",
                hint: $0.hint)
        }
    }

    /// The first error of schedule files with its place, and how many others there are; nil when there is none.
    package static func error(of diagnostics: [Diagnostic]) -> CommandError? {
        let errors = diagnostics.filter { $0.severity == .error }
        guard let first = errors.first else { return nil }
        let others = errors.count > 1 ? " (and \(EnglishList.count(errors.count - 1, "other error")))" : ""
        return CommandError(
            .badInput, "\(first.place): \(first.withoutQuotations)\(others)", hint: "run `almanac check`")
    }

    /// The job called `text`.
    package func job(_ text: String) throws(CommandError) -> Job {
        try job(text, of: try catalog(), otherwise: "`almanac jobs` lists them")
    }

    /// The job called `text`, whatever is wrong with other jobs; `otherwise` is the hint when there is none.
    package func jobOfReadableFiles(_ text: String, otherwise: String) throws(CommandError) -> Job {
        let (catalog, diagnostics) = load()
        if catalog.jobs.isEmpty, let first = diagnostics.first(where: { $0.severity == .error }) {
            throw CommandError(
                .badInput, "no job is called “\(text)”, since \(first.location.file): \(first.message)",
                hint: "set ALMANAC_SCHEDULES; " + otherwise)
        }
        return try job(text, of: catalog, otherwise: otherwise)
    }

    private func job(_ text: String, of catalog: Catalog, otherwise: String) throws(CommandError) -> Job {
        guard let name = JobName(text), let job = catalog[name] else {
            let near = Spelling.nearest(to: text, in: catalog.jobs.map(\.name.description))
            throw CommandError(
                .badInput, "no job is called “\(text)”", hint: near.map { "did you mean \($0)?" } ?? otherwise
            )
        }
        return job
    }

    /// The name of a job that the files define, or that the store has known.
    package func knownJob(_ text: String, in opened: OpenedStore) async throws(CommandError) -> JobName {
        let now = now()
        // Most names are right: one is found without all others, and without the files.
        if let name = JobName(text) {
            let found = try await ask { () throws(StoreError) in
                try await opened.store.summaries(of: [name], until: now)
            }
            if !found.isEmpty { return name }
        }
        let summaries = try await ask { () throws(StoreError) in try await opened.store.summaries(until: now)
        }
        let known = summaries.map(\.job) + load().catalog.jobs.map(\.name)
        if let name = JobName(text), known.contains(name) { return name }
        let near = Spelling.nearest(to: text, in: known.map(\.description))
        throw CommandError(
            .badInput, "no job is called “\(text)”, neither in the files nor in \(opened.place)",
            hint: near.map { "did you mean \($0)?" } ?? "`almanac jobs` lists them")
    }

    // MARK: Arguments

    /// The zone called `name`.
    package func zone(_ name: String) throws(CommandError) -> Zone {
        do {
            return try zones.zone(named: name)
        } catch {
            throw CommandError(.usage, error.message, hint: error.hint)
        }
    }

    /// The instant spelt `text`, the value of `option`; what names no offset is local time of `zone`.
    package func instant(_ text: String, option: String, in zone: Zone) throws(CommandError) -> Instant {
        do {
            return try TimePhrase.parse(text, now: now(), in: zone)
        } catch {
            throw CommandError(.usage, "\(option): \(error.reason)", hint: error.hint)
        }
    }

    /// The duration spelt `text`, the value of `option`.
    package func duration(_ text: String, option: String) throws(CommandError) -> Duration {
        do {
            return try DurationText.parse(text)
        } catch {
            throw CommandError(.usage, "\(option): \(error)", hint: error.hint)
        }
    }

    // MARK: Values

    /// The values that the jobs refer to; all that is missing or unusable ends the command.
    package func values(for jobs: [Job]) throws(CommandError) -> [String: String] {
        var problems: [Configuration.Problem] = []
        let values = configuration.values(for: jobs, problems: &problems)
        if let error = CommandError(problems) { throw error }
        return values
    }
}
