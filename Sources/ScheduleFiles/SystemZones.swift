package import CivilTime
package import JobCatalog

/// The system's time zones, as a catalog asks for them.
package struct SystemZones: ZoneSource {
    private let directory: ZoneDirectory

    /// The zones of `directory`.
    package init(_ directory: ZoneDirectory) {
        self.directory = directory
    }

    package func zone(named name: String) throws(ZoneLookupError) -> Zone {
        do {
            return try directory.zone(named: name)
        } catch {
            throw ZoneLookupError(message: error.description, hint: error.hint)
        }
    }

    package var machineZone: Zone? { directory.machineZone }

    /// Looks whether the files of the zones in use have changed; answers true once for each change.
    package func refreshed() -> Bool { directory.refreshed() }

    package var dataVersion: String? { directory.version }
}
