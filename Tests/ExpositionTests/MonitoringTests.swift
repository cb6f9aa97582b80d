import CivilTime
import JobCatalog
import RequestText
import RunEngine
import RunModel
import TestFiles
import Testing

@testable import Exposition

/// What `monitoring/` asks Prometheus for. `make test-monitoring` reads it with Prometheus's own tools.
@Suite("what monitoring asks for")
struct MonitoringTests {
    private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    @Test(
        "each metric that rules and dashboard name is one that the daemon has",
        arguments: ["monitoring/almanac.rules.yml", "monitoring/almanac-dashboard.json"])
    func names(file: String) throws {
        let known = Set(
            try shown().split(separator: "\n").compactMap { line -> String? in
                let words = line.split(separator: " ")
                return line.hasPrefix("# TYPE ") ? String(words[2]) : nil
            })
        let asked = Self.metrics(in: try text(ofFile: "\(Self.root)/\(file)"))
        #expect(asked.count > 5)
        for name in asked {
            let base =
                ["_bucket", "_sum", "_count"].first { name.hasSuffix($0) && !known.contains(name) }
                .map { String(name.dropLast($0.count)) } ?? name
            #expect(known.contains(base), "\(file) asks for \(name)")
        }
    }

    @Test("each alert has a section of the runbook")
    func runbook() throws {
        let rules = try text(ofFile: Self.root + "/monitoring/almanac.rules.yml")
        let headings = Set(
            try text(ofFile: Self.root + "/docs/runbook.md").split(separator: "\n")
                .filter { $0.hasPrefix("#") }
                .map { $0.drop { $0 == "#" || $0 == " " }.lowercased() })
        let alerts = rules.split(separator: "\n").compactMap { line -> String? in
            line.contains("- alert: ") ? line.split(separator: " ").last.map(String.init) : nil
        }
        #expect(alerts.count > 5)
        for alert in alerts { #expect(headings.contains(alert.lowercased()), "\(alert)") }
    }

    private func shown() throws -> String {
        let job = Job(
            name: try #require(JobName("a")), schedule: nil,
            request: RequestTemplate(method: "POST", url: TemplateText([])), policy: Policy(),
            source: SourceLocation(file: "t.cron", line: 1))
        let facts = HealthFacts(
            host: HostID("h/1"), version: "1", storeKind: "sqlite", startedAt: Instant(seconds: 1),
            catalog: Catalog(jobs: [job], zoneData: nil))
        return String(
            decoding: Metrics.text(
                facts, .pass, Counters(),
                .init(residentMemory: 1, processorTime: .zero, openFiles: 1, openFilesMax: 1), jobsMax: 1,
                others: [], now: Instant(seconds: 2)), as: UTF8.self)
    }

    /// The words that begin as our metrics do.
    private static func metrics(in text: String) -> Set<String> {
        var found: Set<String> = []
        for line in text.split(separator: "\n") {
            for word in line.split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_") })
            where word.hasPrefix("almanac_") {
                found.insert(String(word))
            }
        }
        return found
    }
}
