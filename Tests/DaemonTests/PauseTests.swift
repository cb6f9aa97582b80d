import CivilTime
import FoundationEssentials
import Glibc
import StandInAPI
import Testing

private let jobs = """
    * * * * * *  tick: POST /api/cron/purge_old as=admin retry=0 timeout=1h
    0 0 1 1 *    rare: POST /api/cron/purge_old as=admin

    """

@Suite("the commands pause and resume")
struct PauseTests {
    /// What `almanac pause --output json` prints, as far as these tests look at it.
    private struct Paused: Decodable {
        struct Pause: Decodable {
            var pausedAt: String
            var pausedUntil: String
        }
        var paused: [Pause]
    }

    @Test("a pause is told with what it replaces, and shown with the jobs; resuming tells what is left")
    func commands() async throws {
        try await withBench { bench in
            try bench.write(jobs)
            let far = ["--until", "2999-01-01T00:00:00Z"]
            func said(_ arguments: String...) async throws -> String {
                let result = try await bench.run(arguments)
                #expect(result.status == 0, "\(result.errors)")
                return result.output
            }
            #expect(
                try await said("pause", "tick", "rare") == """
                    tick is paused until somebody resumes
                    rare is paused until somebody resumes
                    in \(bench.directory)/state/almanac.db

                    """)
            let again = try await bench.run(["pause", "tick", "--reason", "slow"] + far)
            #expect(
                again.output.hasPrefix(
                    "tick is paused until 2999-01-01T00:00:00Z (in the place of the pause by "))
            #expect(
                try await said("pause", "--all").hasPrefix("all jobs are paused until somebody resumes\n"))
            #expect(try await said("jobs").contains("warn"))
            let one = try await said("resume", "tick")
            #expect(one.hasPrefix("the pause of tick is ended; it was made by "))
            #expect(one.contains("all jobs are still paused, by "))
            #expect(one.contains("; `almanac resume --all` ends that\n"))
            let all = try await said("resume", "--all")
            #expect(all.hasPrefix("the pause of all jobs is ended; it was made by "))
            #expect(all.contains("rare still has its own pause, by "))
            #expect(try await said("resume", "rare").hasPrefix("the pause of rare is ended"))
        }
    }

    @Test(
        "what cannot be meant is refused, and nothing is paused",
        arguments: [
            (["pause"], 64, "name jobs, or --all"), (["resume"], 64, "name jobs, or --all"),
            (["pause", "tick", "--all"], 64, "not both"),
            (["pause", "tick", "tikc"], 65, "did you mean tick?"),
            (["resume", "nothing-like-it"], 65, "no job is called"),
            (["pause", "tick", "--for", "0s"], 64, "longer than zero"),
            (["pause", "tick", "--for", "soon"], 64, "--for: "),
            (["pause", "tick", "--until", "2020-01-01T00:00:00Z"], 64, "has passed"),
            (["pause", "tick", "--until", "2999-13-01"], 64, "is not a time"),
            (["pause", "tick", "--for", "1h", "--until", "2999-01-01T00:00:00Z"], 64, "name one"),
        ] as [([String], Int32, String)])
    func refusal(_ arguments: [String], _ status: Int32, _ part: String) async throws {
        try await withBench { bench in
            try bench.write(jobs)
            let result = try await bench.run(arguments)
            #expect(result.status == status && result.errors.contains(part), "\(result.errors)")
            let left = try await bench.almanac("resume", "--all", "--output", "json")
            #expect(left.output.contains("\"still_paused\": []"), "\(left.output)")
        }
    }

    @Test("a day is 24 hours, whatever the clocks of a zone do, and an instant is one in every zone")
    func ends() async throws {
        try await withBench { bench in
            try bench.write(jobs)
            func end(_ arguments: String...) async throws -> (length: Duration, until: String) {
                let result = try await bench.run(
                    ["pause", "tick", "--output", "json", "--time-zone", "Australia/Lord_Howe"] + arguments)
                let decoder = JSONDecoder()
                decoder.keyDecodingStrategy = .convertFromSnakeCase
                let document = try decoder.decode(Paused.self, from: Data(result.output.utf8))
                let pause = try #require(document.paused.first)
                let end = try Instant(parsingRFC3339: pause.pausedUntil)
                return (end - (try Instant(parsingRFC3339: pause.pausedAt)), pause.pausedUntil)
            }
            // Longer than from one change of the clocks to the next.
            #expect(try await end("--for", "1d").length == .seconds(86_400))
            #expect(try await end("--for", "200d").length == .seconds(200 * 86_400))
            #expect(
                try await end("--until", "2999-07-01T02:00:00+02:00").until == "2999-07-01T10:30:00+10:30")
        }
    }

    @Test("a pause ends by itself, and the next occurrence runs")
    func expiry() async throws {
        try await withBench { bench in
            try bench.write(jobs)
            let daemon = try await bench.startDaemon()
            try await eventually("an occurrence was run") { !bench.api.requests().isEmpty }
            // Again until the daemon has met it: a machine that is busy may come to the next occurrence when it is over.
            try await eventually("an occurrence is skipped") {
                if try await bench.pausedCount() > 0 { return true }
                _ = try await bench.almanac("pause", "tick", "--for", "10s")
                return false
            }
            try await eventually("an occurrence runs after the pause") {
                let runs = try await bench.history()
                guard let paused = runs.first(where: { $0.reason == "paused" }) else { return false }
                return runs.contains { $0.outcome == "succeeded" && $0.isLater(than: paused) }
            }
            try await daemon.stop()
        }
    }

    @Test("the health tells a pause at once, the log once, and its occurrences share a row")
    func telling() async throws {
        try await withBench { bench in
            try bench.write(jobs)
            #expect(try await bench.almanac("pause", "tick").status == 0)
            let daemon = try await bench.startDaemon()
            try await bench.health("the health tells the pause") {
                $0.status == 1 && $0.output.contains("tick: the job was paused by ")
            }
            try await eventually("three occurrences share a row") { try await bench.pausedCount() >= 3 }
            // An occurrence that falls due before the one before it was decided is skipped for that, in a row of its own.
            let runs = try await bench.history()
            #expect(runs.allSatisfy { $0.outcome == "skipped" || $0.outcome == "missed" || !$0.isFinished })
            #expect(bench.api.requests().isEmpty)
            try await eventually("it is resumed") { try await bench.almanac("resume", "tick").status == 0 }
            try await eventually("an occurrence is run") { !bench.api.requests().isEmpty }
            try await daemon.stop()
            #expect(daemon.errors.count(of: "paused, occurrences are skipped") == 1)
        }
    }
}

extension String {
    /// How often `part` is in it.
    fileprivate func count(of part: String) -> Int {
        ranges(of: part).count
    }
}

extension Bench.Run {
    /// Whether its occurrence was due after that of another run.
    func isLater(than other: Bench.Run) -> Bool {
        // Both are written alike, so that the order of the texts is that of the instants.
        (scheduledFor ?? "") > (other.scheduledFor ?? "")
    }
}

extension PostgresLifeTests {
    private struct Paused: Decodable {
        struct Entry: Decodable {
            var pausedAt: String
        }

        var paused: [Entry]
    }

    @Test("a pause of all holds back every host at once, over restarts, while what runs goes on to its end")
    func pause() async throws {
        try await withDatabase { bench in
            try bench.write(jobs)
            try #require(try await bench.almanac("migrate", "up").status == 0)
            let other = [
                "ALMANAC_STATE_DIRECTORY": bench.directory + "/other",
                "ALMANAC_LISTEN": "unix:" + bench.directory + "/other-status",
            ]
            let first = try await bench.startDaemon()
            let second = try await bench.startDaemon(environment: other)
            try await eventually("two occurrences were run") { bench.api.requests().count >= 2 }
            try await bench.holdRequest()

            let pause = try await bench.almanac("pause", "--all", "--reason", "cutover", "--output", "json")
            #expect(pause.output.contains("\"live_runs\": 1"), "\(pause.output)")
            let sent = bench.api.requests().count
            bench.api.release()
            try await eventually("occurrences share a row of the pause") {
                try await bench.pausedCount() >= 3
            }
            try await first.stop()
            try await second.stop()
            let third = try await bench.startDaemon()
            let count = try await bench.pausedCount()
            try await eventually("more occurrences share the row") { try await bench.pausedCount() > count }
            #expect(bench.api.requests().count == sent)
            let runs = try await bench.history()
            #expect(runs.allSatisfy { $0.state == "finished" && $0.outcome != "failed" })
            #expect(runs.count { $0.outcome == "succeeded" } == sent)

            #expect(try await bench.almanac("resume", "--all").status == 0)
            try await eventually("an occurrence runs again") { bench.api.requests().count > sent }
            try await third.stop()
        }
    }
}

extension Bench {
    /// The occurrences in the longest row of a pause.
    fileprivate func pausedCount() async throws -> Int {
        try await history().filter { $0.reason == "paused" }.map(\.occurrences).max() ?? 0
    }
}
