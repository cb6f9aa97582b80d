import CivilTime
import Glibc

/// The zones of the system.
enum SystemZones {
    static let directory = "/usr/share/zoneinfo"

    /// A zone by its name; ends the program when the system does not have it.
    static func zone(_ name: String) -> Zone {
        guard let bytes = bytes(name), let zone = try? Zone(name: name, tzif: bytes) else {
            // Without zones there is nothing to measure: the reason does not matter here.
            Terminal.fail("\(directory)/\(name) cannot be read; install tzdata")
        }
        return zone
    }

    /// The bytes of a zone's file.
    static func bytes(_ name: String) -> [UInt8]? {
        guard let file = fopen("\(directory)/\(name)", "rb") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        while case let byte = fgetc(file), byte != EOF {
            bytes.append(UInt8(truncatingIfNeeded: byte))
        }
        return bytes
    }
}
