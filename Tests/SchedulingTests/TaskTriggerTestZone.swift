import CivilTime
import Glibc
import Testing

/// A zone of the system, as the tests of triggers use it.
func zoneOfSystem(_ name: String) throws -> Zone {
    if name == "UTC" { return .utc }
    let file = try #require(fopen("/usr/share/zoneinfo/\(name)", "rb"), "the package tzdata is needed")
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = fread(&bytes, 1, bytes.count, file)
    return try Zone(name: name, tzif: Array(bytes[..<count]))
}
