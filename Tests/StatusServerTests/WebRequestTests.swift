import Testing

@testable import StatusServer

@Suite("a request to the API")
struct WebRequestTests {
    @Test(
        "a target is taken apart and decoded",
        arguments: [
            ("/", [], []), ("/v1/jobs", ["v1", "jobs"], []), ("/v1/jobs/", ["v1", "jobs", ""], []),
            ("/a%2Fb/c%20d", ["a/b", "c d"], []),
            ("/x?a=1&b=%C3%A4+c&flag", ["x"], ["a=1", "b=ä c", "flag="]),
            ("/x?a=1=2&&a=3", ["x"], ["a=1=2", "a=3"]), ("/a+b", ["a+b"], []), ("/x?", ["x"], []),
        ] as [(String, [String], [String])])
    func target(text: String, path: [String], query: [String]) throws {
        let request = try #require(WebRequest(method: "GET", target: text))
        #expect(request.path == path)
        #expect(request.query.map { "\($0.name)=\($0.value)" } == query)
    }

    @Test(
        "a malformed target is refused",
        arguments: ["", "x", "*", "/%", "/%4", "/%zz", "/%+1", "/%-1", "/%ff", "/x?a=%C3", "/x?%ff=1"])
    func noTarget(text: String) {
        #expect(WebRequest(method: "GET", target: text) == nil)
    }

    @Test("a field that is there twice has no value")
    func fields() throws {
        let request = try #require(
            WebRequest(
                method: "GET", target: "/", fields: [("Host", "a"), ("X", "1"), ("x", "2"), ("Y", "3")]))
        #expect(request.field("host") == "a" && request.field("x") == nil && request.field("y") == "3")
        #expect(request.field("z") == nil)
    }
}
