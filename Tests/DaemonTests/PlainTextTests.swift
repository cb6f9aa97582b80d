import TestFiles
import Testing

@Suite("what commands print")
struct PlainTextTests {
    @Test(
        "without UTF-8 in the locale it is plain ASCII, and with it the signs that people read",
        arguments: [("C", true), ("POSIX", true), ("en_US.ISO-8859-1", true), ("C.UTF-8", false)])
    func ascii(_ locale: String, _ isPlain: Bool) async throws {
        try await withBench { bench in
            try bench.write("10 0 * * *  purge: POST /x as=none\n")
            let result = try await bench.almanac("next", "purgee", environment: ["LANG": locale])
            #expect(result.status != 0 && result.errors.contains(isPlain ? "\"purgee\"" : "“purgee”"))
            #expect(result.errors.utf8.allSatisfy { $0 < 0x80 } == isPlain)
        }
    }

    @Test(
        "a mistyped word gets a hint with what to type",
        arguments: [
            (["jbos"], "hint: did you mean `almanac jobs`?"),
            (["history", "--outcom", "failed"], "hint: did you mean --outcome?"),
            (["history", "--outcome", "nope"], "hint: write one of succeeded, declined, failed"),
            (["why"], "hint: type almanac why <job>"), (["pause"], "hint: see `almanac pause --help`"),
            (["windows", "frobnicate"], "hint: `almanac windows --help` lists the commands"),
        ])
    func mistyped(_ arguments: [String], _ hint: String) async throws {
        try await withBench { bench in
            let result = try await bench.run(arguments)
            #expect(result.status == 64 && result.errors.hasPrefix("error: "), "\(result.errors)")
            #expect(result.errors.contains(hint), "\(result.errors)")
        }
    }

    @Test("a job that nobody knows is an error with a suggestion, in the history too")
    func unknownJob() async throws {
        try await withBench { bench in
            try bench.write("10 0 * * *  purge: POST /x as=none\n")
            #expect(try await bench.almanac("migrate", "up").status == 0)
            for command in ["history", "why"] {
                let result = try await bench.almanac(command, "purg")
                #expect(
                    result.status == 65 && result.errors.contains("did you mean purge?"), "\(result.errors)")
            }
        }
    }

    @Test("a reload that is asked for ends when the files are in force, or says why they are not")
    func reload() async throws {
        try await withBench { bench in
            try bench.write("10 0 * * *  purge: POST /x as=none\n")
            #expect(try await bench.almanac("reload").status == 69)
            let daemon = try await bench.startDaemon()
            try bench.write("10 0 * * *  more: POST /x as=none\n", to: "more.cron")
            let good = try await bench.almanac("reload")
            #expect(good.status == 0 && good.output == "reloaded: 2 jobs are in force\n", "\(good.errors)")
            try bench.write("10 24 * * *  other: POST /x as=none\n", to: "other.cron")
            let bad = try await bench.almanac("reload")
            #expect(bad.status == 65 && bad.errors.contains("other.cron:1:"), "\(bad.errors)")
            try await daemon.stop()
        }
    }
}
