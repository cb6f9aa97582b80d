package import CivilTime
import Host
package import JobCatalog
import RunEngine
package import RunModel
import ScheduleFiles
import Scheduling

/// What a command works with: the configuration, the schedule files, the store.
package struct Session: Sendable {
    package let configuration: Configuration
    let zones: SystemZones
    private let console: @Sendable (String) -> Void

    /// A session that reports problems of files through `console`.
    init(configuration: Configuration, console: @escaping @Sendable (String) -> Void) {
        self.configuration = configuration
        self.console = console
        zones = SystemZones(.system())
    }

    /// What the wall clock shows.
    package func now() -> Instant { Clocks.now() }

    // MARK: Schedule files

    /// Reads the schedule files of `paths`, or of the configured directories.
    package func load(_ paths: [String]? = nil) -> (catalog: Catalog, diagnostics: [Diagnostic]) {
        CatalogLoader(zones: zones, taskZone: configuration.taskZone)
            .load(paths ?? configuration.scheduleDirectories, now: now())
    }

    /// The catalog; every diagnostic is printed, and an error ends the command.
    package func catalog() throws(CommandError) -> Catalog {
        let (catalog, diagnostics) = load()
        for diagnostic in diagnostics where diagnostic.severity >= .warning { console(diagnostic.rendered) }
        let errors = diagnostics.count { $0.severity == .error }
        guard errors == 0 else {
            throw CommandError(
                .badInput, "the schedule files have \(errors) error\(errors == 1 ? "" : "s")",
                hint: "correct them; `almanac check` shows them again")
        }
        return catalog
    }

    /// The jobs of the files that can be read, whatever else is wrong with the files.
    package func loadForNames() -> Catalog {
        load().catalog
    }

    /// The job called `text`.
    package func job(_ text: String) throws(CommandError) -> Job {
        let catalog = try catalog()
        guard let name = JobName(text), let job = catalog[name] else {
            let near = Spelling.nearest(to: text, in: catalog.jobs.map(\.name.description))
            throw CommandError(
                .badInput, "no job is called “\(text)”",
                hint: near.map { "did you mean \($0)?" } ?? "`almanac jobs` lists them")
        }
        return job
    }

    /// The name spelt `text`; the job need not be in the files any more.
    package func jobName(_ text: String) throws(CommandError) -> JobName {
        guard let name = JobName(text) else {
            throw CommandError(.usage, "“\(text)” is no name of a job", hint: "`almanac jobs` lists them")
        }
        return name
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

    /// The instant spelt `text`, the value of `option`.
    package func instant(_ text: String, option: String) throws(CommandError) -> Instant {
        do {
            return try Instant(parsingRFC3339: text)
        } catch {
            throw CommandError(.usage, "\(option): \(error.reason)", hint: error.hint)
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
