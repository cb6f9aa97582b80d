import CivilTime
import FoundationEssentials
import Glibc
import Testing

@Suite struct AuditTests {
    /// What `almanac audit --output json` prints, as far as this test looks at it.
    private struct Report: Decodable {
        struct Job: Decodable { var occurrences: Int }
        struct Finding: Decodable {
            var kind: String
            var scheduledFor: String
        }
        var ok: Bool
        var jobs: [Job]
        var findings: [Finding]
    }

    @Test("an audit judges what was decided a moment ago, and calls nothing missing that may still come")
    func recent() async throws {
        try await withBench { bench in
            try bench.write("* * * * * *  tick: POST /api/cron/purge_old as=admin overlap=allow\n")
            let daemon = try await bench.startDaemon()
            try await eventually("some occurrences were decided") { try await bench.history().count >= 3 }
            daemon.signal(SIGKILL)
            _ = try await daemon.result()
            let runs = try await bench.history()
            let last = try #require(runs.compactMap(\.scheduledFor).max())
            let decided = runs.map(\.occurrences).reduce(0, +)
            let result = try await bench.almanac("audit", "--output", "json")
            let decoder = JSONDecoder()
            decoder.keyDecodingStrategy = .convertFromSnakeCase
            let report = try decoder.decode(Report.self, from: Data(result.output.utf8))
            #expect(report.ok == (result.status == 0))
            // What nobody has decided for a minute is missing, if that is how long it took to ask.
            let isSoon = wallClock() < (try Instant(parsingRFC3339: last)) + .seconds(60)
            #expect(report.ok || !isSoon, "\(result.output)")
            #expect(report.findings.allSatisfy { $0.kind == "missing" && $0.scheduledFor > last })
            #expect(report.jobs.map(\.occurrences) == [decided])
        }
    }
}
