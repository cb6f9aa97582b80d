import CivilTime
import JobCatalog
import TestFiles

/// A source of a few zones, two of which change their clocks.
struct TestZones: ZoneSource {
    let dataVersion: String? = "2025b"
    var machineZone: Zone? = .fixed(offset: 3 * 3600)

    func zone(named name: String) throws(ZoneLookupError) -> Zone {
        switch name {
        case "UTC": return .utc
        case "+03:00": return .fixed(offset: 3 * 3600)
        case "+05:45": return .fixed(offset: 5 * 3600 + 45 * 60)
        case "America/New_York", "Asia/Beirut":
            do { return try ZoneFiles.zone(name) } catch {
                throw ZoneLookupError(message: "\(error)", hint: "install tzdata")
            }
        default:
            throw ZoneLookupError(message: "no time zone is called “\(name)”", hint: "did you mean UTC?")
        }
    }
}

/// 2026-01-15T12:00:00Z, the time of all tests.
let testNow = Instant(seconds: 1_768_478_400)

/// The file of these bytes, read.
func read(_ bytes: [UInt8]) -> ScheduleFile {
    ScheduleFile(bytes, file: "a.cron", zones: TestZones(), now: testNow)
}

/// The file of this text, read.
func read(_ text: String) -> ScheduleFile {
    read(Array(text.utf8))
}
