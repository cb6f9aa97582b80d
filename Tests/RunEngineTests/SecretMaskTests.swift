import Glibc
import RunEngine
import RunModel
import Spawning
import TestFiles
import Testing

@Suite struct SecretMaskTests {
    @Test(
        "no part of a secret is left",
        arguments: [
            ("a secret1 b", "a *** b"), ("secret1secret1", "***"), ("xsecret12y", "x***y"),
            ("abcdefgh", "***"), ("abcdefg", "***g"),
            ("secre", "secre"), ("", ""), ("abc", "abc"), ("äsecret1ö", "ä***ö"),
        ])
    func texts(_ text: String, _ masked: String) {
        let mask = SecretMask(["secret1", "secret12", "abcdef", "cdefgh", "abc"])
        #expect(mask.masked(text) == masked)
    }

    @Test("a secret that was cut at the end is masked, from four bytes on")
    func cut() {
        let mask = SecretMask(["secret1"])
        #expect(mask.masked(Array("a secr".utf8), isCut: true) == Array("a ***".utf8))
        #expect(mask.masked(Array("a sec".utf8), isCut: true) == Array("a sec".utf8))
        #expect(mask.masked(Array("a secr".utf8), isCut: false) == Array("a secr".utf8))
        #expect(mask.masked(Array("secret1secr".utf8), isCut: true) == Array("***".utf8))
    }

    @Test("what the URL or the body names as secret is masked, unless it may be an ordinary word")
    func named() {
        let request = HTTPRequest(
            method: "POST", url: "https://a/x?api_key=1234abcd&sort_key=date", headers: [],
            body: Array(#"{"password": ["correct horse", "battery staple"]}"#.utf8), timeout: .seconds(1))
        let mask = SecretMask(values: [:], request: request)
        #expect(mask.masked("1234abcd date correct horse, battery staple") == "*** date ***, ***")
    }

    @Test("the credentials of a secret header are masked also without the scheme before them")
    func scheme() {
        let request = HTTPRequest(
            method: "POST", url: "https://a/x",
            headers: [
                .init("Authorization", "Bearer 1234abcd", isSecret: true), .init("X-Team", "ops at-night"),
                .init("X-Key", "a word", isSecret: true),
            ], timeout: .seconds(1))
        let mask = SecretMask(values: [:], request: request)
        let masked = mask.masked("Bearer 1234abcd; 1234abcd; at-night; a word; word")
        #expect(masked == "***;***; at-night; ***; word")
    }

    /// Each way in which an answer may echo a secret, made by another implementation than ours.
    private static let echoes = """
        import base64, html, json, sys, urllib.parse
        s = sys.argv[1]
        b = s.encode()
        echoes = {
            "raw": s, "JSON": json.dumps(s)[1:-1], "JSON with slashes": json.dumps(s)[1:-1].replace("/", "\\\\/"),
            "JSON, all as code points": "".join(f"\\\\u{ord(c):04x}" for c in s),
            "JavaScript": "".join(f"\\\\x{ord(c):02X}" for c in s),
            "URL": urllib.parse.quote(s, safe=""), "URL, small": "".join(f"%{c:02x}" for c in b),
            "form": urllib.parse.quote_plus(s), "HTML": html.escape(s), "HTML, numbers": "".join(f"&#{ord(c)};" for c in s),
            "HTML, hexadecimal": "".join(f"&#x{ord(c):X};" for c in s), "hexadecimal": b.hex(), "hexadecimal, large": b.hex().upper(),
            "base64": base64.b64encode(b).decode(), "base64url": base64.urlsafe_b64encode(b).decode(),
            "Basic": base64.b64encode(b"user:" + b).decode(), "base64 among others": base64.b64encode(b"ab" + b + b"xyz").decode(),
            "capitals": s.upper(), "small letters": s.lower(), "its beginning": s[:8], "its end": s[-8:], "all but its ends": s[:-3],
        }
        print("\\n".join(f"{name}\\t{text}" for name, text in echoes.items()))
        """

    @Test("a secret is masked in whichever form an answer echoes it, and what stands around it is kept")
    func forms() throws {
        let secret = #"S3cr3t/Canary+Tok="quoted\back"&>x~0123456789abc"#
        let output = try withTemporaryDirectory { directory in
            let id = try withOutputFile(directory + "/echoes") { output throws(SpawnError) in
                try spawn(
                    ["/usr/bin/env", "python3", "-c", Self.echoes, secret],
                    environment: ["PATH": "/usr/bin:/bin"],
                    output: output)
            }
            var status: CInt = 0
            try #require(waitpid(id, &status, 0) == id && status == 0)
            return try text(ofFile: directory + "/echoes")
        }
        let mask = SecretMask([secret])
        let echoes = output.split(separator: "\n")
        #expect(echoes.count == 22)
        for echo in echoes {
            let parts = echo.split(separator: "\t", maxSplits: 1).map(String.init)
            let masked = mask.masked(#"{"error": "bad header", "token": ""# + parts[1] + #""}"#)
            #expect(masked.hasPrefix(#"{"error": "bad header", "token": ""#), "\(parts[0]): \(masked)")
            #expect(masked.contains("***"), "\(parts[0]): \(masked)")
            // Of base64 the digits that are shared with what is beside the secret are left.
            #expect(masked.utf8.count <= 36 + 3 + 12 + 2, "\(parts[0]): \(masked)")
        }
        for text in [
            "no such record in the index", "S3cr3t/ reveals too little to be masked",
            "%%&&\\\\+;&#;&#x;%zz\\\\u12",
        ] {
            #expect(mask.masked(text) == text)
        }
    }

    @Test("bytes that are no text stay as they are")
    func bytes() {
        let mask = SecretMask(["secret1"])
        #expect(
            mask.masked([0xff, 0xfe] + Array("secret1".utf8) + [0xff], isCut: false) == [
                0xff, 0xfe, 0x2a, 0x2a, 0x2a, 0xff,
            ])
    }

    @Test("every text of an exchange is masked")
    func exchanges() {
        let mask = SecretMask(["secret1"])
        func masked(_ result: Exchange.Result) -> Exchange.Result {
            mask.masked(Exchange(result: result, elapsed: .zero)).result
        }
        let cut = HTTPAnswer(status: 200, bodyBeginning: Array("x secre".utf8), bodyBytes: 100)
        guard case .answered(let answer) = masked(.answered(cut)) else { Issue.record("no answer"); return }
        #expect(answer.bodyBeginning == Array("x ***".utf8) && answer.bodyBytes == 100)
        #expect(masked(.notSent(.dns, "secret1")) == .notSent(.dns, "***"))
        #expect(masked(.broken(.connection, "secret1")) == .broken(.connection, "***"))
        #expect(masked(.timedOut("secret1")) == .timedOut("***"))
    }
}
