import CivilTime
import TestFiles

/// The zones of the system.
enum SystemZones {
    /// A zone by its name; ends the program when the system does not have it.
    static func zone(_ name: String) -> Zone {
        do {
            return try ZoneFiles.zone(name)
        } catch {
            Terminal.fail("\(error); install tzdata")
        }
    }

    /// The bytes of a zone's file; none when the system does not have it.
    static func bytes(_ name: String) -> [UInt8] {
        (try? ZoneFiles.bytes(of: name)) ?? []
    }
}
