import CivilTime
import JobCatalog
import RandomInput
import RequestText
import RunModel
import Scheduling
import Testing

@Suite struct ScheduleFileTests {
    @Test("a line with every option says what each says")
    func everyOption() throws {
        let file = read(
            #"""
            10 0 * * 1-5  purge:  POST /api/purge  as=admin accept=200,204 decline=503 retry=5 backoff=1s..2m \#
            timeout=10m deadline=PT2H overlap=queue catch-up=all catch-up-window=1d jitter=30s tz=+03:00 \#
            header="X-A: b c" header='X-B: ${NAME}' body="{\"a\": \"$${b}\"}" enabled=no overdue-after=1h  # why
            """#)
        #expect(file.diagnostics == [])
        let job = try #require(file.jobs.first)
        #expect(job.name.description == "purge")
        #expect(job.schedule?.description == "10 0 * * 1-5")
        #expect(job.schedule?.zone.name == "+03:00")
        #expect(job.request.method == "POST")
        #expect(job.request.url.parts == [.reference("API_BASE_URL"), .literal("/api/purge")])
        #expect(
            job.request.headers.map { "\($0.name): \($0.value)" } == [
                "X-User-ID: ${ADMIN_USER_UUID}", "X-Job-Token: ${JOB_TOKEN}", "X-A: b c", "X-B: ${NAME}",
            ])
        #expect(job.request.body?.parts == [.literal(#"{"a": "${b}"}"#)])
        #expect(job.request.references == ["API_BASE_URL", "ADMIN_USER_UUID", "JOB_TOKEN", "NAME"])
        #expect(job.isEnabled == false)
        #expect(job.source == SourceLocation(file: "a.cron", line: 1, column: 15))
        var policy = Policy()
        policy.accept = try #require(StatusSet("200,204"))
        policy.decline = try #require(StatusSet("503"))
        policy.retries = 5
        policy.backoff = .seconds(1) ... .seconds(120)
        policy.timeout = .seconds(600)
        policy.deadline = .seconds(7200)
        policy.overlap = .queue
        policy.catchUp = .all
        policy.catchUpWindow = .seconds(86400)
        policy.jitter = .seconds(30)
        policy.overdueAfter = .seconds(3600)
        #expect(job.policy == policy)
    }

    @Test("the values of as= become the identity header, and a foreign URL gets no token")
    func identities() throws {
        let user = "8b1e7f7e-0001-4000-8000-00000000000A"
        let file = read(
            """
            0 0 * * * a: GET /x as=none
            0 0 * * * b: GET /x as=superadmin
            0 0 * * * c: GET https://example.org/x as=\(user)
            0 0 * * * d: GET /x header="x-job-token: ${JOB_TOKEN}"
            0 0 * * * e: GET ${API_BASE_URL}/x
            """)
        #expect(
            file.jobs.map { $0.request.headers.map { "\($0.name): \($0.value)" } } == [
                ["X-Job-Token: ${JOB_TOKEN}"],
                ["X-User-ID: ${SUPERADMIN_USER_UUID}", "X-Job-Token: ${JOB_TOKEN}"],
                ["X-User-ID: \(user)"], ["x-job-token: ${JOB_TOKEN}"], ["X-Job-Token: ${JOB_TOKEN}"],
            ])
    }

    @Test("settings apply to the lines below them, and a line's own options win")
    func settings() {
        let file = read(
            """
            0 0 * * * a: GET /x
            CRON_TZ=+03:00
            retry=7 timeout=5m
            0 0 * * * b: GET /x
            0 0 * * * c: GET /x retry=0 tz=UTC
            TZ=+05:45
            0 0 * * * d: GET /x
            """)
        #expect(file.jobs.map { $0.schedule?.zone.name } == ["UTC", "+03:00", "UTC", "+05:45"])
        #expect(file.jobs.map(\.policy.retries) == [2, 7, 0, 7])
        #expect(file.jobs.map(\.policy.timeout) == [60, 300, 300, 300].map { .seconds($0) })
    }

    @Test("byte order mark, CRLF, tabs, comments and empty lines are no part of a job")
    func forms() {
        let file = read("\u{feff}# all\r\n\r\n0 0\t* * *\ta:\tGET\t/x\t# end\r\n  \t\r\n@daily b: GET /y")
        #expect(file.diagnostics == [])
        #expect(file.jobs.map(\.name.description) == ["a", "b"])
        #expect(file.jobs.map(\.source.line) == [3, 5])
        #expect(file.jobs[0].request.url == TemplateText([.reference("API_BASE_URL"), .literal("/x")]))
    }

    @Test("a bad line does not lose the good ones, and all problems are found")
    func goodAndBad() {
        let file = read(
            "0 0 * * * a: GET /x\n0 99 * * * b: GET /x\nnonsense\n0 0 * * * c: GET /x retry=x\n1 0 * * * d: GET /x"
        )
        #expect(file.jobs.map(\.name.description) == ["a", "d"])
        #expect(file.diagnostics.map(\.location.line) == [2, 3, 4])
    }

    @Test("a byte that is not UTF-8 is shown at its place, behind characters of several bytes")
    func invalidByte() {
        let file = read(Array("# ä€ ".utf8) + [0xe9] + Array(" x\n0 0 * * * a: GET /x".utf8))
        #expect(
            file.diagnostics.map(\.rendered) == [
                "a.cron:1:9: error: the byte 0xE9 is not UTF-8 text\n  # ä€ \u{fffd} x\n       ^\nhint: save the file as UTF-8"
            ])
        #expect(file.jobs.count == 1)
    }

    @Test(
        "a file of another encoding is one problem",
        arguments: [[0xff, 0xfe, 0x30, 0], [0xfe, 0xff, 0, 0x30]] as [[UInt8]])
    func utf16(_ bytes: [UInt8]) {
        let file = read(bytes + bytes + [0x0a] + bytes)
        #expect(
            file.diagnostics.map(\.rendered) == [
                "a.cron:1:1: error: the file is UTF-16\nhint: save it as UTF-8"
            ])
    }

    @Test("a line that is too long is not shown, and the others are read")
    func longLine() {
        let fits = "0 0 * * * a: GET /" + String(repeating: "x", count: ScheduleFile.lineBytesMax - 18)
        #expect(read(fits).jobs.count == 1)
        let file = read(fits + "x\n0 0 * * * b: GET /x")
        #expect(
            file.diagnostics.map(\.rendered) == [
                "a.cron:1:1: error: the line has 16385 bytes; at most 16384 are read\nhint: is this a schedule file?"
            ])
        #expect(file.jobs.map(\.name.description) == ["b"])
    }

    @Test("a file that is too large is refused")
    func largeFile() {
        let file = read([UInt8](repeating: 0x23, count: ScheduleFile.bytesMax + 1))
        #expect(file.diagnostics.map(\.message) == ["the file is larger than 10 MiB"])
    }

    @Test("a quoted # is no comment, and one within a word is not either")
    func hashes() {
        let file = read("0 0 * * * a: GET /x#y body='# no' # yes")
        #expect(file.jobs.first?.request.url.parts.last == .literal("/x#y"))
        #expect(file.jobs.first?.request.body?.parts == [.literal("# no")])
    }

    @Test("escapes count in double quotes only")
    func escapes() {
        let file = read(#"0 0 * * * a: GET /x body="a\n\t\"\\\q" header='X: \n'"#)
        #expect(file.jobs.first?.request.body?.parts == [.literal("a\n\t\"\\q")])
        #expect(file.jobs.first?.request.headers.last?.value.parts == [.literal("\\n")])
    }

    @Test("a schedule that is probably a mistake is a warning, and the job is loaded")
    func warning() {
        let file = read("0 0 1 * 1 a: GET /x")
        #expect(file.jobs.count == 1)
        #expect(file.diagnostics.map(\.severity) == [.warning])
        #expect(file.diagnostics.map(\.code) == ["both-day-fields"])
    }

    @Test("a schedule that is over is a warning that says what to remove, and the job is loaded")
    func over() throws {
        let file = read("0 0 1 1 * * 2020 a: POST /b\n10 0 * * * b: POST /b")
        #expect(
            file.diagnostics.map(\.rendered) == [
                """
                a.cron:1:1: warning: the schedule is over: its last occurrence was at 2020-12-01T01:00:00Z
                  0 0 1 1 * * 2020 a: POST /b
                  ^~~~~~~~~~~~~~~~
                hint: remove the line, or correct the year
                """
            ])
        #expect(file.jobs.map { $0.isOver(at: testNow) } == [true, false])
        let disabled = read("0 0 1 1 * * 2020 a: POST /b enabled=no")
        #expect(disabled.diagnostics == [] && disabled.jobs.map { $0.isOver(at: testNow) } == [false])
    }

    @Test("a file that is read without an error is read without one at any later time")
    func time() throws {
        let lines = [
            "0 0 12 16 1 ? 2026", "0 */15 2 8 3 ? 2026-2027", "@every 1h", "0 0 29 2 *", "0 0 0 1 1 ? 2199",
        ]
        let text = lines.enumerated().map { "\($1) job-\($0): POST /b tz=America/New_York\n" }.joined()
        for days in [0.0, 1, 365, 800, 70_000] {
            let now = testNow + .seconds(days * 86_400)
            let file = ScheduleFile(Array(text.utf8), file: "a.cron", zones: TestZones(), now: now)
            #expect(file.jobs.count == lines.count && !file.diagnostics.contains { $0.severity == .error })
        }
    }

    @Test("no bytes crash the reader, and every diagnostic can be shown")
    func arbitraryBytes() {
        var random = SeededRandom(seed: 4)
        let pieces = [
            "0 0 * * * ", "a: ", "GET ", "/x ", "as=", "\"", "'", "\\", "=", "\n", "\r", "\t", "$", "${", "}",
            "#",
            "ä", "€", "\u{301}", "CRON_TZ=", "tz=", "accept=2xx ", "retry=9", "header=", ":", "-",
            "@every 1s ",
        ].map { Array($0.utf8) }
        var shown = 0
        for _ in 0..<100_000 {
            var bytes: [UInt8] = []
            for _ in 0..<random.number(1...6) {
                bytes += random.oneIn(4) ? [UInt8(random.number(0...255))] : random.pick(pieces)
            }
            for diagnostic in read(bytes).diagnostics {
                #expect(diagnostic.location.column >= 1)
                shown += diagnostic.rendered.utf8.count
            }
        }
        #expect(shown > 0)
    }
}
