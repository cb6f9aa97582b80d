import Glibc
import JobCatalog
import Spawning
import TestFiles
import Testing

@testable import Pages

@Suite("style and script")
struct StyleTests {
    private static let sources =
        #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 } + "/Sources/Pages/"

    @Test(
        "the policy names the hash of what is in the page",
        arguments: [("page.css", Style.sheetHash), ("page.js", Style.scriptHash)])
    func hashes(file: String, hash: String) throws {
        let output = try withTemporaryDirectory { directory in
            let id = try withOutputFile(directory + "/hash") { output throws(SpawnError) in
                try spawn(
                    ["/bin/sh", "-c", "openssl dgst -sha256 -binary \"$0\" | base64", Self.sources + file],
                    environment: ["PATH": "/usr/bin:/bin"], output: output)
            }
            var status: CInt = 0
            try #require(waitpid(id, &status, 0) == id && status == 0)
            return try text(ofFile: directory + "/hash")
        }
        let computed = "sha256-" + output.filter { $0 != "\n" }
        #expect(hash == computed, "write \(computed) into Style.swift")
        #expect(Style.policy.contains("'\(hash)'"))
    }

    @Test("the policy allows nothing but what a page has")
    func policy() {
        let parts = Set(Style.policy.split(separator: ";").map { $0.drop { $0 == " " } })
        for part in [
            "default-src 'none'", "connect-src 'self'", "form-action 'self'", "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            #expect(parts.contains(part[...]))
        }
        #expect(!Style.policy.contains("unsafe") && !Style.policy.contains("http"))
    }

    @Test("the script is at most 40 lines, and asks for nothing but its own page")
    func script() throws {
        let script = try text(ofFile: Self.sources + "page.js")
        #expect(script.split(separator: "\n").count <= 40)
        #expect(script.split(separator: "fetch(").count == 2 && script.contains("fetch(location.href"))
        for word in ["eval", "innerHTML", "http:", "https:", "localStorage", "cookie"] {
            #expect(!script.contains(word), "\(word)")
        }
    }

    @Test("no page has a style or a program of its own in an attribute")
    func attributes() {
        let job = Fixture.jobs("10 0 * * * purge: POST /api as=none\n")[0]
        let page = Fixture.text(
            Fixture.page([Fixture.row(job, marks: Fixture.marks(job.name))]).page(Fixture.frame()))
        for attribute in [" style=", " onclick=", " onload=", "javascript:"] {
            #expect(!page.contains(attribute))
        }
    }
}
