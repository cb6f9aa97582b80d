import CivilTime
import Host
import JobCatalog
import Operations
import ScheduleFiles

/// What the service refuses to run with, and a command that does without it does not look at.
extension Session {
    /// Looks at the settings that matter only once a job needs them.
    func checkSettings() throws(CommandError) {
        if let zone = configuration.taskZone {
            do throws(ZoneLookupError) {
                _ = try zones.zone(named: zone)
            } catch {
                throw CommandError(
                    .configuration, "ALMANAC_TASK_TIME_ZONE: \(error.message)", hint: error.hint)
            }
        }
        if let file = ProcessInformation.environment()["ALMANAC_CA_FILE"], !OutputFile.isReadable(file) {
            throw CommandError(
                .configuration, "ALMANAC_CA_FILE: \(file) cannot be read",
                hint: "name a file of certificates in PEM form")
        }
    }

    /// Refuses to forget what a job may still have to make up for.
    func checkRetention(_ catalog: Catalog) throws(CommandError) {
        if let error = RetentionSettings.problem(configuration.retention, catalog, now: now()) { throw error }
    }
}
