import Glibc
import Spawning
import TestFiles
import Testing

@Suite("the script that repeats failures at the end of a test run")
struct FailuresLastTests {
    /// Runs `sh -c` with a script under `failures-last`, and answers how it ended and what came after its own output.
    private func run(printing output: String, exitStatus: Int) throws -> (status: CInt, summary: String) {
        try withTemporaryDirectory { directory in
            try write(output, to: directory + "/output")
            let program = SourceTree.top + "/Tests/Support/failures-last"
            let id = try withOutputFile(directory + "/summary") { summary throws(SpawnError) in
                try spawn(
                    [program, "/bin/sh", "-c", "cat \(directory)/output; exit \(exitStatus)"],
                    environment: ["PATH": "/usr/bin:/bin"], errors: summary)
            }
            var status: CInt = 0
            try #require(waitpid(id, &status, 0) == id && status & 0x7f == 0)
            return (status >> 8, try text(ofFile: directory + "/summary"))
        }
    }

    @Test(
        "a run that fails ends with its exit status, its failed tests and the first issue of each, with its comment"
    )
    func failed() throws {
        let output = """
            ◇ Test run started.
            ◇ Test "a purge runs" started.
            ◇ Test walk(seed:) started.
            ✘ Test "a purge runs" recorded an issue at Purge.swift:1:2: Expectation failed: 1 == 2
            ↳ the purge ran twice
            ✘ Test "a purge runs" recorded an issue at Purge.swift:3:4: Expectation failed: 5 == 6
            ✔ Test walk(seed:) passed after 0.1 seconds.
            ✘ Test "a purge runs" failed after 0.1 seconds with 2 issues.
            ✘ Suite "purges" failed after 0.1 seconds with 2 issues.
            ✘ Test run with 2 tests in 1 suite failed after 0.1 seconds with 2 issues.

            """
        let (status, summary) = try run(printing: output, exitStatus: 3)
        #expect(status == 3)
        #expect(
            summary == """

                1 failed:
                  "a purge runs"
                    at Purge.swift:1:2: Expectation failed: 1 == 2
                    ↳ the purge ran twice

                """)
    }

    @Test("a run that crashes ends with the tests that were running and with the error")
    func crashed() throws {
        let output = """
            ◇ Test run started.
            ◇ Test "a purge runs" started.
            ◇ Test "a row is read" started.
            ◇ Test case passing 1 argument row → 7 to "a row is read" started.
            ✔ Test "a row is read" with 1 test case passed after 0.1 seconds.
            error: Exited with unexpected signal code 5

            """
        let (status, summary) = try run(printing: output, exitStatus: 1)
        #expect(status == 1)
        #expect(
            summary == """

                These were running when the test process ended:
                  "a purge runs"
                error: Exited with unexpected signal code 5

                """)
    }

    @Test("a run that passes ends with its own output")
    func passed() throws {
        let (status, summary) = try run(printing: "◇ Test run started.\n", exitStatus: 0)
        #expect(status == 0)
        #expect(summary.isEmpty)
    }
}
