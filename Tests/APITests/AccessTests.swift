import StatusServer
import Testing

@testable import API

private let jobToken = String(repeating: "j", count: 32)
private let statusToken = String(repeating: "s", count: 32)

@Suite("who may do what through the API")
struct AccessTests {
    private let access = Access(
        tokens: .init(job: jobToken, status: statusToken), hostNames: ["almanac.internal"])

    @Test(
        "a token opens what it is for, by either header",
        arguments: [
            ([], Access.Right.look), ([("X-Job-Token", jobToken)], .write),
            ([("Authorization", "Bearer " + jobToken)], .write),
            ([("authorization", "bearer " + statusToken)], .read),
            ([("X-Job-Token", statusToken)], .read),
        ] as [([(String, String)], Access.Right)])
    func rights(fields: [(String, String)], right: Access.Right) throws {
        #expect(try access.right(of: request(fields)) == right)
    }

    @Test(
        "what is not one of the tokens is refused, whatever is asked for",
        arguments: [
            [("X-Job-Token", "")], [("X-Job-Token", jobToken + "j")],
            [("X-Job-Token", String(jobToken.dropLast()))],
            [("Authorization", "Basic " + jobToken)], [("Authorization", "Bearer")],
            [("X-Job-Token", jobToken), ("Authorization", "Bearer " + statusToken)],
        ] as [[(String, String)]])
    func wrong(fields: [(String, String)]) {
        #expect(problem { _ = try access.right(of: request(fields)) } == "401 wrong-token")
    }

    @Test("a token that is not set opens nothing")
    func unset() {
        let closed = Access(tokens: .init(), hostNames: [])
        for token in ["", "j", jobToken] {
            #expect(
                problem { _ = try closed.right(of: request([("X-Job-Token", token)])) } == "401 wrong-token")
        }
    }

    @Test("a request without the needed token says which one it needs, also to a reader")
    func needed() throws {
        let ask = try request([])
        #expect(problem { try access.check(.look, for: .read, ask) } == "401 token-needed")
        #expect(problem { try access.check(.look, for: .write, ask) } == "401 token-needed")
        #expect(problem { try access.check(.read, for: .write, ask) } == "403 forbidden")
        #expect(problem { try access.check(.read, for: .look, ask) } == nil)
        #expect(problem { try access.check(.write, for: .write, ask) } == nil)
    }

    @Test(
        "only our names are answered",
        arguments: [
            ("127.0.0.1:8787", true), ("localhost", true), ("LOCALHOST:1", true), ("[::1]:8787", true),
            ("127.9.9.9", true), ("almanac.internal:80", true), ("almanac.internal.evil.example", false),
            ("evil.example", false), ("127.0.0.1.evil.example", false), ("", false), ("10.0.0.1", false),
        ])
    func hosts(name: String, isOurs: Bool) {
        let asked = problem { _ = try access.right(of: request([], host: name)) }
        #expect(asked == (isOurs ? nil : "421 wrong-host"))
    }

    @Test("two Host fields, or none, are refused; a local socket needs none")
    func oddHosts() throws {
        let none = try #require(WebRequest(method: "GET", target: "/v1/jobs"))
        #expect(problem { _ = try access.right(of: none) } == "421 wrong-host")
        let two = try request([("Host", "localhost")])
        #expect(problem { _ = try access.right(of: two) } == "421 wrong-host")
        let local = try #require(WebRequest(method: "GET", target: "/v1/jobs", peer: .local))
        #expect(problem { _ = try access.right(of: local) } == nil)
    }

    @Test(
        "a local socket is asked by any name but one of the network that is not ours, under which a browser would come",
        arguments: [
            ("localhost", true), ("almanac", true), ("127.0.0.1:8787", true), ("evil.example:8787", false),
        ])
    func localNames(host: String, isAnswered: Bool) throws {
        for peer in [WebRequest.Peer.local, .member(user: 1000)] {
            let ask = try #require(
                WebRequest(method: "GET", target: "/v1/jobs", fields: [("Host", host)], peer: peer))
            #expect(problem { _ = try access.right(of: ask) } == (isAnswered ? nil : "421 wrong-host"))
        }
    }

    @Test("who is known by the service's socket needs no token; on another local socket one does")
    func members() throws {
        func right(_ peer: WebRequest.Peer, _ fields: [(String, String)] = []) throws -> Access.Right {
            let ask = try #require(
                WebRequest(
                    method: "POST", target: "/v1/jobs/purge/runs", fields: fields.map { ($0.0, $0.1) },
                    peer: peer))
            return try access.right(of: ask)
        }
        #expect(try right(.member(user: 0)) == .write && right(.member(user: 65_534)) == .write)
        #expect(try right(.local) == .look)
        #expect(problem { _ = try right(.member(user: 0), [("X-Job-Token", "wrong")]) } == "401 wrong-token")
    }

    @Test(
        "a page of another origin changes nothing, even with the token",
        arguments: [
            ([("Origin", "http://localhost:8787")], true), ([("Origin", "http://evil.example")], false),
            ([("Origin", "null")], false), ([("Sec-Fetch-Site", "same-origin")], true),
            ([("Sec-Fetch-Site", "none")], true), ([("Sec-Fetch-Site", "cross-site")], false),
            ([("Sec-Fetch-Site", "same-site")], false),
            ([("Sec-Fetch-Site", "none"), ("Sec-Fetch-Site", "cross-site")], false),
            ([("Origin", "http://localhost:8787"), ("Origin", "http://evil.example")], false),
        ] as [([(String, String)], Bool)])
    func origins(fields: [(String, String)], isAllowed: Bool) throws {
        let ask = try request(fields + [("X-Job-Token", jobToken)], host: "localhost:8787")
        #expect(
            problem { try access.check(.write, for: .write, ask) }
                == (isAllowed ? nil : "403 foreign-origin"))
        #expect(problem { try access.check(.write, for: .read, ask) } == nil, "it may read")
    }

    @Test("secrets are compared to their last byte")
    func comparing() {
        #expect(Access.isSame(jobToken, jobToken))
        #expect(!Access.isSame(jobToken.dropLast() + "k", jobToken))
        #expect(!Access.isSame("k" + jobToken.dropFirst(), jobToken))
        #expect(!Access.isSame("", "") && !Access.isSame("", nil) && !Access.isSame("a", nil))
    }

    private func request(_ fields: [(String, String)], host: String = "127.0.0.1") throws -> WebRequest {
        try #require(
            WebRequest(
                method: "GET", target: "/v1/jobs", fields: [("Host", host)] + fields.map { ($0.0, $0.1) }))
    }

    private func problem(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return (error as? Problem).map { "\($0.status) \($0.code)" } ?? "\(error)"
        }
    }
}
