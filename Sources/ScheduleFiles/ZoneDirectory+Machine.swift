package import CivilTime
import Glibc

/// The zone of this machine's own clock.
extension ZoneDirectory {
    /// Where a machine says what its zone is (localtime(5)): a link to a file of a zone directory, or such a file.
    private static let machineFile = "/etc/localtime"

    /// The zone that the environment variable `TZ` names, else that of the machine; nil when neither tells a zone
    /// that this directory has.
    package var machineZone: Zone? {
        if let value = unsafe getenv("TZ"), case let text = unsafe String(cString: value), !text.isEmpty {
            // POSIX lets the name of a file begin with a colon (tzset(3)).
            return named(text.hasPrefix(":") ? String(text.dropFirst()) : text)
        }
        // Without the file the C library takes UTC.
        guard let resolved = unsafe realpath(Self.machineFile, nil) else { return .utc }
        defer { unsafe free(resolved) }
        return unsafe named(String(cString: resolved))
    }

    /// The zone of a name, or of a path into a zone directory.
    private func named(_ text: String) -> Zone? {
        let name = text.firstRange(of: "/zoneinfo/").map { String(text[$0.upperBound...]) } ?? text
        let known =
            ["Etc/UTC", "Etc/UCT", "UCT", "Zulu", "Universal", "Etc/Universal"].contains(name) ? "UTC" : name
        // What cannot be told is told as such.
        return try? zone(named: known)
    }
}
