package import CivilTime
import Glibc

/// The zone files that the tests use: those of the machine that runs them, from the package `tzdata`, or others.
package enum ZoneFiles {
    /// Where they are: below what the environment variable `TZDIR` names, as for the daemon, else where the package has them.
    package static let directory: String = {
        guard let value = getenv("TZDIR"), value.pointee != 0 else { return "/usr/share/zoneinfo" }
        return String(cString: value)
    }()

    /// The bytes of a zone's file; a `FileProblem` when there is none.
    package static func bytes(of name: String) throws(FileProblem) -> [UInt8] {
        try TestFiles.bytes(ofFile: directory + "/" + name)
    }

    /// A zone as its file says.
    package static func zone(_ name: String) throws -> Zone {
        try Zone(name: name, tzif: bytes(of: name))
    }

    /// The names of all zones, sorted, without those of `right`, which count leap seconds, and `posix`, which has all again.
    package static func names() throws -> [String] {
        var found: [String] = []
        var waiting = TestFiles.names(inDirectory: directory).filter { $0 != "posix" && $0 != "right" }
        while let name = waiting.popLast() {
            let inside = TestFiles.names(inDirectory: directory + "/" + name)
            waiting += inside.map { name + "/" + $0 }
            if inside.isEmpty, try bytes(of: name).starts(with: Array("TZif".utf8)) { found.append(name) }
        }
        return found.sorted()
    }
}
