import TestFiles
import Testing

@testable import JobCatalog

@Suite("almanac.cron(5)")
struct ManualPageTests {
    @Test("it has every option of a line", arguments: JobOption.allCases)
    func options(_ option: JobOption) throws {
        let top = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        let page = try text(ofFile: top.joined(separator: "/") + "/docs/man/almanac.cron.5")
        #expect(page.contains("Cm \(option.rawValue) Ns"))
    }
}
