import CivilTime
import Glibc
import ScheduleFiles
import TestFiles
import Testing

@Suite("the system's time zones")
struct ZoneDirectoryTests {
    /// A zone file of version 1 with one offset and no changes.
    static func zoneFile(offset: Int32) -> [UInt8] {
        var bytes = Array("TZif".utf8) + [UInt8](repeating: 0, count: 16)
        for count: UInt32 in [0, 0, 0, 0, 1, 4] {
            bytes += stride(from: 24, through: 0, by: -8).map {
                UInt8(truncatingIfNeeded: count >> UInt32($0))
            }
        }
        bytes += stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: offset >> Int32($0)) }
        return bytes + [0, 0] + Array("ABC\0".utf8)
    }

    @Test("zones of the system are found, and links are followed")
    func systemZones() throws {
        let zones = ZoneDirectory(path: ZoneFiles.directory)
        let instant = try #require(Instant(rfc3339: "2026-07-01T00:00:00Z"))
        #expect(try zones.zone(named: "Europe/Paris").offset(at: instant) == 7200)
        #expect(try zones.zone(named: "America/Argentina/San_Luis").offset(at: instant) == -10_800)
        // A link on each release of Debian, to another directory.
        #expect(try zones.zone(named: "Arctic/Longyearbyen").offset(at: instant) == 7200)
        #expect(try zones.zone(named: "Europe/Paris").name == "Europe/Paris")
        #expect(zones.version?.isEmpty == false)
    }

    @Test("UTC is there without a directory, and nothing else is")
    func missingDirectory() throws {
        let zones = ZoneDirectory(path: "/nonexistent")
        #expect(try zones.zone(named: "UTC").name == "UTC")
        let error = #expect(throws: ZoneError.self) { try zones.zone(named: "Europe/Paris") }
        #expect(error?.reason == .notFound)
        #expect(error?.hint.contains("tzdata") == true)
        #expect(zones.version == nil)
    }

    @Test(
        "a misspelt name is answered with the likely ones",
        arguments: [
            ("Europe/Pari", "Europe/Paris"), ("europe/paris", "Europe/Paris"), ("Paris", "Europe/Paris"),
            ("America/NewYork", "America/New_York"), ("America/New York", "America/New_York"),
            ("Amercia/New_York", "America/New_York"), ("Asia/Beriut", "Asia/Beirut"), ("utc", "UTC"),
            ("Europe/New_York", "America/New_York"),
        ])
    func suggestions(name: String, meant: String) {
        let zones = ZoneDirectory(path: ZoneFiles.directory)
        let error = #expect(throws: ZoneError.self) { try zones.zone(named: name) }
        #expect(error?.suggestions.contains(meant) == true, "\(error?.suggestions ?? [])")
        #expect(error?.hint.hasPrefix("did you mean ") == true)
        #expect(error?.hint.contains(meant) == true)
    }

    @Test("a name that resembles none is answered without a guess")
    func noSuggestion() {
        let zones = ZoneDirectory(path: ZoneFiles.directory)
        let error = #expect(throws: ZoneError.self) { try zones.zone(named: "Mars/Olympus") }
        #expect(error?.suggestions == [])
        #expect(error?.description == "there is no time zone Mars/Olympus")
    }

    @Test(
        "a name that leaves the directory is refused before any file is touched",
        arguments: [
            "../../etc/passwd", "/etc/passwd", "Europe/../Europe/Paris", "./UTC", "Europe//Paris", "Europe/",
            "",
        ])
    func pathTricks(name: String) {
        let error = #expect(throws: ZoneError.self) {
            try ZoneDirectory(path: ZoneFiles.directory).zone(named: name)
        }
        guard case .invalidName = error?.reason else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test("a directory and a file of something else are refused by name")
    func refusedFiles() throws {
        let zones = ZoneDirectory(path: ZoneFiles.directory)
        #expect(#expect(throws: ZoneError.self) { try zones.zone(named: "Europe") }?.reason == .notAFile)
        let table = #expect(throws: ZoneError.self) { try zones.zone(named: "zone.tab") }
        #expect(table?.description.contains("not a zone file") == true)
    }

    @Test("a file that counts leap seconds is answered with the place of one that does not")
    func leapSeconds() throws {
        try withTemporaryDirectory { path in
            var bytes = Self.zoneFile(offset: 3600) + [UInt8](repeating: 0, count: 8)
            bytes[31] = 1
            try write(bytes, to: "\(path)/Town")
            let leap = #expect(throws: ZoneError.self) { try ZoneDirectory(path: path).zone(named: "Town") }
            guard case .malformed(let error) = leap?.reason else {
                Issue.record("\(String(describing: leap))")
                return
            }
            #expect(error.reason == .leapSeconds)
            #expect(leap?.hint.contains("right/") == true)
        }
    }

    @Test("a file that is too large, and a named pipe, are refused without waiting")
    func oddFiles() throws {
        try withTemporaryDirectory { path in
            try write([UInt8](repeating: 0, count: ZoneDirectory.fileBytesMax + 1), to: "\(path)/Large")
            #expect(mkfifo("\(path)/Pipe", 0o600) == 0)
            let zones = ZoneDirectory(path: path)
            #expect(#expect(throws: ZoneError.self) { try zones.zone(named: "Large") }?.reason == .tooLarge)
            #expect(#expect(throws: ZoneError.self) { try zones.zone(named: "Pipe") }?.reason == .notAFile)
        }
    }

    @Test("a changed file is seen without a restart")
    func change() throws {
        try withTemporaryDirectory { path in
            let zones = ZoneDirectory(path: path)
            try write(Self.zoneFile(offset: 3600), to: "\(path)/Town")
            try write("# version 2025a\n", to: "\(path)/tzdata.zi")
            let before = try zones.zone(named: "Town")
            #expect(before.offset(at: Instant(seconds: 0)) == 3600)
            #expect(!zones.refreshed())
            #expect(zones.version == "2025a")
            // As a package update does it: a new file takes the name.
            try write(Self.zoneFile(offset: 7200), to: "\(path)/New")
            #expect(rename("\(path)/New", "\(path)/Town") == 0)
            try write("# version 2025b\n", to: "\(path)/tzdata.zi")
            #expect(zones.refreshed())
            #expect(!zones.refreshed())
            #expect(try zones.zone(named: "Town").offset(at: Instant(seconds: 0)) == 7200)
            #expect(before.offset(at: Instant(seconds: 0)) == 3600)
            #expect(zones.version == "2025b")
            #expect(remove("\(path)/Town") == 0)
            #expect(zones.refreshed())
            #expect(#expect(throws: ZoneError.self) { try zones.zone(named: "Town") }?.reason == .notFound)
        }
    }

    @Test("the version comes from +VERSION where there is no tzdata.zi")
    func versionFile() throws {
        try withTemporaryDirectory { path in
            try write("2024b\n", to: "\(path)/+VERSION")
            #expect(ZoneDirectory(path: path).version == "2024b")
        }
    }
}
