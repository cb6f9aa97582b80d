package import CivilTime

/// The zone files of the machine that runs the tests, from the package `tzdata`.
package enum ZoneFiles {
    /// Where they are.
    package static let directory = "/usr/share/zoneinfo"

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

    /// The version of the zones, as `2025b`.
    package static func version() throws -> String {
        let line = try bytes(of: "tzdata.zi").prefix { $0 != UInt8(ascii: "\n") }
        return String(decoding: line.split(separator: UInt8(ascii: " ")).last ?? [], as: UTF8.self)
    }
}
