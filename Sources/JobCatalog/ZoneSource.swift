package import CivilTime

/// Where a catalog finds time zones by name.
package protocol ZoneSource: Sendable {
    /// The zone called `name`; an error with a hint when there is none.
    func zone(named name: String) throws(ZoneLookupError) -> Zone

    /// The zone of this machine's own clock; nil when that cannot be told.
    var machineZone: Zone? { get }

    /// The version of the zone data, such as `2025b`, where it is known.
    var dataVersion: String? { get }
}

/// Why a time zone was not found.
package struct ZoneLookupError: Error, Sendable, Hashable {
    /// What is wrong with the name or the zone's file.
    package var message: String
    /// What to do about it, such as the name that was probably meant.
    package var hint: String?

    package init(message: String, hint: String? = nil) {
        self.message = message
        self.hint = hint
    }
}
