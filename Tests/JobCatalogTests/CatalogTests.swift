import CivilTime
import JobCatalog
import RandomInput
import RequestText
import RunModel
import Scheduling
import Testing

@Suite struct CatalogTests {
    private func catalog(_ text: String) -> Catalog {
        Catalog(jobs: read(text).jobs, zoneData: nil)
    }

    @Test("a name that another file has taken is an error that names both places, and the first job stays")
    func duplicate() {
        var builder = CatalogBuilder()
        for (file, text) in [
            ("a.cron", "0 1 * * * x: GET /a"), ("b.cron", "# b\n0 2 * * * x: GET /b\n0 3 * * * y: GET /c"),
        ] {
            let read = ScheduleFile(Array(text.utf8), file: file, zones: TestZones(), now: testNow)
            builder.add(read.jobs, read.diagnostics, line: read.sourceLine)
        }
        #expect(
            builder.diagnostics.map(\.rendered) == [
                """
                b.cron:2:11: error: the job “x” is defined twice
                  0 2 * * * x: GET /b
                            ^
                hint: the first is at a.cron:1; rename one
                """
            ])
        #expect(builder.hasErrors)
        let catalog = builder.catalog(zoneData: "2025b")
        #expect(catalog.jobs.map(\.source.file) == ["a.cron", "b.cron"])
        #expect(catalog.jobs.map(\.name.description) == ["x", "y"])
    }

    @Test("a change names what was added, taken out and changed, and when each job is due next")
    func changes() {
        let older = catalog(
            "0 1 * * * a: GET /a\n0 1 * * * b: GET /b\n0 1 * * * c: GET /c\n0 1 * * * e: GET /e")
        let newer = catalog(
            "0 2 * * * d: GET /d\n0 1 * * * c: GET /c retry=9\n0 1  * * * a: GET /a\n"
                + "0 4 * * * e: POST /e enabled=no")
        let changes = older.changes(to: newer, now: testNow)
        #expect(
            changes.map { "\($0.job) \($0.kind.rawValue) \($0.parts.joined(separator: "+")): \($0.effect)" }
                == [
                    "d added : never → 2026-01-16T02:00:00Z",
                    "c changed policy: 2026-01-16T01:00:00Z, as before",
                    "e changed schedule+request+enabled: 2026-01-16T01:00:00Z → never",
                    "b removed : 2026-01-16T01:00:00Z → never",
                ])
        #expect(older.changes(to: older, now: testNow) == [])
    }

    @Test("the identity of a catalog depends on its jobs, not on their order")
    func hash() {
        let one = catalog("0 1 * * * a: GET /a\n0 1 * * * b: GET /b")
        #expect(one.hash == catalog("0 1 * * * b: GET /b\n0 1 * * * a: GET /a").hash)
        #expect(one.hash != catalog("0 1 * * * a: GET /b\n0 1 * * * b: GET /a").hash)
        #expect(one.hash != catalog("0 1 * * * a: GET /a").hash)
    }

    @Test("the file that is shipped is read without a warning")
    func shape() {
        let file = read(
            "CRON_TZ=UTC\n10 0 * * * purge: POST /api as=admin accept=200,204 timeout=10m catch-up=latest")
        #expect(file.diagnostics == [])
        #expect(file.jobs.first?.next(after: testNow)?.instant == Instant(seconds: 1_768_522_200))
    }
}

@Suite struct TemplateTextTests {
    @Test(
        "a template is read as its rule says",
        arguments: [
            ("", []), ("a", [.literal("a")]), ("${A}", [.reference("A")]),
            ("a${_b1}c", [.literal("a"), .reference("_b1"), .literal("c")]),
            ("$", [.literal("$")]), ("$$", [.literal("$$")]), ("$a", [.literal("$a")]),
            ("$${A}", [.literal("${A}")]),
            ("$$${A}", [.literal("$"), .reference("A")]), ("$$$${A}", [.literal("$${A}")]),
            ("{a}", [.literal("{a}")]), ("${A}${B}", [.reference("A"), .reference("B")]),
            ("ä${A}€", [.literal("ä"), .reference("A"), .literal("€")]),
        ] as [(String, [TemplateText.Part])])
    func parsing(_ text: String, _ parts: [TemplateText.Part]) {
        let template = TemplateText(parsing: text)
        #expect(template?.parts == parts)
        #expect(template?.description == text)
    }

    @Test(
        "a ${ without a name and its end is no template",
        arguments: ["${", "${}", "${a", "${1}", "${a b}", "${ä}", "x${", "$$${"])
    func refused(_ text: String) {
        #expect(TemplateText(parsing: text) == nil)
    }

    @Test("the text of any template is read as the same template")
    func fixedPoint() {
        var random = SeededRandom(seed: 2)
        for _ in 0..<5000 {
            var parts: [TemplateText.Part] = []
            for _ in 0..<random.number(0...4) {
                if random.oneIn(2) {
                    parts.append(.reference(random.pick(["A", "b_2"])))
                } else if case .reference? = parts.last ?? .reference("") {
                    let text = (0..<random.number(1...4)).map { _ in random.pick(["$", "{", "}", "a", "ä"]) }
                        .joined()
                    parts.append(.literal(text))
                }
            }
            let text = TemplateText(parts).description
            #expect(TemplateText(parsing: text)?.parts == parts, "\(text)")
        }
    }
}

@Suite struct StatusSetTests {
    @Test(
        "a set is shown as the ranges it holds",
        arguments: [
            ("200", "200"), ("204,200", "200,204"), ("200,201", "200-201"), ("2xx", "200-299"),
            ("5xx,404", "404,500-599"),
            ("200-210,205-299", "200-299"), ("100-599", "100-599"), ("200-299,200", "200-299"),
        ])
    func shown(_ text: String, _ shown: String) throws {
        let set = try #require(StatusSet(text))
        #expect(set.description == shown)
        #expect(StatusSet(shown) == set)
    }

    @Test(
        "what is no set of statuses is refused",
        arguments: [
            "", ",", "20", "2000", "099", "600", "xxx", "6xx", "0xx", "２xx", "+20", "-20", "200-", "-200",
            "204-200", "200-300-400", "200 ", "200;204", "2XX",
        ])
    func refused(_ text: String) {
        #expect(StatusSet(text) == nil)
    }

    @Test("members are in the set, and others are not")
    func members() throws {
        let set = try #require(StatusSet("200,3xx"))
        #expect((100...599).filter(set.contains) == [200] + Array(300...399))
        #expect(try set.overlaps(#require(StatusSet("399-400"))))
        #expect(try !set.overlaps(#require(StatusSet("201-299,400"))))
        #expect(!StatusSet.none.contains(200))
    }
}

@Suite struct EndpointURLTests {
    @Test(
        "a URL that may be called is taken apart",
        arguments: [
            ("https://api.example.org", "api.example.org", 443, false),
            ("HTTPS://API.example.org/x?y#z", "api.example.org", 443, false),
            ("https://h:8443/x", "h", 8443, false), ("http://127.0.0.1:8000/x", "127.0.0.1", 8000, true),
            ("http://127.255.0.9", "127.255.0.9", 80, true), ("http://localhost", "localhost", 80, true),
            ("http://a.localhost:1", "a.localhost", 1, true), ("http://[::1]:65535/x", "::1", 65535, true),
            ("https://[2001:db8::1]?x", "2001:db8::1", 443, false),
        ])
    func accepted(_ text: String, _ host: String, _ port: Int, _ isLoopback: Bool) throws {
        let url = try EndpointURL(text)
        #expect(url.host == host)
        #expect(url.port == port)
        #expect(url.isLoopback == isLoopback)
        #expect(url.description == text)
    }

    @Test(
        "a URL that may not be called says why",
        arguments: [
            ("", .notAbsolute), ("/x", .notAbsolute), ("example.org", .notAbsolute),
            ("https:/h", .notAbsolute), ("ftp://h", .scheme("ftp")),
            ("https://", .host), ("https:///x", .host), ("https://h_ä", .characters),
            ("https://h/a b", .characters),
            ("https://a\\b", .host), ("https://u@h", .credentials), ("https://u:p@h/", .credentials),
            ("https://h:0", .port),
            ("https://h:65536", .port), ("https://h:", .port), ("https://h:+1", .port),
            ("https://h:x", .port), ("https://[::1", .host), ("https://[h]", .host),
            ("https://[::1]x", .host), ("http://example.org/x", .plainHTTP(host: "example.org")),
            ("http://127.0.0.1.example.org", .plainHTTP(host: "127.0.0.1.example.org")),
            ("http://127.0.0.256", .plainHTTP(host: "127.0.0.256")),
            ("http://localhost.example.org", .plainHTTP(host: "localhost.example.org")),
            ("http://0.0.0.0", .plainHTTP(host: "0.0.0.0")),
        ] as [(String, EndpointURL.Problem)])
    func refused(_ text: String, _ problem: EndpointURL.Problem) {
        #expect(throws: problem) { try EndpointURL(text) }
        #expect(!problem.message.isEmpty && !problem.hint.isEmpty)
    }

    @Test("an origin is scheme, host and port")
    func origin() throws {
        let url = try EndpointURL("https://h/x")
        #expect(try url.isSameOrigin(as: EndpointURL("https://H:443/y")))
        for other in ["https://h:444/x", "https://g/x", "https://h.g/x"] {
            #expect(try !url.isSameOrigin(as: EndpointURL(other)))
        }
    }
}
