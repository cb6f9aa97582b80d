import JobCatalog
import Preflight
import TestFiles
import Testing

@Suite("the list for the launch")
struct ShippedListTests {
    /// The top of the repository: three folders above this file.
    private static let top = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3)
        .joined(separator: "/")

    private func read() throws -> PreflightList {
        PreflightList(try bytes(ofFile: Self.top + "/schedules/preflight.conf"), file: "preflight.conf")
    }

    @Test("it has no fault, and fewer than half of it is for people")
    func sound() throws {
        let list = try read()
        #expect(list.diagnostics.isEmpty, "\(list.diagnostics.map(\.rendered))")
        #expect(list.checks.count { $0.isManual } * 2 < list.checks.count)
    }

    @Test("every line of the checklist has its check, in its own words")
    func complete() throws {
        let titles = Set(try read().checks.map(\.title))
        let lines = try text(ofFile: Self.top + "/Tests/PreflightTests/checklist-lines.txt").split(
            separator: "\n"
        ).map(String.init)
        #expect(lines.count > 60)
        for line in lines { #expect(titles.contains(line), "\(line)") }
    }
}
