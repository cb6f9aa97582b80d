import Glibc
import StandInAPI
import Testing

/// Several each second, so that a test waits for few.
private let jobs = (1...8).map {
    "* * * * * *  tick\($0): POST /api/cron/purge_old as=admin overlap=allow retry=0 timeout=1h\n"
}.joined()

@Suite("what the commands why, audit and show say")
struct ExplainingTests {
    /// Runs the jobs with a daemon until so many runs have ended, and each job has several rows, and stops it.
    private func run(_ count: Int, rows: Int = 0, in bench: Bench) async throws {
        let daemon = try await bench.startDaemon()
        try await eventually("\(count) runs have ended") {
            let runs = try await bench.history()
            let jobs = Dictionary(grouping: runs, by: \.job).values
            return runs.count { $0.outcome == "succeeded" } >= count
                && jobs.count(where: { $0.count >= rows }) == 8
        }
        daemon.signal(SIGTERM)
        #expect(try await daemon.result().status == 0)
    }

    @Test("a run is shown by the beginning of its identity, when that is enough")
    func show() async throws {
        try await withBench { bench in
            try bench.write(jobs)
            // One more than there are hexadecimal digits: two begin with the same.
            try await run(17, in: bench)
            let runs = try await bench.history()
            let run = try #require(runs.first { $0.outcome == "succeeded" })
            let shown = try await bench.almanac("show", String(run.runId.prefix(13)))
            #expect(shown.status == 0 && shown.output.contains(run.runId), "\(shown.errors)")
            #expect(shown.output.contains("\nHTTP status    200\n"))
            #expect(shown.output.contains("\nATTEMPT  STARTED  "), "one line an attempt")
            let shared = try #require(
                Dictionary(grouping: runs) { $0.runId.prefix(1) }.first { $0.value.count > 1 }?.key)
            for (text, status, part) in [
                (String(shared), 64, "several runs begin with \(shared)"), ("runs!", 64, "is not a run ID"),
                ("00000000-0000-0000", 1, "no run that begins with"),
                ("00000000-0000-0000-0000-000000000000", 1, "is recorded"),
            ] as [(String, Int32, String)] {
                let refused = try await bench.almanac("show", text)
                #expect(refused.status == status && refused.errors.contains(part), "\(refused.errors)")
            }
        }
    }

    @Test("why tells of an occurrence that was due, that will be, and that never was")
    func why() async throws {
        try await withBench { bench in
            try bench.write(jobs + "0 0 1 1 *  rare: POST /x as=none\n")
            try await run(1, in: bench)
            let run = try #require(try await bench.history().first { $0.outcome == "succeeded" })
            let due = try #require(run.scheduledFor)
            func why(_ job: String, _ at: String?...) async throws -> ProgramProcess.Result {
                try await bench.run(["why", job] + at.compactMap(\.self).flatMap { ["--at", $0] })
            }
            let done = try await why(run.job, due)
            #expect(done.status == 0, "\(done.errors)")
            #expect(done.output.contains("it succeeded: the API answered 200, after "), "\(done.output)")
            #expect(done.output.contains("  run         \(run.runId), on "), "\(done.output)")
            #expect(done.output.contains("every second, in force since "))
            let coming = try await why(run.job, "2099-01-01T00:00:00Z")
            #expect(
                coming.status == 0
                    && coming.output.contains("due at 2099-01-01T00:00:00Z: it is still to come"))
            #expect(coming.output.contains("  rule        schedule: every second\n"), "\(coming.output)")
            #expect(
                try await why(run.job, "2020-01-01T00:00:00Z").output.contains("the job was first seen at "))
            #expect(
                try await why("rare").output.contains(
                    "nothing of the job has been due so far; it is due next at "))
            let unknown = try await why("tik1")
            #expect(
                unknown.status == 65 && unknown.errors.contains("did you mean tick1?"), "\(unknown.errors)")

            try bench.write("0 0 1 1 *  rare: POST /x as=none\n")
            let daemon = try await bench.startDaemon()
            daemon.signal(SIGTERM)
            #expect(try await daemon.result().status == 0)
            let gone = try await why(run.job, "2099-01-01T00:00:00Z")
            #expect(gone.status == 0 && gone.output.contains("the job was taken out of the files at "))
        }
    }

    @Test("a row that somebody took away is found missing by audit, and by who asks why")
    func missing() async throws {
        try await withBench { bench in
            try bench.write(jobs)
            try await OwnServer.with(&bench) { bench, server in
                try await run(1, rows: 3, in: bench)
                // Each job was decided up to there, and what falls due after the stop is nobody's.
                let newest = Dictionary(grouping: try await bench.history(), by: \.job)
                    .compactMap { $1.compactMap(\.scheduledFor).max() }
                let until = try #require(newest.min())
                let clean = try await bench.almanac("audit", "--until", until)
                #expect(
                    clean.status == 0 && clean.output.contains("every one has its row"), "\(clean.output)")
                let run = try #require(
                    try await bench.history().first {
                        $0.job == "tick1" && $0.occurrences == 1 && $0.scheduledFor ?? until < until
                    })
                let due = try #require(run.scheduledFor)
                try await server.sql("delete from almanac.runs where run_id = '\(run.runId)'")
                let audit = try await bench.almanac("audit", "--until", until)
                #expect(audit.status == 1, "\(audit.output)\(audit.errors)")
                #expect(audit.output.contains("tick1  missing  \(due)"), "\(audit.output)")
                #expect(audit.output.contains("; 1 missing"))
                let why = try await bench.almanac("why", "tick1", "--at", due)
                #expect(why.status == 1 && why.output.contains("it was due and has no row"), "\(why.output)")
            }
        }
    }
}
