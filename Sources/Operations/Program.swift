package import CivilTime
import JobCatalog
import RunModel
import ScheduleFiles

/// The program as a whole.
package enum Program {
    /// The version of this program, as `almanac --version` prints it.
    package static let version = "0.1.0"
    /// No clock that shows an earlier time is right, for this program was not there then. It goes on with the versions,
    /// and is no time of building, so that the same source makes the same program.
    package static let clockFloor = Instant(seconds: 1_767_225_600)  // 2026-01-01T00:00:00Z
    /// What requests say they come from.
    package static let userAgent = "almanac/\(version)"

    /// The names of the jobs that the schedule files of this process define, as far as they can be read.
    package static func jobNames() -> [String] {
        var problems: [Configuration.Problem] = []
        let configuration = Configuration(.ofProcess(origins: [:]), problems: &problems)
        let session = Session(
            configuration: configuration, standpoint: Standpoint(records: .own), console: { _ in })
        return session.load().catalog.jobs.map(\.name.description)
    }

    /// What a command works with: on a host with the service that one's settings, records and rights, else those of this
    /// process; `asCaller` runs with the settings, and still with the caller's rights. Problems of settings end every command
    /// but one that is tolerant of them.
    package static func session(
        _ need: ServiceNeed = .records, isTolerant: Bool = false,
        console: @escaping @Sendable (String) -> Void, asCaller: (Configuration) -> Void = { _ in }
    ) throws(CommandError) -> Session {
        let standpoint = try Standpoint.take(need) { origins in
            var problems: [Configuration.Problem] = []
            asCaller(Configuration(.ofProcess(origins: origins), problems: &problems))
        }
        var problems: [Configuration.Problem] = []
        let configuration = Configuration(.ofProcess(origins: standpoint.origins), problems: &problems)
        if !isTolerant, let error = CommandError(problems) { throw error }
        return Session(
            configuration: configuration, standpoint: standpoint, problems: problems, console: console)
    }
}
