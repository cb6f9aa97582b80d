import StandInAPI
import Testing

@Suite("a backfill")
struct BackfillTests {
    @Test("runs what was missed, once, beside its row, and says which occurrence it is for")
    func missed() async throws {
        try await withBench { bench in
            try bench.write("0 0 1 1 *  yearly: POST /api/cron/purge_old as=admin timeout=1h\n")
            try await bench.missedForYears()
            let daemon = try await bench.startDaemon()
            try await eventually("what was missed is recorded") {
                try await bench.history().contains { $0.outcome == "missed" }
            }
            try await daemon.stop()
            let rows = try await bench.history().count
            let span = ["backfill", "yearly", "--from", "2025-01-01", "--until", "2026-02-01"]
            let dry = try await bench.run(span)
            #expect(dry.status == 0 && dry.output.contains("2 occurrences of yearly, 2 to run: add --run"))
            #expect(try await bench.history().count == rows && bench.api.requests().isEmpty)
            let first = try await bench.run(span + ["--run", "--limit", "1"])
            #expect(
                first.status == 0 && first.output.hasPrefix("2025-01-01T00:00:00Z succeeded 200"), "\(first)")
            #expect(first.output.contains("1 left: run the same command again"))
            let second = try await bench.run(span + ["--run"])
            #expect(
                second.status == 0 && second.output.hasPrefix("2026-01-01T00:00:00Z succeeded"), "\(second)")
            let third = try await bench.run(span + ["--run"])
            #expect(third.status == 0 && third.output.hasPrefix("0 runs recorded"), "\(third)")
            let sent = bench.api.requests().map { $0.header("X-Job-Scheduled-For") }
            #expect(sent == ["2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"])
            #expect(try await bench.history().filter { $0.trigger == "backfill" }.count == 2)
            #expect(try await bench.history().count == rows + 2)
            let why = try await bench.almanac("why", "yearly", "--at", "2026-01-01T00:00:00Z")
            #expect(why.output.contains("backfill") && why.output.contains("missed"), "\(why.output)")
            let audit = try await bench.almanac("audit")
            #expect(audit.output.contains("1 occurrence backfilled, beside its row"), "\(audit.output)")
        }
    }

    @Test("stops at the first run that does not end well")
    func stops() async throws {
        try await withBench { bench in
            try bench.write("0 0 * * *  daily: POST /api/cron/purge_old as=admin retry=0 timeout=1h\n")
            bench.api.misbehave(.status(500), count: 1)
            let span = ["backfill", "daily", "--from", "2026-01-01", "--until", "2026-01-04", "--run"]
            let failed = try await bench.run(span)
            #expect(
                failed.status == 1 && failed.output.contains("2026-01-01T00:00:00Z failed 500"), "\(failed)")
            #expect(failed.output.contains("2 left: run the same command again"))
            #expect(bench.api.requests().count == 1)
            // Its occurrence has had its backfill; those after it have not.
            let others = try await bench.run(span)
            #expect(others.status == 0 && others.output.contains("2 runs recorded"), "\(others)")
            // The job is known from its first backfill on, and what was backfilled is explained all the same.
            let why = try await bench.run(["why", "daily", "--at", "2026-01-01T00:00:00Z"])
            #expect(why.output.contains("backfill  failed"), "\(why)")
        }
    }

    @Test("waits for the end of a pause, or runs with --force as its hint says")
    func paused() async throws {
        try await withBench { bench in
            try bench.write("0 0 * * *  daily: POST /api/cron/purge_old as=admin timeout=1h\n")
            _ = try await bench.almanac("pause", "--all", "--reason", "maintenance")
            let span = ["backfill", "daily", "--from", "2026-01-01", "--until", "2026-01-02", "--run"]
            let held = try await bench.run(span)
            #expect(
                held.status == 75 && held.errors.contains("hint: the same command with --force"), "\(held)")
            #expect(bench.api.requests().isEmpty)
            let forced = try await bench.run(span + ["--force"])
            #expect(forced.status == 0 && forced.output.contains("1 run recorded"), "\(forced)")
        }
    }

    @Test(
        "is refused where it makes no sense, with what does",
        arguments: [
            (["daily", "--from", "2999-01-01"], 64, "a backfill is of the past"),
            (["daily", "--from", "2000-01-01"], 64, "name a shorter span"),
            (["nobody", "--from", "2026-01-01"], 65, "no job is called"),
            (["daily", "--from", "2026-01-01", "--run", "--dry-run"], 64, "name one"),
            (["daily"], 64, "--from"),
            (["scheduled", "--from", "2026-01-01", "--until", "2026-01-02"], 64, "is not run by hand"),
        ])
    func refused(arguments: [String], status: Int32, part: String) async throws {
        try await withBench { bench in
            try bench.write(
                """
                0 0 * * *  daily: POST /api/cron/purge_old as=admin
                0 0 * * *  scheduled: POST /api/cron/purge_old on-demand=no

                """)
            let result = try await bench.run(["backfill"] + arguments)
            #expect(result.status == status && result.errors.contains(part), "\(result)")
        }
    }
}
