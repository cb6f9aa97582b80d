import CommandRequests
import RequestText
import TaskXML
import Testing

@Suite("curl command lines become requests")
struct CurlCommandTests {
    /// The request in a line: method, URL, headers (secret ones starred), body, and what else is set.
    static func summary(_ request: CommandRequest) -> String {
        var parts = [request.method, request.url.description]
        parts += request.headers.map { "[\($0.name): \($0.value)\($0.isSecret ? " *" : "")]" }
        if let body = request.body { parts.append("{\(body)}") }
        if let timeout = request.timeout { parts.append("timeout=\(timeout)") }
        if let retry = request.retry {
            parts.append("retry=\(retry.count)/\(retry.delay.map { "\($0)" } ?? "-")")
        }
        if !request.failsOnStatus { parts.append("lenient") }
        return parts.joined(separator: " ")
    }

    @Test(
        "options that have a meaning here are honoured, in every spelling",
        arguments: [
            ("-fsS https://a/x", "GET https://a/x"),
            ("-f -s -S https://a/x -X POST", "POST https://a/x"),
            ("-fsSX POST https://a/x", "POST https://a/x"),
            ("-fXPUT https://a/x", "PUT https://a/x"),
            ("--fail --request DELETE --url https://a/x", "DELETE https://a/x"),
            ("-fg https://a/x[1]{2}", "GET https://a/x[1]{2}"),
            ("-f http://[::1]:8000/x", "GET http://[::1]:8000/x"),
            (
                #"-f -d "" https://a/x"#,
                "POST https://a/x [Content-Type: application/x-www-form-urlencoded] {}"
            ),
            ("-fI https://a/x", "HEAD https://a/x"),
            ("https://a/x", "GET https://a/x lenient"),
            ("-f -- https://a/x", "GET https://a/x"),
            ("-f -m 90 https://a/x", "GET https://a/x timeout=90.0 seconds"),
            ("-f --max-time 0.5 https://a/x", "GET https://a/x timeout=0.5 seconds"),
            ("-f --max-time 0 https://a/x", "GET https://a/x"),
            ("-f --retry 3 --retry-delay 5 https://a/x", "GET https://a/x retry=3/5.0 seconds"),
            ("-f --retry 2 --retry-connrefused https://a/x", "GET https://a/x retry=2/-"),
            (#"-f -H "X-A: b c" https://a/x"#, "GET https://a/x [X-A: b c]"),
            (#"-f -HX-A:b https://a/x"#, "GET https://a/x [X-A: b]"),
            (#"-f -H "X-A;" -H "X-B:" https://a/x"#, "GET https://a/x [X-A: ]"),
            (
                #"-f -H @C:\ProgramData\Almanac\job-token.header https://a/x"#,
                "GET https://a/x [X-Job-Token: ${JOB_TOKEN} *]"
            ),
            (
                #"-f -H "X-Job-Token: %JOB_TOKEN%" https://a/x"#,
                "GET https://a/x [X-Job-Token: ${JOB_TOKEN} *]"
            ),
            (
                #"-f -H "Authorization: Bearer %job_token%" https://a/x"#,
                "GET https://a/x [Authorization: Bearer ${JOB_TOKEN} *]"
            ),
            (
                #"-f -H "X-Job-Token: {{JOB_TOKEN}}" https://a/x"#,
                "GET https://a/x [X-Job-Token: ${JOB_TOKEN} *]"
            ),
            (
                #"-f -H "X-Job-Token: __JOB_TOKEN__" https://a/x"#,
                "GET https://a/x [X-Job-Token: ${JOB_TOKEN} *]"
            ),
            (
                #"-f -H "X-Job-Token: ${JOB_TOKEN}" https://a/x"#,
                "GET https://a/x [X-Job-Token: ${JOB_TOKEN} *]"
            ),
            (
                #"-f -H "X-Job-Token: <JOB_TOKEN>" https://a/x"#,
                "GET https://a/x [X-Job-Token: ${JOB_TOKEN} *]"
            ),
            (
                "-f --oauth2-bearer %API_KEY% https://a/x",
                "GET https://a/x [Authorization: Bearer ${API_KEY} *]"
            ),
            ("-f -u user:pass https://a/x", "GET https://a/x [Authorization: Basic dXNlcjpwYXNz *]"),
            (
                "-f -A agent -e https://b https://a/x",
                "GET https://a/x [User-Agent: agent] [Referer: https://b]"
            ),
            (
                "-f -d a=1 --data b=%X_1% https://a/x",
                "POST https://a/x [Content-Type: application/x-www-form-urlencoded] {a=1&b=${X_1}}"
            ),
            (
                "-f --data-raw @x https://a/x",
                "POST https://a/x [Content-Type: application/x-www-form-urlencoded] {@x}"
            ),
            (
                #"-f -X PUT -H "Content-Type: text/plain" -d x https://a/x"#,
                "PUT https://a/x [Content-Type: text/plain] {x}"
            ),
            (
                #"-f --json "{\"a\":1}" https://a/x"#,
                #"POST https://a/x [Content-Type: application/json] [Accept: application/json] {{"a":1}}"#
            ),
            ("-f -o NUL -w %{http_code} --connect-timeout 5 https://a/x", "GET https://a/x"),
            ("-f {{API_BASE_URL}}/x", "GET https://api.example/x"),
            ("-f %API_BASE_URL%/x", "GET ${API_BASE_URL}/x"),
            ("-f https://a/x?q=%20%41&r=%C3%A9", "GET https://a/x?q=%20%41&r=%C3%A9"),
        ])
    func accepted(_ arguments: String, _ expected: String) throws {
        let file = Fixtures.action("curl.exe", arguments)
        let request = try #require(file.tasks.first?.request, "\(file.allDiagnostics)")
        #expect(Self.summary(request) == expected)
        #expect(file.isUsable)
    }

    @Test(
        "what would not be done is refused by name",
        arguments: [
            ("-fL https://a/x", "-L", "redirect"), ("-f --location https://a/x", "--location", "redirect"),
            ("-fk https://a/x", "-k", "certificates"),
            ("-f --insecure https://a/x", "--insecure", "certificates"),
            (#"-f -o C:\x.log https://a/x"#, "-o", "record"),
            ("-f -d @C:\\b.json https://a/x", "-d @", "files"),
            ("-f -H @C:\\h.txt https://a/x", "-H @", "files"), ("-f -K c.cfg https://a/x", "-K", "files"),
            ("-f -F a=b https://a/x", "-F", "several parts"), ("-f -T file https://a/x", "-T", "files"),
            ("-f -b a=b https://a/x", "-b", "cookies"), ("-f -x http://p https://a/x", "-x", "directly"),
            ("-f -G -d a=b https://a/x", "-G", "URL"),
            ("-f https://a/x https://a/y", "second URL", "one request"),
            ("-f --teleport https://a/x", "--teleport", "not known"),
            ("-f -? https://a/x", "-?", "not known"),
            ("-f -u %USER%:%PW% https://a/x", "-u", "reference"),
            (#"-f -H "Content-Type:" -d x https://a/x"#, "-H Content-Type:", "what it is"),
        ])
    func refused(_ arguments: String, _ option: String, _ why: String) throws {
        let file = Fixtures.action("curl", arguments)
        #expect(file.tasks.first?.request == nil && !file.isUsable)
        let refusal = try #require(file.allDiagnostics.first { $0.code == .refusedOption })
        #expect(refusal.message.contains("curl's \(option) is"))
        #expect(refusal.message.contains(why))
    }

    @Test(
        "a command line that curl would not take is refused",
        arguments: [
            "", "-fsS", "-f -X", "-f -H nocolon https://a/x", "-f -X P%ST https://a/x",
            "-f -m soon https://a/x", "-f -m 1m30 https://a/x", "-f -H Host:b https://a/x",
            "-f --retry many https://a/x", "-f a/x", "-f ftp://a/x", "-f https://user:pw@a/x",
            "-f \"https://a/x y\"",
            "--request=POST https://a/x", "--fail=1 https://a/x", "-f -u bob https://a/x",
            "-fI -d x https://a/x",
            "-f \"\"", "-f https://a/x?t=%JOB_TOKEN%",
            "-f -m 99999999 https://a/x", "-f -H \": x\" https://a/x",
        ])
    func invalid(_ arguments: String) {
        let file = Fixtures.action("curl", arguments)
        #expect(file.tasks.first?.request == nil)
        #expect(file.allDiagnostics.contains { $0.code == .invalidCommand })
    }

    @Test(
        "a URL of which curl would make several requests is refused", arguments: ["x[1-3]", "{x,y}", "[::1]"])
    func pattern(_ path: String) throws {
        let file = Fixtures.action("curl", "-f https://a/\(path)")
        let refusal = try #require(file.allDiagnostics.first)
        #expect(refusal.code == .refusedOption && refusal.message.contains("several requests"))
        #expect(refusal.position == TaskPosition(line: 5, column: 53) && file.tasks.first?.request == nil)
    }

    @Test(
        "what evidently means something else than curl on Windows would do is read so, and named",
        arguments: [
            ("-f -X post https://a/x", "POST https://a/x", .lowerCaseMethod),
            ("-f\n  -X POST\n  https://a/x", "POST https://a/x", .wrappedArguments),
            (#"-f -X POST -H "Content-Length: 0" https://a/x"#, "POST https://a/x", .reservedHeader),
            (#"-f -H "Idempotency-Key: 1" https://a/x"#, "GET https://a/x", .reservedHeader),
            ("-f -H 'X-A:b' https://a/x", "GET https://a/x ['X-A: b']", .singleQuotes),
        ] as [(String, String, TaskDiagnostic.Code)])
    func named(_ arguments: String, _ expected: String, _ code: TaskDiagnostic.Code) throws {
        let file = Fixtures.action("curl", arguments)
        #expect(file.allDiagnostics.map(\.code) == [code])
        #expect(Self.summary(try #require(file.tasks.first?.request)) == expected)
    }

    @Test("a line end within quotes belongs to its word")
    func quotedLineEnd() {
        let file = Fixtures.action("curl", "-f --data \"a\nb\" https://a/x")
        #expect(file.allDiagnostics.isEmpty && file.tasks.first?.request?.body?.literal == "a\nb")
    }

    @Test(
        "a variable of Task Scheduler itself is refused",
        arguments: [
            ("curl", "-f https://a/$(Arg0)"), ("curl", "-f -d $(EventID) https://a/x"),
            ("powershell", "-Command irm 'https://a/$(Arg0)'"),
        ])
    func taskVariable(_ program: String, _ arguments: String) {
        let file = Fixtures.action(program, arguments)
        #expect(file.allDiagnostics.map(\.code) == [.taskVariable] && !file.isUsable)
    }

    @Test("a secret in clear text is named, and masked")
    func secretInClear() throws {
        let file = Fixtures.action("curl", #"-f -H "X-Job-Token: 0123456789abcdef" https://a/x"#)
        #expect(file.allDiagnostics.map(\.code) == [.secretInClear])
        #expect(file.tasks.first?.request?.headers.first?.isSecret == true)
        let texts = file.allDiagnostics.map(\.description) + (file.tasks.first?.verdicts.map(\.note) ?? [])
        #expect(!texts.contains { $0.contains("0123456789abcdef") })
    }

    static let clearSecrets: [(arguments: String, shown: String)] = [
        (#"-f -H "Authorization: Bearer 5ecret" https://a/x"#, "***"),
        (#"-f -H "Authorization: Bearer %A_1%" https://a/x"#, "Bearer ${A_1}"),
        (#"-f -H "Cookie: sid=5ecret; u=%U_1%" https://a/x"#, "***${U_1}"),
        (#"-f -H "Cookie: sid=%U_1%; v=5ecret" https://a/x"#, "sid=${U_1}***"),
        (#"-f -H "Cookie: sid=%U_1%;" https://a/x"#, "sid=${U_1};"),
        ("-f https://a/x?a=b&api_key=5ecret&c=d", "https://a/x?a=b&api_key=***&c=d"),
        ("-f https://a/x?token=#z", "https://a/x?token=#z"),
        ("-f -d user=u&password=5ecret https://a/x", "user=u&password=***"),
        ("-f -d password=%A_1%&b=c https://a/x", "password=${A_1}&b=c"),
        (#"-f -d "password=\"5ecret\"" https://a/x"#, #"password="***""#),
        (
            #"-f --json "{\"a\": \"b\", \"token\" : \"5ecret 5ecret\", \"pwd\":12}" https://a/x"#,
            #"{"a": "b", "token" : "***", "pwd":***}"#
        ),
        (
            #"-f --json "{\"token\":\"a,5ecret}\\\"&5ecret\",\"b\":[1]}" https://a/x"#,
            #"{"token":"***","b":[1]}"#
        ),
        (#"-f -d "password=a,5ecret}5ecret#5ecret&b=c" https://a/x"#, "password=***&b=c"),
        (#"-f -d "password=%A_1%5ecret&b=c" https://a/x"#, "password=***&b=c"),
        (#"-f --json "{\"pwd\":\"x%A_1%5ecret\",\"pin\":1}" https://a/x"#, #"{"pwd":"***","pin":1}"#),
        (#"-f --json "{\"pwd\":%A_1%}" https://a/x"#, #"{"pwd":${A_1}}"#),
        (#"-f --json "{\"clientSecret\":\"5ecret\"}" https://a/x"#, #"{"clientSecret":"***"}"#),
        (
            #"-f --json "{\"token\":[\"5ecret\", \"5ecret]\"] ,\"b\":1}" https://a/x"#,
            #"{"token":*** ,"b":1}"#
        ),
        (#"-f --json "{\"token\":{\"id\":\"5ecret\",\"n\":[12]}}" https://a/x"#, #"{"token":***}"#),
        (#"-f --json "{\"key\":[\"%A_1%\"]}" https://a/x"#, #"{"key":["${A_1}"]}"#),
        (#"-f --json "{\"idempotencyKey\":1}" https://a/x"#, #"{"idempotencyKey":1}"#),
        ("-f https://a/x?accessToken=5ecret#z", "https://a/x?accessToken=***#z"),
    ]

    @Test(
        "a secret that stands in clear text anywhere in a request is named, and not shown",
        arguments: clearSecrets)
    func clearSecret(_ arguments: String, _ shown: String) throws {
        let file = Fixtures.action("curl", arguments)
        let request = try #require(file.tasks.first?.request)
        let texts =
            request.headers.map(\.shown) + [ClearSecrets(in: request.url).shown]
            + (request.body.map { [ClearSecrets(in: $0).shown] } ?? [])
        #expect(texts.contains(shown) && !texts.joined().contains("5ecret"), "\(texts)")
        let isInClear = arguments.contains("5ecret")
        #expect(file.allDiagnostics.map(\.code) == (isInClear ? [.secretInClear] : []))
    }

    @Test(
        "no diagnostic shows a value, wherever a secret has got to",
        arguments: [
            ("curl", "-f -H X-Job-Token: 5ecret5ecret https://a/x"),
            ("curl", "-f -H 5ecret5ecret https://a/x"),
            ("curl", "-f -X 5ecret5ecret https://a/x"), ("curl", "-f https://u:5ecret5ecret@a/x"),
            ("curl", "-f https://a/x?token=5ecret5ecret"), ("curl", "-f 5ecret5ecret"),
            ("curl", "--5ecret5ecret"),
            ("curl", "-?5ecret5ecret"), ("curl", "-f -u u:5ecret5ecret https://a/x"),
            ("curl", "-f -m 5ecret5ecret x"),
            ("curl -H \"X-Job-Token: 5ecret5ecret\" https://a/x", ""),
            ("curl https://u:5ecret5ecret@a/x", ""),
            ("powershell", "-Command \"irm https://a/x -Headers @{A='5ecret5ecret'} -Wrong '5ecret5ecret'\""),
            ("powershell", "-Command \"irm https://a/x -Headers '5ecret5ecret'\""),
        ])
    func noSecretIsShown(_ program: String, _ arguments: String) throws {
        let file = Fixtures.action(program, arguments)
        let said =
            file.allDiagnostics.map { $0.description + ($0.hint ?? "") }
            + file.tasks.flatMap { $0.verdicts.map(\.note) }
        #expect(!file.allDiagnostics.isEmpty)
        #expect(!said.contains { $0.contains("5ecret") })
    }

    @Test("values cannot change the command, nor the XML")
    func injection() throws {
        let values = ["ADMIN_USER_UUID": "x\" -k --next \"</Arguments> & <b>", "API_BASE_URL": "https://a"]
        let text = Fixtures.task(
            actions: """
                <Exec><Command>curl</Command><Arguments>-f -H "X-User: <ADMIN_USER_UUID>" {{API_BASE_URL}}/x</Arguments></Exec>
                """)
        let file = TaskFile.read(Array(text.utf8)) { values[$0] }
        let request = try #require(file.tasks.first?.request)
        #expect(request.headers.first?.value.literal == values["ADMIN_USER_UUID"])
        #expect(request.url.literal == "https://a/x")
    }

    @Test("a placeholder without a value is an error at its place, and stays a reference")
    func missingPlaceholder() throws {
        let file = Fixtures.action("curl", "-fsS {{SOME_URL}}/x")
        let fault = try #require(file.allDiagnostics.first)
        #expect(file.allDiagnostics.count == 1 && fault.code == .missingPlaceholder)
        #expect(fault.position == TaskPosition(line: 5, column: 55))
        #expect(file.tasks.first?.request?.url.references == ["SOME_URL"])
    }

    @Test(
        "only programs that make HTTP requests are understood",
        arguments: ["cmd.exe", "python.exe", "wscript", #"C:\run.bat"#, "curl https://a/x", "wget"])
    func otherPrograms(_ program: String) throws {
        let file = Fixtures.action(program, "/c curl https://a/x")
        #expect(file.tasks.first?.request == nil)
        let fault = try #require(file.allDiagnostics.first { $0.code == .refusedAction })
        #expect(fault.message.contains("\"\(program.prefix { $0 != " " })\""))
    }
}
