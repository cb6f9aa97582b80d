import CivilTime
import JobCatalog
import Markup
import Preflight
import Records
import RunEngine
import RunModel
import Scheduling
import Testing

@testable import Pages

@Suite("pages")
struct PageTests {
    private static let hostile = "<script>alert(\"x\")</script>'\u{202e}&<img src=x onerror=alert(1)>"
    private static let mask =
        "&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;&#39;⟨U+202E⟩&amp;&lt;img src=x onerror=alert(1)&gt;"

    private let job = Fixture.jobs("10 0 * * * purge: POST /api as=none overdue-after=1h\n")[0]

    private func run(_ outcome: Outcome = .failed, detail: String? = nil) -> RunRecord {
        Fixture.run(job.name, ago: 23_538, outcome, detail: detail ?? Self.hostile, excerpt: Self.hostile)
    }

    private func runPage(_ run: RunRecord, _ frame: Frame = Fixture.frame()) -> String {
        let page = RunPage(
            run: run,
            attempts: [
                AttemptRecord(
                    number: 1, startedAt: run.dueAt, finishedAt: run.finishedAt, httpStatus: 500,
                    reason: .status, detail: Self.hostile)
            ],
            reasons: nil, request: [Self.hostile], isRedefined: false, marks: Fixture.marks(job.name),
            earlier: nil,
            later: nil, next: nil)
        return Fixture.text(page.page(frame))
    }

    @Test("what others wrote is text on every page")
    func hostileText() {
        let row = Fixture.row(job, last: run(), marks: Fixture.marks(job.name))
        var first = Fixture.page([row], needs: [row.status])
        first.troubles = [Self.hostile]
        first.unread = Self.hostile
        first.filter.text = Self.hostile
        first.pauseOfAll = Pause(scope: .all, at: Fixture.now, by: Self.hostile, reason: Self.hostile)
        let table = RunTable(runs: [run()], filter: .init(), older: Self.hostile, problem: Self.hostile)
        let frame = Fixture.frame(visitor: Self.hostile)
        let pages = [
            Fixture.text(first.page(frame)), runPage(run(), frame),
            Fixture.text(RunsPage(table: table).page(frame)),
            Fixture.text(
                ActionPage.problem(Self.hostile, Self.hostile, hint: Self.hostile, back: nil).page(frame)),
            Fixture.text(
                ActionPage.signIn(back: Address("/"), name: Self.hostile, problem: Self.hostile).page(frame)),
        ]
        for page in pages {
            #expect(page.contains(Self.mask))
            #expect(!page.contains("<script>alert") && !page.contains("<img") && !page.contains("\u{202e}"))
        }
    }

    @Test("who has not signed in sees neither answers nor requests nor who asked")
    func redacted() {
        let run = Fixture.run(
            job.name, ago: 60, .failed, detail: "the API answered 502", excerpt: "SECRET-ANSWER")
        var page = RunPage(
            run: run.redactedForTest, attempts: [], reasons: nil, request: nil, isRedefined: false, marks: [],
            earlier: nil, later: nil, next: nil)
        let text = Fixture.text(page.page(Fixture.frame(isSignedIn: false)))
        #expect(!text.contains("SECRET-ANSWER") && !text.contains("omar") && text.contains("Sign in"))
        page.run = run
        page.request = ["POST https://api.example.org/purge"]
        let seen = Fixture.text(page.page(Fixture.frame()))
        #expect(seen.contains("SECRET-ANSWER") && seen.contains("POST https://api.example.org/purge"))
    }

    @Test("a page says the same a few seconds later, and something else after the next run")
    func tags() {
        let row = Fixture.row(job, last: run(), marks: Fixture.marks(job.name))
        func tag(_ frame: Frame, _ row: JobsPage.Row) -> String { Fixture.page([row]).page(frame).tag }
        let first = tag(Fixture.frame(), row)
        #expect(tag(Fixture.frame(Fixture.now + .seconds(20)), row) == first)
        #expect(tag(Fixture.frame(Fixture.now + .seconds(90)), row) != first)
        #expect(tag(Fixture.frame(), Fixture.row(job, last: run(.succeeded), marks: row.marks)) != first)
        #expect(tag(Fixture.frame(isSignedIn: false), row) != first)
        #expect(first.hasPrefix("W/\""))
    }

    @Test("what needs somebody comes first, in a sentence with the command and the buttons")
    func needs() {
        let failed = Fixture.row(job, last: run(detail: "the API answered 502 Bad Gateway"), marks: [])
        let page = Fixture.text(Fixture.page([failed], needs: [failed.status]).page(Fixture.frame()))
        for part in [
            "<h2>purge is overdue</h2>", "the API answered 502 Bad Gateway", "It runs again in 17 h 28 min.",
            "almanac why purge", "href=\"/jobs/purge/run\"",
            "href=\"/runs/\(run().id.description.prefix(18))\"",
            "<title>1 needs you · Almanac",
        ] {
            #expect(page.contains(part), "\(part)")
        }
        let well = Fixture.text(
            Fixture.page([Fixture.row(job, last: run(.succeeded), marks: [])]).page(Fixture.frame()))
        #expect(
            well.contains("Nothing needs you")
                && well.contains("Of the 10 occurrences of the last 24 hours, 1 did not end well"))
    }

    @Test("a secret that stands in a job's line is masked where the job is shown")
    func secretsOfLines() {
        let job = Fixture.jobs(
            "0 4 * * * sec: POST /api/x?api_key=SECRETQ as=none header=\"X-Password: SECRETH\"\n")[0]
        let page = JobPage(
            status: JobStatus(job: job, summary: nil, now: Fixture.now), marks: [],
            table: RunTable(runs: [], filter: .init(), older: nil), definitions: [], upcoming: [], pauses: [],
            unread: nil)
        let text = Fixture.text(page.page(Fixture.frame()))
        #expect(text.contains("api_key=***") && !text.contains("SECRET"))
    }

    @Test(
        "the launch page has the verdict of the checklist, each check with what was measured, and who signed")
    func launch() throws {
        let list = PreflightList(
            Array(
                """
                group edge: "Network and edge"
                check hsts: http GET https://api.example.org/ expect=200 title="**HSTS**: set"
                check backup: manual "Was it restored?" title="**Backup**: restored"

                """.utf8), file: "preflight.conf")
        try #require(list.diagnostics.isEmpty, "\(list.diagnostics)")
        let results = [
            CheckResult(.fail, "answered 502", hint: "look at the proxy"),
            CheckResult(.pass, "signed by omar"),
        ]
        let signature = Signature(
            item: "backup", by: "omar", at: Fixture.now, evidence: "", host: HostID("alpha/1"))
        let report = PreflightReport(
            groups: list.groups, results: Array(zip(list.checks, results)), signatures: ["backup": signature])
        func text(_ state: LaunchPage.Preflight, mayAct: Bool) -> String {
            let page = LaunchPage(
                launch: Launch([]), pauseOfAll: nil, preflight: state, triggers: [],
                manualSteps: ["Tell everybody"],
                mayAct: mayAct)
            return Fixture.text(page.page(Fixture.frame()))
        }
        let done = LaunchPage.Preflight.done(report, at: Fixture.now, leftOut: 0)
        let whole = text(done, mayAct: true)
        for part in [
            "not ready: 1 must be repaired", "HSTS: set", "answered 502", "look at the proxy",
            "signed by omar",
            "Tell everybody", "No launch has begun.", "/launch/check",
        ] {
            #expect(whole.contains(part), "\(part)")
        }
        let anybody = text(done.redacted, mayAct: false)
        #expect(anybody.contains("not ready: 1 must be repaired") && !anybody.contains("answered 502"))
        #expect(!anybody.contains("/launch/check"))
    }

    // MARK: Weight

    /// Jobs that are due each hour, or often, with a past in which much went wrong.
    private func rows(_ count: Int, name: (Int) -> String, detail: String, lanes: Int) -> [JobsPage.Row] {
        let lines = (0..<count).map { "\($0 % 60) * * * * \(name($0)): POST /api as=none\n" }.joined()
        return Fixture.jobs(lines).enumerated().map { index, job in
            let last = Fixture.run(job.name, ago: 1800, index % 7 == 0 ? .failed : .succeeded, detail: detail)
            let outcomes = Outcome.allCases
            let marks = Fixture.marks(job.name) {
                $0 % 9 == 4 ? outcomes[($0 + index) % outcomes.count] : .succeeded
            }
            return Fixture.row(job, last: last, marks: marks, hasLane: index < lanes)
        }
    }

    @Test("20 jobs weigh at most 60 KiB")
    func weightOfTwenty() {
        let rows = rows(
            20, name: { "invoices-of-region-\($0)" }, detail: "the API answered 502 Bad Gateway", lanes: 20)
        let size = Fixture.page(rows, needs: rows.prefix(3).map(\.status)).page(Fixture.frame()).bytes.count
        #expect(size <= 60 * 1024, "\(size)")
    }

    @Test("no page weighs more than 200 KiB, whatever others wrote")
    func weightEver() {
        let long = String(String(repeating: Self.hostile, count: 20).prefix(1000))
        let rows = rows(50, name: { "a\($0)-" + String(repeating: "x", count: 58) }, detail: long, lanes: 20)
        let jobs = Fixture.page(rows, needs: rows.prefix(5).map(\.status)).page(Fixture.frame())
        let runs = (0..<50).map { number in
            Fixture.run(
                job.name, ago: Int64(number) * 60, .failed, detail: long,
                excerpt: String(repeating: "\"", count: 8000))
        }
        let table = RunsPage(table: RunTable(runs: runs, filter: .init(), older: "1.x")).page(Fixture.frame())
        let run = Fixture.run(
            job.name, ago: 60, .failed, detail: long, excerpt: String(repeating: "\"", count: 8000))
        for size in [jobs.bytes.count, table.bytes.count, runPage(run).utf8.count] {
            #expect(size <= 200 * 1024, "\(size)")
        }
    }
}

extension RunRecord {
    fileprivate var redactedForTest: RunRecord {
        var run = self
        run.responseExcerpt = nil
        run.requestedBy = nil
        return run
    }
}
