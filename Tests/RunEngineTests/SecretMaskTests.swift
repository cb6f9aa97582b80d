import RunEngine
import RunModel
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
        #expect(masked == "***; ***; at-night; ***; word")
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
