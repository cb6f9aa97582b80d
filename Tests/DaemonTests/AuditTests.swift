import FoundationEssentials
import Glibc
import Testing

@Suite struct AuditTests {
    /// What `almanac audit --output json` prints, as far as this test looks at it.
    private struct Report: Decodable {
        struct Job: Decodable { var occurrences: Int }
        var ok: Bool
        var jobs: [Job]
    }

    @Test("an audit judges what was decided a moment ago, and calls nothing missing that may still come")
    func recent() async throws {
        try await withBench { bench in
            try bench.write("* * * * * *  tick: POST /api/cron/purge_old as=admin overlap=allow\n")
            let daemon = try await bench.startDaemon()
            try await eventually("some occurrences were decided") { try await bench.history().count >= 3 }
            daemon.signal(SIGKILL)
            _ = try await daemon.result()
            let decided = try await bench.history().map(\.occurrences).reduce(0, +)
            let result = try await bench.almanac("audit", "--output", "json")
            let report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8))
            #expect(report.ok && result.status == 0, "\(result.output)")
            #expect(report.jobs.map(\.occurrences) == [decided])
        }
    }
}
