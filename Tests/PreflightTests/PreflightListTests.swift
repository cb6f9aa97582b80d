import JobCatalog
import Preflight
import Testing

@Suite struct PreflightListTests {
    private func list(_ text: String) -> PreflightList { PreflightList(Array(text.utf8), file: "list") }

    @Test("groups, sections and options are read, those of the line above where a line has none")
    func reading() throws {
        let list = list(
            """
            HOST=api.example.org URL=https://${HOST}
            group database: database
            group edge: "Network & edge"  # a comment
            check tls: tls ${HOST} days=30 section="TLS" title="**TLS**: valid" hint="renew it"
            check hsts: http GET ${URL}/health expect-header="strict-transport-security: max-age=*"
            check size: sql "select pg_database_size('x') / 1e9" expect=<=8 group=database title="Size"
            """)
        #expect(list.diagnostics.isEmpty, "\(list.diagnostics.map(\.message))")
        #expect(
            list.groups == [
                .init(id: "database", title: "database"), .init(id: "edge", title: "Network & edge"),
            ])
        #expect(list.checks.map(\.id) == ["tls", "hsts", "size"])
        #expect(list.checks.map(\.section) == ["TLS", "TLS", nil])
        #expect(list.checks.map(\.title) == ["**TLS**: valid", "hsts", "Size"])
        #expect(list.checks[0].hint == "renew it" && list.checks[0].source.line == 4)
        #expect(list.variables.map(\.name) == ["HOST", "URL"])
        guard case .tls(_, 30) = list.checks[0].kind else {
            Issue.record("it is another kind")
            return
        }
    }

    @Test(
        "a faulty line is reported with its place, and all of them at once",
        arguments: [
            ("check a: htpt GET x", 10, "did you mean http?"),
            ("check a: http POST x", 15, "write GET, HEAD or OPTIONS"),
            ("check a: http", 10, "docs/preflight.md"), ("check a:", 7, "kinds are setting"),
            ("check A: tls x", 7, "lower-case letters"), ("chekc a: tls x", 1, "lines are"),
            ("check a: tls x dayz=3", 16, "did you mean days=?"),
            ("check a: tls x days=x", 16, "write it like days=0"),
            ("check a: tls x days=1 days=2", 23, "keep one"), ("check a: tls x y", 16, "quotes"),
            ("check a: tls ${x", 14, "${NAME}"), ("check a: http GET x expect=9", 21, "expect=200,204"),
            ("check a: http GET x expect-json=a==1", 21, "$.status==pass"),
            ("check a: http GET x expect-json=\"$.a<=x\"", 21, "a value"),
            ("check a: http GET x expect-header=x", 21, "location"), ("check a: setting 1X", 18, "DB_DSN"),
            ("check a: setting X level=none", 20, "required, provider, optional"),
            ("check a: file x min-size=x", 17, "min-size=1M"), ("check a: file x max-age=x", 17, ""),
            ("check a: almanac jobs purge", 18, "did you mean job?"),
            ("check a: almanac job Purge", 22, "schedule files"),
            ("check a: sql \"select 1\" expect=<=x", 25, "expect=<=10"),
            ("check a: manual \"x", 17, "end it"),
            ("check a: tls x days=${DAYS}", 16, "DAYS=…"),
            ("check a: tls x\ncheck a: tls y", 7, "its own name"),
            ("group a: \"x\"\ngroup a: \"y\"", 7, "keep one"),
            ("group edge: \"x\"\ncheck a: tls x group=egde", 16, "did you mean edge?"),
            ("A=1\nA=2", 1, "keep one"), ("group a: x y", 12, "name=value"), ("", 1, "check ID"),
        ])
    func faults(text: String, column: Int, hint: String) throws {
        let found = list(text).diagnostics
        try #require(found.count == 1, "\(found.map(\.message))")
        #expect(found[0].location.column == column, "\(found[0].message)")
        #expect((found[0].hint ?? "").contains(hint), "\(found[0].hint ?? "")")
        let twice = list(text + "\ncheck other: htpt x\ncheck third: tls x").diagnostics
        #expect(text.isEmpty || twice.count == 2)
    }

    @Test(
        "a statement that may change something is refused",
        arguments: [
            ("select 1", true), ("  WITH x as (select 1) select * from x", true), ("show ssl", true),
            ("values (1);", true),
            ("select 'delete; drop'", true), ("select count(*) from \"update\"", true),
            ("select updated_at from x", true),
            ("delete from x", false), ("select 1; select 2", false),
            ("with x as (delete from y returning 1) select 1", false),
            ("select * into y from x", false), ("explain select 1", false), ("do $$ begin end $$", false),
            ("", false),
        ])
    func statements(statement: String, isRead: Bool) {
        let escaped = statement.replacing("\"", with: "\\\"")
        #expect(list("check a: sql \"\(escaped)\"").diagnostics.isEmpty == isRead)
    }
}
