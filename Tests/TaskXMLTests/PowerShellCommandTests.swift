import CommandRequests
import RequestText
import TaskXML
import Testing

@Suite("PowerShell command lines become requests")
struct PowerShellCommandTests {
    @Test(
        "a call of Invoke-RestMethod or Invoke-WebRequest is understood",
        arguments: [
            (#"-NoProfile -Command "Invoke-RestMethod -Uri 'https://a/x' -Method Post""#, "POST https://a/x"),
            (#"-Command "Invoke-WebRequest https://a/x -UseBasicParsing | Out-Null""#, "GET https://a/x"),
            (
                "-ExecutionPolicy Bypass -Command Invoke-WebRequest -Uri https://a/x -Method:POST",
                "POST https://a/x"
            ),
            ("irm https://a/x", "GET https://a/x"),
            (#"-c "iwr -Uri 'https://a/x' -TimeoutSec 60""#, "GET https://a/x timeout=60.0 seconds"),
            (
                #"-Command "irm 'https://a/x' -Headers @{ 'X-Job-Token' = $env:JOB_TOKEN; 'X-User-ID'='u' }""#,
                "GET https://a/x [X-Job-Token: ${JOB_TOKEN} *] [X-User-ID: u]"
            ),
            (
                #"-Command "irm 'https://a/x' -Headers @{Authorization=('Bearer ' + $env:API_TOKEN)} -Method POST""#,
                "POST https://a/x [Authorization: Bearer ${API_TOKEN} *]"
            ),
            (
                #"-Command "irm \"https://a/$env:PART\" -Headers @{Authorization=\"Bearer $env:API_TOKEN\"}""#,
                "GET https://a/${PART} [Authorization: Bearer ${API_TOKEN} *]"
            ),
            (
                #"-Command "irm https://a/x -Method Post -Body 'it''s' -ContentType text/plain""#,
                "POST https://a/x [Content-Type: text/plain] {it's}"
            ),
            (
                #"-Command "irm https://a/x -Method Post -Body @{a='1 2'; b='ü'}""#,
                "POST https://a/x [Content-Type: application/x-www-form-urlencoded] {a=1+2&b=%C3%BC}"
            ),
            (
                #"-Command "$ProgressPreference='SilentlyContinue'; irm https://a/x -ErrorAction Stop""#,
                "GET https://a/x"
            ),
            (#"-Command "& { irm -Uri 'https://a/x' }""#, "GET https://a/x"),
            (#"-Command "$null = Invoke-RestMethod -Uri 'https://a/x' -Method Post""#, "POST https://a/x"),
            (#"-Command "$r=irm https://a/x -Headers @{A=('b' + 'c')}""#, "GET https://a/x [A: bc]"),
            (
                #"-Command "(Invoke-WebRequest -Uri 'https://a/x)' -Method Put).StatusCode""#,
                "PUT https://a/x)"
            ),
            (
                #"-Command "$code = (iwr https://a/x -Headers @{A=('b')}).StatusCode | Out-Null""#,
                "GET https://a/x [A: b]"
            ),
            (#"-Command "[void](irm https://a/x)""#, "GET https://a/x"),
            (#"-Command "irm https://a/x|out-null""#, "GET https://a/x"),
            (
                #"-Command "irm https://a/x -Headers @{A=$true;B=$Null;C=1}""#,
                "GET https://a/x [A: True] [B: ] [C: 1]"
            ),
            (
                #"-Command "irm '{{API_BASE_URL}}/x' -Headers @{'X-Job-Token'='%JOB_TOKEN%'}""#,
                "GET https://api.example/x [X-Job-Token: ${JOB_TOKEN} *]"
            ),
            (
                #"-Command "irm https://a/x -MaximumRetryCount 2 -RetryIntervalSec 9""#,
                "GET https://a/x retry=2/9.0 seconds"
            ),
        ])
    func accepted(_ arguments: String, _ expected: String) throws {
        let file = Fixtures.action("powershell.exe", arguments)
        let request = try #require(file.tasks.first?.request, "\(file.allDiagnostics)")
        #expect(CurlCommandTests.summary(request) == expected)
        #expect(file.allDiagnostics.isEmpty)
    }

    @Test("without -Command, the first word is a script file to pwsh, and a command to powershell")
    func positional() {
        for (program, isRead) in [("powershell", true), (#"C:\PS7\pwsh.exe"#, false)] {
            let file = Fixtures.action(program, "-NoProfile irm https://a/x")
            #expect(file.isUsable == isRead)
            #expect(file.allDiagnostics.map(\.code) == (isRead ? [] : [.refusedAction]))
        }
    }

    @Test("a variable between single quotes is text to PowerShell, and repaired")
    func literalVariable() throws {
        let file = Fixtures.action(
            "pwsh", #"-Command "irm https://a/x -Headers @{'X-Job-Token'='$env:JOB_TOKEN'}""#)
        #expect(file.allDiagnostics.map(\.code) == [.literalEnvironmentToken])
        #expect(file.tasks.first?.request?.headers.first?.value.references == ["JOB_TOKEN"])
    }

    @Test(
        "what would not be done is refused, and says why",
        arguments: [
            ("-EncodedCommand AAAA", "encoded"), (#"-File C:\x.ps1"#, "script file"), ("", "no command"),
            (#"-Command "irm https://a/x | iex""#, "another command"),
            (#"-Command "irm https://a/x | Select-Object -First 1""#, "leave it out, or write | Out-Null"),
            (#"-Command "(irm https://a/x).items[0]""#, "behind the parentheses"),
            (#"-Command "(iwr https://a/x).Content.Trim()""#, "behind the parentheses"),
            (#"-Command "$env:A = irm https://a/x""#, "not a call"),
            (#"-Command "(irm https://a/x""#, "does not close"),
            (#"-Command "$r = irm https://a/x; $r.id""#, "2 statements"),
            (#"-Command "irm https://a/x; Remove-Item x""#, "2 statements"),
            (#"-Command "Start-Process curl""#, "not a call"),
            (#"-Command "irm https://a/x -OutFile y""#, "-outfile"),
            (#"-Command "irm https://a/x -SkipCertificateCheck""#, "certificates"),
            (#"-Command "irm $url""#, "variables of the environment"),
            (#"-Command "irm $(Get-Url)""#, "variables of the environment"),
            (#"-Command "irm $trueish""#, "variables of the environment"),
            (#"-Command "irm 'https://a/x""#, "does not end"),
            (#"-Command "irm https://a/x -Headers @{'A'='b'""#, "does not close"),
            (#"-Command "irm https://a/x -Headers 'A'""#, "table"),
            (#"-Command "irm https://a/x > x.txt""#, "operator >"),
            (#"-Command "& C:\x.exe""#, "another program"), ("-Teleport", "not known"),
            (#"-Command "irm https://a/x -Method""#, "value is missing"),
            ("-Command irm " + String(repeating: "(", count: 20_000), "nested too deep"),
            (#"-Command "irm https://a/x y""#, "no parameter"),
            (#"-Command "irm https://a/x -Body @{a=$env:X}""#, "reference"),
            (#"-Command "irm https://a/x -Body @{a='b'}""#, "URL of a GET"),
            (#"-Command "$ProgressPreference = (irm https://b/y); irm https://a/x""#, "2 statements"),
        ])
    func refused(_ arguments: String, _ why: String) throws {
        let file = Fixtures.action("powershell", arguments)
        #expect(file.tasks.first?.request == nil)
        let fault = try #require(file.allDiagnostics.first { $0.severity == .error })
        #expect(fault.message.contains(why), "\(fault)")
    }
}
