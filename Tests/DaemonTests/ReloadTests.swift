import CivilTime
import Glibc
import StandInAPI
import Testing

private func daily(_ hour: Int, _ name: String = "purge", _ options: String = "") -> String {
    "10 \(hour) * * *  \(name): POST /api/cron/purge_old as=admin \(options)\n"
}

@Suite("changes while the daemon runs")
struct ReloadTests {
    @Test("files that change come into force by themselves, and the log says what that changes")
    func files() async throws {
        try await withBench { bench in
            try bench.write(daily(0))
            let daemon = try await bench.startDaemon()
            try bench.write(daily(1, "purge", "retry=5"))
            try await eventually("the change is in force") {
                daemon.errors.contains("purge changed (schedule, policy): ")
            }
            #expect(daemon.errors.contains("change=\"schedule, policy\" job=purge"))
            #expect(daemon.errors.contains("T00:10:00Z → "))
            try bench.write(daily(2, "more", "deadline=10s catch-up=latest"), to: "more.cron")
            try await eventually("the file is read") { daemon.errors.contains("more added: ") }
            #expect(daemon.errors.contains("code=catch-up-too-late"))
            #expect(unlink(bench.schedules + "/more.cron") == 0)
            try await eventually("the file is gone") { daemon.errors.contains("more removed") }
            try await daemon.stop()
        }
    }

    @Test("files that others can write are refused, at the start and by a reload, with what closes them")
    func writable() async throws {
        try await withBench { bench in
            try bench.write(daily(0))
            let file = bench.schedules + "/jobs.cron"
            #expect(chmod(file, 0o666) == 0)
            let refused = try await bench.almanac("daemon")
            #expect(
                refused.status == 78 && refused.errors.contains("everybody can write here"),
                "\(refused.errors)")
            #expect(refused.errors.contains("chmod o-w \(file)"))
            let checked = try await bench.almanac("check")
            #expect(
                checked.status == 0
                    && (checked.output + checked.errors).contains("warning: everybody can write here"),
                "\(checked)")
            #expect(chmod(file, 0o600) == 0)
            let daemon = try await bench.startDaemon()
            #expect(chmod(bench.schedules, 0o777) == 0)
            let reload = try await bench.almanac("reload")
            #expect(reload.status != 0 && reload.errors.contains("everybody can write here"), "\(reload)")
            #expect(chmod(bench.schedules, 0o700) == 0)
            #expect(try await bench.almanac("reload").status == 0)
            try await daemon.stop()
        }
    }

    @Test("a directory whose link is put on another, as Kubernetes does it, is read as a whole")
    func swap() async throws {
        try await withBench { bench in
            for (name, hour) in [("one", 1), ("two", 2)] {
                #expect(mkdir(bench.schedules + "/" + name, 0o700) == 0)
                try bench.write(daily(hour, "a"), to: name + "/a.cron")
                try bench.write(daily(hour, "b"), to: name + "/b.cron")
            }
            #expect(symlink("one", bench.schedules + "/..data") == 0)
            for job in ["a", "b"] {
                #expect(symlink("..data/\(job).cron", "\(bench.schedules)/\(job).cron") == 0)
            }
            let daemon = try await bench.startDaemon()
            #expect(symlink("two", bench.schedules + "/..next") == 0)
            #expect(rename(bench.schedules + "/..next", bench.schedules + "/..data") == 0)
            try await eventually("the other directory is in force") { daemon.errors.contains(" changed=2 ") }
            try await daemon.stop()
        }
    }

    @Test("each SIGHUP is answered, also while files are being written")
    func twice() async throws {
        try await withBench { bench in
            try bench.write(daily(0))
            let socket = try ServiceSocket(path: bench.directory + "/notify")
            let daemon = try await bench.startDaemon(
                environment: ["NOTIFY_SOCKET": bench.directory + "/notify"])
            func words() -> [String] {
                socket.messages.map { String($0.prefix { $0 != "\n" }) }
                    .filter { $0 == "READY=1" || $0 == "RELOADING=1" }
            }
            func change() throws { try bench.write(daily(1, "job\(UInt.random(in: 0...UInt.max))")) }
            try change()
            for _ in 1...2 {
                let before = words().count { $0 == "RELOADING=1" }
                daemon.signal(SIGHUP)
                // The service manager takes only a word that came after its signal.
                try await eventually("it is answered") {
                    try change()
                    return words().count { $0 == "RELOADING=1" } > before
                }
            }
            try await eventually("the reload ends") { words().last == "READY=1" }
            try await daemon.stop()
        }
    }

    @Test("a token that is put into its file comes into force, and one that is half written does not")
    func tokenFile() async throws {
        try await withBench { bench in
            try bench.write("* * * * * *  tick: POST /api/cron/purge_old as=admin retry=0 timeout=1h\n")
            let file = bench.directory + "/token"
            let other = randomToken()
            try bench.put(try #require(bench.environment["JOB_TOKEN"]), at: file)
            let daemon = try await bench.startDaemon(environment: ["JOB_TOKEN_FILE": file])
            try await eventually("a request is sent") { !bench.api.requests().isEmpty }
            try bench.put("half", at: file)
            try await eventually("it is refused") { daemon.errors.contains("reload failed: ") }
            #expect(daemon.errors.contains("it has 4 characters"))
            try bench.put(other + "\n", at: file)
            try await eventually("the new token is sent") {
                bench.api.requests().contains { $0.header("X-Job-Token") == other }
            }
            daemon.signal(SIGTERM)
            let result = try await daemon.result()
            #expect(result.status == 0 && !result.errors.contains(other))
        }
    }

    @Test(
        "a line that is over keeps no daemon from starting, its last occurrence is recorded, and a reload takes it"
    )
    func over() async throws {
        try await withBench { bench in
            let local = Zone.utc.local(at: wallClock() - .seconds(2 * 86_400))
            let (date, second) = (local.date, local.secondOfDay)
            let once =
                "\(second % 60) \(second / 60 % 60) \(second / 3600) \(date.day) \(date.month) ? \(date.year)"
            try bench.write("\(once)  once: POST /api/cron/purge_old as=admin\n" + daily(0))
            try await bench.missedForYears()
            let daemon = try await bench.startDaemon()
            #expect(daemon.errors.contains("code=over"))
            try await eventually("its last occurrence is recorded") {
                try await bench.history().contains { $0.job == "once" && $0.outcome == "missed" }
            }
            try bench.write(daily(2, "more"), to: "more.cron")
            try await eventually("the other file is read") { daemon.errors.contains("more added: ") }
            let jobs = try await bench.almanac("jobs")
            #expect(jobs.output.contains(" over "), "\(jobs.output)")
            let why = try await bench.almanac("why", "once")
            #expect(why.output.contains("none: the schedule is over"), "\(why.output)\(why.errors)")
            let next = try await bench.almanac("next", "once")
            #expect(next.status == 0 && next.output.isEmpty && next.errors.contains("the schedule is over"))
            try await daemon.stop()
        }
    }

    @Test("a file with an error is refused once, and health warns until it is corrected")
    func faulty() async throws {
        try await withBench { bench in
            try bench.write(daily(0))
            let daemon = try await bench.startDaemon()
            try bench.write("10 0 * * *  other: POST /x nonsense=1\n", to: "more.cron")
            try await eventually("it is refused") { daemon.errors.contains("reload failed: ") }
            try await bench.health("health warns of it", "--output", "json") {
                $0.status == 1 && $0.output.contains("more.cron:1:")
            }
            // A correction that is as wrong is another problem, and said again; the one before was said once.
            try bench.write("10 0 * * *  other: POST /x nonsense=2 more=3\n", to: "more.cron")
            try await eventually("the other is refused") {
                daemon.errors.count(of: "reload failed: ") == 2
            }
            #expect(unlink(bench.schedules + "/more.cron") == 0)
            try await bench.health()
            #expect(daemon.errors.count(of: "reload failed: ") == 2)
            try await daemon.stop()
        }
    }
}

extension String {
    /// How often the text is in it.
    fileprivate func count(of text: String) -> Int {
        ranges(of: text).count
    }
}
