import CivilTime
import RandomInput
import RunModel
import Testing

@testable import API

@Suite("paths and places of the API")
struct RouteTests {
    @Test("each path stands for one thing")
    func paths() throws {
        let job = try #require(JobName("purge"))
        let run = try #require(RunID("7f1e3a52-6d1b-4c9a-8f42-0b8f6a1c2d3e"))
        let beginning = try #require(RunID.Beginning(run.description))
        let known: [(String, Route)] = [
            ("openapi.json", .description), ("v1/jobs", .jobs), ("v1/jobs/purge", .job(job)),
            ("v1/jobs/purge/next", .next(job)), ("v1/jobs/purge/why", .why(job)),
            ("v1/jobs/purge/runs", .runsOf(job)), ("v1/jobs/purge/pause", .pauseOf(job)),
            ("v1/pause", .pauseOfAll), ("v1/runs", .runs), ("v1/runs/\(run)", .run(beginning)),
            ("v1/runs/7f1e3a52", .run(try #require(RunID.Beginning("7f1e3a52")))),
            ("v1/runs/\(run)/cancel", .cancel(run)), ("v1/hosts", .hosts), ("v1/audit", .audit),
        ]
        for (path, route) in known { #expect(Route(parts(path)) == route, "\(path)") }
        for path in [
            "", "v1", "v1/", "v2/jobs", "v1/jobs/", "v1/jobs/UPPER", "v1/jobs/purge/", "v1/jobs/purge/x",
            "v1/jobs/purge/why/x", "v1/runs/7f1e3a5x", "v1/runs/7f1e3a52/cancel",
            "v1/runs/\(run)/x", "v1/hosts/x", "openapi.json/x",
        ] {
            #expect(Route(parts(path)) == nil, "\(path)")
        }
    }

    @Test("what writes needs the token of jobs, and an audit a token")
    func rights() throws {
        let job = try #require(JobName("purge"))
        for route in [Route.runsOf(job), .pauseOf(job), .pauseOfAll] { #expect(route.right == .write) }
        #expect(Route.audit.right == .read && Route.jobs.right == .look)
        for route in [Route.jobs, .runs, .hosts, .audit] { #expect(route.methods == ["GET", "HEAD"]) }
    }

    @Test("a cursor comes back as its place, in its own list alone")
    func cursors() {
        for place in ["purge", "1795952592000000 7f1e3a52-6d1b-4c9a-8f42-0b8f6a1c2d3e", "ä b", ""] {
            let text = Cursor.text(place, of: "runs purge")
            #expect(Cursor.place(text, of: "runs purge") == place)
            #expect(Cursor.place(text, of: "runs other") == nil)
            #expect(
                text.utf8.allSatisfy {
                    Character(Unicode.Scalar($0)).isLetter || $0 == 45 || $0 == 95 || 48...57 ~= $0
                })
        }
    }

    @Test("an invented cursor is refused", arguments: 0..<500)
    func madeUp(seed: Int) {
        var random = SeededRandom(seed: seed)
        var text = Cursor.text("purge", of: "jobs")
        switch random.number(0...2) {
        case 0: text = String(text.dropLast(random.number(1...4)))
        case 1: text += String(random.pick(Array("Aa0-_=+/ä")))
        default:
            let index = text.index(text.startIndex, offsetBy: random.below(text.count))
            let other = random.pick(Array("ABCxyz0189-_").filter { $0 != text[index] })
            text.replaceSubrange(index...index, with: String(other))
        }
        #expect(Cursor.place(text, of: "jobs").map { $0 != "purge" } ?? true)
    }

    @Test("a key names the same run on every host, and never an occurrence")
    func keys() throws {
        let (purge, refresh) = (try #require(JobName("purge")), try #require(JobName("refresh")))
        #expect(RunID(job: purge, key: "a") == RunID(job: purge, key: "a"))
        let ids = [
            RunID(job: purge, key: "a"), RunID(job: purge, key: "b"), RunID(job: refresh, key: "a"),
            RunID(job: purge, scheduledFor: .earliest),
        ]
        #expect(Set(ids).count == ids.count)
    }

    private func parts(_ path: String) -> [String] {
        path.isEmpty ? [] : path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    }
}
