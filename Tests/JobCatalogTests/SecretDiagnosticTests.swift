import JobCatalog
import Testing

/// What is said of a line with a secret, and who reads it.
@Suite struct SecretDiagnosticTests {
    @Test(
        "what is told to others than the reader of a file quotes nothing of it",
        arguments: [
            (
                "header=\"Authorization 5ecret\"",
                "“…” is no value for header: it has no header name before a colon"
            ),
            ("header=Authorization: 5ecret", "“…” is no option"), ("5ecret=1", "no option is called “…”"),
        ])
    func withoutQuotations(_ options: String, _ text: String) {
        let file = read("10 0 * * * a: GET /b " + options)
        #expect(file.diagnostics.map(\.withoutQuotations) == [text])
    }

    @Test(
        "a secret in clear text is told with its place, and shown in no diagnostic of its line",
        arguments: secrets)
    func secret(_ mistake: DiagnosticTextTests.Mistake) throws {
        let file = read(mistake.source)
        #expect(file.diagnostics.map(\.rendered) == mistake.rendered)
        #expect(file.diagnostics.map(\.code) == ["secret-in-clear"])
        #expect(try #require(file.jobs.first.flatMap(file.sourceLine)).contains("5ecret") == false)
        // With other warnings, before and after.
        let noisy = read(
            "0 0 29 2 * " + mistake.source.dropFirst("10 0 * * * ".count) + " retry=0 backoff=1s")
        #expect(
            noisy.diagnostics.count >= 2 && !noisy.diagnostics.map(\.rendered).joined().contains("5ecret"))
    }

    @Test(
        "a line that is refused shows no value that may be a secret",
        arguments: [
            #"POST /b header="X-Api-Key: 5ecret" bogus=1"#, #"POST /b heder="X-Api-Key: 5ecret""#,
            #"POST /b header="X-Api-Key: 5ecret"#, "POST /b header=Authorization: Bearer 5ecret",
            "POST /b?token=5ecret bogus=1", "POST /b token=5ecret", "PSOT /b?n=1&token=5ecret",
            #"POST /b body={"password":"5ecret"} bogus=1"#, #"POST /b 'body={"password":"5ecret"}' bogus=1"#,
            #"POST /b 'body={"password":"5ecret"} bogus=1"#, "POST /b?token=5ecret \u{1}",
        ])
    func refusedSecret(_ options: String) {
        let file = read("10 0 * * * a: \(options)")
        #expect(file.jobs.isEmpty && !file.diagnostics.isEmpty)
        #expect(!file.diagnostics.map(\.rendered).joined().contains("5ecret"), "\(file.diagnostics)")
    }

    @Test("a line that is refused is shown as it is when it holds no secret")
    func refusedReference() throws {
        let line = #"10 0 * * * refresh-token: POST /b?n=1 header="X-Api-Key: ${KEY}" bogus=1"#
        #expect(try #require(read(line).diagnostics.first).sourceLine == line)
    }
}

extension SecretDiagnosticTests {
    static let secrets: [DiagnosticTextTests.Mistake] = [
        .init(
            "10 0 * * * a: POST /b?n=1&token=5ecret",
            """
            a.cron:1:20: warning: the value of the URL's parameter token stands in clear text
              10 0 * * * a: POST /b?****************
                                 ^~~~~~~~~~~~~~~~~~~
            hint: keep it in the configuration, and send it in a header: header="Name: ${NAME}"
            """),
        .init(
            #"10 0 * * * a: POST /b as=admin header='A: ${B}' header="X-Api-Key: 5ecret""#,
            """
            a.cron:1:49: warning: the value of the header X-Api-Key stands in clear text
              10 0 * * * a: POST /b as=admin header='A: ${B}' header=*******************
                                                              ^~~~~~~~~~~~~~~~~~~~~~~~~~
            hint: keep it in the configuration, and write ${NAME} here
            """),
        .init(
            #"10 0 * * * a: POST /b 'body={"keys": 1, "password": ["5ecret", "5ecret"]}'"#,
            """
            a.cron:1:23: warning: the value of password in the body stands in clear text
              10 0 * * * a: POST /b 'body=**********************************************
                                    ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
            hint: keep it in the configuration, and write ${NAME} here
            """),
    ]
}
