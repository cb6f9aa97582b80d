import CivilTime
import Glibc
import RandomInput
import RunModel
import Testing

@testable import Site

@Suite("addresses of pages")
struct SiteRouteTests {
    @Test("each path stands for one page")
    func paths() throws {
        let job = try #require(JobName("purge"))
        let run = try #require(RunID("7f1e3a52-6d1b-4c9a-8f42-0b8f6a1c2d3e"))
        let known: [(String, SiteRoute)] = [
            ("runs", .runs), ("runs/7f1e3a52", .run(try #require(RunID.Beginning("7f1e3a52")))),
            ("runs/\(run)/cancel", .cancel(run)), ("jobs/purge", .job(job)), ("jobs/purge/run", .runNow(job)),
            ("jobs/purge/pause", .pause(job)), ("jobs/purge/resume", .resume(job)), ("pause", .pause(nil)),
            ("resume", .resume(nil)), ("status", .status), ("launch", .launch), ("launch/check", .checklist),
            ("sign-in", .signIn),
            ("sign-out", .signOut), ("zone", .zone), ("updates", .updates), ("calendar.ics", .calendar),
        ]
        #expect(SiteRoute([]) == .jobs)
        for (path, route) in known {
            #expect(SiteRoute(path.split(separator: "/").map(String.init)) == route, "\(path)")
        }
        for path in [
            "v1/jobs", "openapi.json", "jobs", "jobs/Purge", "jobs/purge/x", "runs/x", "runs/7f1e3a52/cancel",
            "x",
        ] {
            #expect(SiteRoute(path.split(separator: "/").map(String.init)) == nil, "\(path)")
        }
    }

    @Test("dates are as HTTP writes them")
    func dates() {
        var random = SeededRandom(seed: 9)
        for _ in 0..<500 {
            let seconds = Int64.random(in: 0...4_000_000_000, using: &random)
            var (time, parts, text) = (time_t(seconds), tm(), [CChar](repeating: 0, count: 64))
            gmtime_r(&time, &parts)
            strftime(&text, text.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            let expected = String(decoding: text.prefix { $0 != 0 }.map { UInt8($0) }, as: UTF8.self)
            #expect(Instant(seconds: seconds).httpDate == expected)
        }
    }
}
