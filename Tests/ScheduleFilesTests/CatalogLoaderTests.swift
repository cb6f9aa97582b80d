import CivilTime
import JobCatalog
import ScheduleFiles
import TestFiles
import Testing

@Suite("the schedule files of directories")
struct CatalogLoaderTests {
    @Test("a directory without a schedule file is a warning, since its files may only have other names")
    func noFiles() throws {
        try withTemporaryDirectory { path in
            let loader = CatalogLoader(zones: SystemZones(.system()), taskZone: nil)
            try write("10 0 * * *  a: GET /x\n", to: path + "/a.crontab")
            let empty = loader.load([path], now: Instant(seconds: 0))
            #expect(empty.diagnostics.map(\.code) == ["no-files"] && empty.catalog.jobs.isEmpty)
            #expect(empty.diagnostics.first?.severity == .warning)
            try write("10 0 * * *  a: GET /x\n", to: path + "/a.cron")
            let full = loader.load([path], now: Instant(seconds: 0))
            #expect(full.diagnostics.isEmpty && full.catalog.jobs.count == 1)
        }
    }

    @Test("what cannot be read as a file is refused with a hint")
    func unreadable() throws {
        try withTemporaryDirectory { path in
            for (name, message) in [("/none.cron", "cannot be read: "), ("", "is not a regular file")] {
                let error = #expect(throws: CatalogLoader.Unreadable.self) {
                    try CatalogLoader.bytes(of: path + name)
                }
                #expect(error?.message.hasPrefix(message) == true && error?.hint != nil)
            }
        }
    }
}
