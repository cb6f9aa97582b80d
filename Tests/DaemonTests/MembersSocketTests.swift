import FoundationEssentials
import Glibc
import StandInAPI
import Testing

private let rare = "0 0 1 1 *  rare: POST /api/cron/purge_old as=admin timeout=1h\n"

extension Bench {
    private var socket: String { directory + "/almanac.sock" }

    /// The service's settings.
    fileprivate var serving: [String: String] { ["ALMANAC_SOCKET": socket] }

    /// Runs `almanac` as somebody who knows nothing of the service but its socket.
    fileprivate func member(_ arguments: [String]) async throws -> ProgramProcess.Result {
        try await ProgramProcess(["almanac"] + arguments, environment: memberSettings, directory: directory)
            .result()
    }

    fileprivate var memberSettings: [String: String] {
        environment.filter { ["HOME", "LANG", "LD_LIBRARY_PATH"].contains($0.key) }
            .merging(["ALMANAC_SOCKET": socket]) { _, new in new }
    }
}

@Suite("the service's socket")
struct MembersSocketTests {
    @Test("a command that asks the service says what the same command says of its store, word for word")
    func sameWords() async throws {
        try await withBench { bench in
            try bench.write("0 0 1 2 *  other: POST /api/cron/purge_old as=admin enabled=no\n" + rare)
            let daemon = try await bench.startDaemon(environment: bench.serving)
            // Of what is done through it the daemon knows at once.
            #expect(try await bench.member(["run-now", "rare"]).status == 0)
            #expect(try await bench.member(["run-now", "rare", "--dry-run"]).status == 0)
            #expect(try await bench.member(["pause", "other", "--reason", "a <test>"]).status == 0)
            let run = try #require(try await bench.history().first { !$0.dryRun })
            try await eventually("the daemon knows it all") {
                let text = try await bench.member(["jobs"]).output
                return text.contains("a <test>") && text.contains("succeeded")
            }
            let questions = [
                ["history"], ["history", "rare", "--limit", "1"], ["history", "--outcome", "failed"],
                ["history", "--since", "2000-01-01", "--time-zone", "Asia/Beirut"], ["show", run.runId],
                ["show", String(run.runId.prefix(8))], ["why", "rare"],
                ["why", "rare", "--at", "2026-01-01"], ["audit", "--until", "2026-01-01"],
                ["history", "nobody"], ["why", "nobody"],
                ["show", "00000000"], ["why", "UPPER"],
            ]
            for question in questions {
                for form in ["table", "json"] {
                    let arguments = question + ["--output", form]
                    let (store, service) = (
                        try await bench.run(arguments), try await bench.member(arguments)
                    )
                    #expect(service.status == store.status, "\(arguments): \(service.errors)")
                    #expect(service.output == store.output, "\(arguments)")
                }
            }
            // What the clock has to do with it differs in the seconds.
            let (store, service) = (
                try await bench.almanac("jobs", "--output", "json"),
                try await bench.member(["jobs", "--output", "json"])
            )
            #expect(try jobs(of: service) == jobs(of: store))
            let health = try await bench.member(["health"])
            #expect(health.output.contains("scheduler:lateness"), "\(health.errors)")
            try await daemon.stop()
        }
    }

    /// What is said of each job, as one text.
    private func jobs(of result: ProgramProcess.Result) throws -> String {
        try #require(result.status == 0, "\(result.errors)")
        return String(try #require(result.output.split(separator: "\"hosts\":").first))
    }

    @Test("pauses, runs and rehearsals are made through it, with who asked")
    func acting() async throws {
        try await withBench { bench in
            try bench.write(rare)
            let daemon = try await bench.startDaemon(environment: bench.serving)
            let paused = try await bench.member(["pause", "rare", "--for", "2h", "--reason", "a test"])
            #expect(paused.output.hasPrefix("rare is paused until "), "\(paused.errors)")
            #expect(paused.output.hasSuffix("in the records of the service\n"))
            let refused = try await bench.member(["run-now", "rare"])
            #expect(refused.status == 75 && refused.errors.contains("--force"), "\(refused.errors)")
            #expect(refused.errors.contains(" by socket at "))
            #expect(try await bench.member(["run-now", "rare", "--dry-run"]).status == 75)
            let forced = try await bench.member(["run-now", "rare", "--force"])
            #expect(forced.status == 0 && forced.output.hasPrefix("rare succeeded 200  run "), "\(forced)")
            let resumed = try await bench.member(["resume", "rare"])
            #expect(resumed.output.hasPrefix("the pause of rare is ended; it was made by "))
            let rehearsed = try await bench.member(["run-now", "rare", "--dry-run"])
            #expect(rehearsed.status == 0 && rehearsed.output.contains("verdict: ready"))
            let run = try #require(try await bench.history().first { !$0.dryRun })
            #expect(run.requestedBy?.hasSuffix(" by socket (--force)") == true)
            let both = try await bench.member(["pause", "rare", "nobody"])
            #expect(both.status == 65 && both.errors.contains("no job is called “nobody”"), "\(both)")
            let all = try await bench.member(["pause", "--all"])
            #expect(all.output.hasPrefix("all jobs are paused until somebody resumes"), "\(all.errors)")
            #expect(try await bench.member(["resume", "--all"]).output.contains("is ended"))
            try await daemon.stop()
        }
    }

    @Test("a run under way is cancelled through it")
    func cancelling() async throws {
        try await withBench { bench in
            try bench.write(rare)
            bench.api.misbehave(.hold, count: 1)
            let daemon = try await bench.startDaemon(environment: bench.serving)
            let asking = try ProgramProcess(
                ["almanac", "run-now", "rare"], environment: bench.memberSettings, directory: bench.directory)
            try await eventually("its request is under way") { bench.api.heldCount == 1 }
            let id = try #require(try await bench.history().first).runId
            let cancelled = try await bench.member(["cancel", String(id.prefix(8))])
            #expect(cancelled.status == 0 && cancelled.output.contains("cancelled by "), "\(cancelled)")
            let asked = try await asking.result()
            #expect(asked.status == 1 && asked.output.hasPrefix("rare unknown"), "\(asked)")
            try await daemon.stop()
        }
    }

    @Test("root's work is refused with the command that root types, and no service is an error of its own")
    func refusing() async throws {
        try await withBench { bench in
            try bench.write(rare)
            let none = try await bench.member(["history"])
            #expect(none.status == 69 && none.errors.contains("systemctl status almanac"), "\(none.errors)")
            let daemon = try await bench.startDaemon(environment: bench.serving)
            for command in [["migrate", "up"], ["migrate", "audit"], ["reload"]] {
                let result = try await bench.member(command)
                #expect(result.status == 77, "\(command): \(result.errors)")
                #expect(result.errors.contains("sudo almanac \(command.joined(separator: " "))"))
            }
            try await daemon.stop()
        }
    }

    @Test(
        "the group may do all; others, if the socket lets them in, only look",
        .enabled(if: geteuid() == 0, "only root may become somebody else"))
    func rights() async throws {
        try await withBench { bench in
            try bench.write(rare)
            let daemon = try await bench.startDaemon(environment: bench.serving)
            try #require(chmod(bench.directory, 0o711) == 0)
            let path = bench.directory + "/almanac.sock"
            var status = stat()
            try #require(stat(path, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o660 && status.st_gid == getegid())
            func ask(_ groups: String, _ method: String, _ path: String) async throws -> String {
                try await ProgramProcess(
                    [
                        "/usr/bin/setpriv", "--reuid", "65534", "--regid", "65534", groups, "curl", "-s",
                        "--unix-socket", bench.directory + "/almanac.sock", "-X", method, "-o", "/dev/null",
                        "-w", "%{http_code}", "http://localhost" + path,
                    ], environment: ["PATH": "/usr/bin:/bin"], directory: bench.directory
                ).result().output
            }
            let member = "--groups=\(getegid())"
            #expect(try await ask("--clear-groups", "GET", "/v1/jobs") == "000")
            #expect(try await ask(member, "GET", "/v1/audit") == "200")
            #expect(try await ask(member, "POST", "/v1/jobs/rare/runs") == "202")
            try #require(chmod(path, 0o666) == 0)
            #expect(try await ask("--clear-groups", "GET", "/v1/jobs") == "200")
            #expect(try await ask("--clear-groups", "GET", "/v1/audit") == "401")
            #expect(try await ask("--clear-groups", "POST", "/v1/jobs/rare/runs") == "401")
            try await daemon.stop()
            #expect(stat(path, &status) != 0, "it is gone with the daemon")
        }
    }
}
