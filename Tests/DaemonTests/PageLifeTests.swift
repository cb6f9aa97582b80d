import StandInAPI
import TestFiles
import Testing

@Suite("the pages of a running daemon")
struct PageLifeTests {
    private static let jobs = """
        0 0 1 1 *  rare:  POST /api/cron/purge_old as=admin timeout=1h
        0 3 * * *  other: POST /api/cron/purge_old as=admin

        """

    /// A daemon with two jobs, and a browser that has not signed in.
    private func withPages(
        _ body: (Bench, Browser, ProgramProcess) async throws -> Void
    ) async throws {
        try await withBench { bench in
            bench.environment["STATUS_TOKEN"] = randomToken()
            try bench.write(Self.jobs)
            let daemon = try await bench.startDaemon()
            try await body(bench, Browser(bench), daemon)
            try await daemon.stop()
        }
    }

    private func jobToken(_ bench: Bench) -> String { bench.environment["JOB_TOKEN"] ?? "" }

    @Test("who signed in rehearses, runs, and is recorded by name; each form is sent once")
    func runNow() async throws {
        try await withPages { bench, browser, _ in
            try await browser.signIn(jobToken(bench))
            let path = "/jobs/rare/run"
            let rehearsed = try await browser.send(try await browser.get(path), path, ["step": "rehearse"])
            #expect(rehearsed.body.contains("rare is ready to run"), "\(rehearsed.body)")
            #expect(rehearsed.body.contains("X-Job-Token: ***") && !rehearsed.body.contains(jobToken(bench)))
            #expect(bench.api.requests().isEmpty, "nothing is sent before it is confirmed")
            let ran = try await browser.send(rehearsed, path, ["step": "run"])
            let id = try #require(ran.location?.split(separator: "/").last)
            try await eventually("it has ended") {
                try await bench.history().contains { $0.runId == id && $0.outcome == "succeeded" }
            }
            let run = try #require(try await bench.history().first { $0.runId == id })
            #expect(run.requestedBy == "amina@a local socket by page")
            let again = try await browser.send(rehearsed, path, ["step": "run"])
            #expect(again.status == 409 && again.body.contains("nothing was done"))
            #expect(bench.api.requests().count == 1)
            let shown = try await browser.get("/runs/\(id)")
            #expect(shown.status == 200 && shown.body.contains("rare, by hand: succeeded"))
        }
    }

    @Test(
        "a pause is confirmed with what it holds back, and ended; mistakes in the form are shown beside it"
    )
    func pauses() async throws {
        try await withPages { bench, browser, _ in
            try await browser.signIn(jobToken(bench))
            let path = "/jobs/other/pause"
            let form = try await browser.get(path)
            let missing = try await browser.send(form, path, ["step": "ask", "end": "4h"])
            #expect(missing.status == 400 && missing.body.contains("The reason is missing"))
            let words = ["step": "ask", "end": "until", "until": "no time at all", "reason": "a <b>move</b>"]
            let wrong = try await browser.send(missing, path, words)
            #expect(wrong.status == 400 && wrong.body.contains("role=\"alert\""))
            #expect(wrong.body.contains("value=\"a &lt;b&gt;move&lt;/b&gt;\""), "what was written is kept")
            let asked = try await browser.send(
                wrong, path, ["step": "ask", "end": "3d", "reason": "a <b>move</b>"])
            #expect(asked.body.contains("Pause other?") && asked.body.contains("It skips"))
            #expect(try await bench.almanac("jobs").output.contains("paused") == false, "not yet")
            let done = try await browser.send(asked, path, ["step": "do", "reason": "a <b>move</b>"])
            #expect(done.status == 303 && done.location == "/jobs/other")
            #expect(try await browser.get("/?state=paused").body.contains("a &lt;b&gt;move&lt;/b&gt;"))
            let resume = try await browser.get("/jobs/other/resume")
            #expect(try await browser.send(resume, "/jobs/other/resume", ["step": "do"]).status == 303)
            #expect(try await browser.get("/?state=paused").body.contains("No job matches"))
        }
    }

    @Test("a run under way is cancelled from its page")
    func cancel() async throws {
        try await withPages { bench, browser, _ in
            bench.api.misbehave(.hold, count: 1)
            try await browser.signIn(jobToken(bench))
            let path = "/jobs/rare/run"
            let rehearsed = try await browser.send(try await browser.get(path), path, ["step": "rehearse"])
            let ran = try await browser.send(rehearsed, path, ["step": "run"])
            let run = try #require(ran.location)
            try await eventually("its request is under way") { bench.api.heldCount == 1 }
            let page = try await browser.get(run)
            #expect(page.body.contains("Attempt 1 of 1 is under way") && page.body.contains("Cancel…"))
            let asked = try await browser.get(run + "/cancel")
            #expect(try await browser.send(asked, run + "/cancel", ["step": "do"]).status == 303)
            try await eventually("it has ended") {
                try await bench.history().contains { $0.outcome == "unknown" && $0.reason == "cancelled" }
            }
        }
    }

    @Test(
        "without a token a page shows and changes nothing that needs one; the token that only reads changes nothing"
    )
    func rights() async throws {
        try await withPages { bench, browser, _ in
            let path = "/jobs/rare/run"
            let sent = try await browser.send(nil, path, ["step": "run"])
            #expect(sent.status == 303 && sent.location?.hasPrefix("/sign-in?back=") == true)
            let wrong = try await browser.send(nil, "/sign-in", ["name": "x", "token": randomToken()])
            #expect(wrong.status == 401 && wrong.body.contains("not valid here"))
            try await browser.signIn(bench.environment["STATUS_TOKEN"] ?? "")
            #expect(try await browser.get(path).status == 403)
            #expect(try await browser.send(nil, path, ["step": "run"]).status == 403)
            try await browser.signIn(jobToken(bench))
            let page = try await browser.get(path)
            let foreign = try await browser.send(
                page, path, ["step": "rehearse"], origin: "http://evil.example")
            #expect(foreign.status == 403)
            let other = try await browser.send(page, "/jobs/other/run", ["step": "rehearse"])
            #expect(other.status == 409, "the field of another page")
            let out = try await browser.get("/sign-out")
            #expect(try await browser.send(out, "/sign-out").status == 303)
            #expect(try await browser.send(page, path, ["step": "rehearse"]).status == 303)
            #expect(bench.api.requests().isEmpty)
        }
    }

    @Test("a token that a reload replaced opens nothing any more")
    func replacedToken() async throws {
        try await withBench { bench in
            let file = bench.directory + "/status-token"
            let (old, new) = (randomToken(), randomToken())
            try write(old, to: file)
            bench.environment["STATUS_TOKEN_FILE"] = file
            try bench.write(Self.jobs)
            let daemon = try await bench.startDaemon()
            let browser = Browser(bench)
            try await browser.signIn(old)
            #expect(try await browser.get("/").body.contains("Sign out"))
            try bench.put(new, at: file)
            #expect(try await bench.almanac("reload").status == 0)
            try await eventually("nobody is signed in") {
                try await browser.get("/").body.contains("Sign in")
            }
            try await daemon.stop()
        }
    }

    @Test("an address with a place in a list, or a time, that cannot be is refused, and the daemon lives on")
    func impossiblePlaces() async throws {
        try await withPages { _, browser, _ in
            let run = "00000000-0000-0000-0000-000000000000"
            _ = try await browser.get("/")
            for place in ["-9223372036854775808.\(run)", "9223372036854775807.\(run)", "-1.x", "", "1"] {
                #expect(try await browser.get("/runs?before=\(place)").status == 400, "\(place)")
                #expect(try await browser.get("/jobs/rare?before=\(place)").status == 400, "\(place)")
            }
            for time in ["9999-12-31", "0000-01-01", "10000-01-01", "99999999d"] {
                #expect(try await browser.get("/runs?since=\(time)&until=\(time)").status == 200, "\(time)")
            }
            #expect(try await browser.get("/").status == 200)
        }
    }

    @Test("a person who mistyped an address gets a page, and a program a problem document")
    func missing() async throws {
        try await withPages { _, browser, _ in
            for path in ["/jobs/none", "/runs/00000000"] {
                let page = try await browser.get(path)
                #expect(page.status == 404 && page.body.contains("<!doctype html>"))
            }
            let page = try await browser.get("/nothing")
            #expect(page.status == 404 && page.body.contains("\"detail\""))
        }
    }
}
