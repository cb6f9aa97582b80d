import StatusServer
import Testing

@testable import API

@Suite("what a request brings")
struct BodyTests {
    @Test("a member that is there twice is refused, since readers differ about which counts")
    func twice() throws {
        for text in [
            #"{"dry_run": false, "dry_run": true}"#, #"{"by": "a", "by": "a"}"#, #"{"a":1,"\u0061":2}"#,
        ] {
            #expect(problem(text) == "a member of the body is there twice", "\(text)")
        }
    }

    @Test(
        "members are counted whatever is in them",
        arguments: [
            ("{}", 0), (#"{"a":1}"#, 1), (#"{"a":{"b":1,"c":2},"d":[{"e":1}]}"#, 2),
            (#"{"a:b":"c:d\":","e":"}{"}"#, 2), (#" { "a" : "\\" , "b" : true } "#, 2),
        ])
    func counted(text: String, count: Int) {
        #expect(Body.memberCount(Array(text.utf8)) == count)
    }

    @Test("each member is taken once, as what it is, and what is left over is refused")
    func members() throws {
        var body = try Body(request(#"{"by": "amina", "force": true, "other": 1}"#))
        #expect(try body.text("by", lengthMax: 10) == "amina")
        #expect(try body.text("by", lengthMax: 10) == nil)
        #expect(try body.flag("force") && !body.flag("dry_run"))
        #expect(throws: Problem.self) { try body.end() }
        for text in [
            #"{"by": ""}"#, #"{"by": "12345678901"}"#, #"{"by": 1}"#, #"{"by": null}"#, #"{"by": "\u0007"}"#,
        ] {
            var wrong = try Body(request(text))
            #expect(throws: Problem.self, "\(text)") { try wrong.text("by", lengthMax: 10) }
        }
    }

    @Test("what is not a JSON object is refused; nothing is an object without a member")
    func others() throws {
        for text in ["[]", "1", "{", "null", "{]"] { #expect(problem(text) != nil, "\(text)") }
        #expect(problem("") == nil)
        let plain = try #require(
            WebRequest(
                method: "POST", target: "/", fields: [("Content-Type", "text/plain")], body: [0x7b, 0x7d]))
        #expect(throws: Problem.self) { try Body(plain) }
    }

    private func request(_ text: String) throws -> WebRequest {
        try #require(
            WebRequest(
                method: "POST", target: "/", fields: [("Content-Type", "application/json")],
                body: Array(text.utf8)))
    }

    private func problem(_ text: String) -> String? {
        do {
            _ = try Body(request(text))
            return nil
        } catch {
            return (error as? Problem)?.detail ?? "\(error)"
        }
    }
}
