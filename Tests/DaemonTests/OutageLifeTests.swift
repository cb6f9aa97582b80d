import Glibc
import StandInAPI
import Testing

@Suite(
    "the daemon while PostgreSQL is away",
    .enabled(
        if: OwnServer.isWanted, "Tests/Support/with-postgres swift test runs what needs a server"))
struct OutageLifeTests {
    /// Every occurrence has one row, which is at rest, and every request is that of one row.
    private func expectWhole(_ bench: Bench, _ server: OwnServer) async throws {
        let runs = try await bench.history()
        #expect(runs.filter { !$0.isAtRest } == [])
        #expect(Set(runs.map(\.scheduledFor)).count == runs.count)
        let gaps = try await server.sql(
            """
            select max(coalesce(scheduled_until, scheduled_for)) - min(scheduled_for)
                = (sum(occurrences) - 1) * interval '1 second'
            from almanac.runs
            """)
        #expect(gaps == ["t"], "an occurrence has no row, or two")
        let sent = bench.api.requests().map(\.idempotencyKey)
        #expect(Set(sent).count == sent.count, "an occurrence was run twice")
        let run = runs.filter { $0.outcome == "succeeded" || $0.outcome == "unknown" }
        #expect(Set(run.map(\.runId)) == Set(sent.compactMap(\.self)))
    }

    /// For how many seconds the oldest operation has waited for the store, as the health tells it; nil when none does.
    private func backlog(_ bench: Bench) async throws -> Int? {
        let found = try await bench.almanac("health", "--output", "json").output.firstMatch(
            of: /operations? waits? for the store.*the oldest for (\d+) s/)
        return found.flatMap { Int($0.1) }
    }

    @Test("jobs run on, and every occurrence has its row when the killed server is back")
    func killed() async throws {
        try await withBench { bench in
            try await OwnServer.with(&bench) { bench, server in
                try bench.write(everySecond)
                let daemon = try await bench.startDaemon()
                try await eventually("a first run") { bench.api.requests().count >= 1 }
                // Gone while requests are under way, so at their end as well as at the next tick.
                try await bench.holdRequest()
                try await server.kill()
                let gone = bench.api.requests().count
                bench.api.release()
                try await eventually("jobs run without the server") { bench.api.requests().count >= gone + 4 }
                try await bench.health("health tells the outage") {
                    $0.status == 1 && $0.output.contains("operations wait for the store")
                        && $0.output.contains("jobs run, and are journalled")
                }
                try await server.start()
                try await bench.health()
                try await eventually("the log tells its end") {
                    daemon.errors.contains("the database is back")
                }
                // A server that is slow to start may be away twice.
                try await eventually("it is recorded") {
                    try await server.sql("select distinct kind from almanac.events") == ["store_outage"]
                }
                try await daemon.stop()
                try await expectWhole(bench, server)
            }
        }
    }

    @Test("with hold nothing starts, what was begun ends, and jobs go on when the server is back")
    func held() async throws {
        try await withBench { bench in
            try await OwnServer.with(&bench) { bench, server in
                try bench.write(everySecond)
                let daemon = try await bench.startDaemon(environment: ["ALMANAC_STORE_OUTAGE": "hold"])
                try await bench.holdRequest()
                try await server.kill()
                bench.api.release()
                try await eventually("its end is journalled") { try await backlog(bench) != nil }
                let gone = bench.api.requests().count
                try await eventually("eight seconds pass") { try await backlog(bench) ?? 0 >= 8 }
                #expect(bench.api.requests().count == gone)
                try await bench.health("health fails, and says why") {
                    $0.status == 2 && $0.output.contains("ALMANAC_STORE_OUTAGE=hold")
                }
                #expect(bench.api.requests().count == gone)
                try await server.start()
                try await eventually("jobs go on") { bench.api.requests().count > gone + 1 }
                try await daemon.stop()
                try await expectWhole(bench, server)
            }
        }
    }

    @Test("a daemon that is killed in an outage loses nothing that it had journalled")
    func crash() async throws {
        try await withBench { bench in
            try await OwnServer.with(&bench) { bench, server in
                try bench.write(everySecond)
                let killed = try await bench.startDaemon()
                try await eventually("a first run") { bench.api.requests().count >= 1 }
                try await server.kill()
                let gone = bench.api.requests().count
                try await eventually("jobs run without the server") { bench.api.requests().count >= gone + 3 }
                try await bench.holdRequest()
                killed.signal(SIGKILL)
                _ = try await killed.result()
                #expect(try await bench.almanac("daemon").status == 78)
                try await server.start()
                let daemon = try await bench.startDaemon()
                #expect(daemon.errors.contains("delivered what an earlier daemon had journalled"))
                let count = bench.api.requests().count
                try await eventually("jobs go on") { bench.api.requests().count > count }
                try await daemon.stop()
                try await expectWhole(bench, server)
                let unknown = try await bench.history().filter { $0.outcome == "unknown" }
                #expect(unknown.count == 1)
            }
        }
    }

    @Test("a database that is set read-only is an outage, and needs no restart to be over")
    func readOnly() async throws {
        try await withBench { bench in
            try await OwnServer.with(&bench) { bench, server in
                try bench.write(everySecond)
                let daemon = try await bench.startDaemon()
                try await eventually("a first run") { bench.api.requests().count >= 1 }
                try await server.sql("alter system set default_transaction_read_only = on")
                try await server.sql("select pg_reload_conf()")
                try await bench.health("health tells why") { $0.output.contains("the database is read-only") }
                let gone = bench.api.requests().count
                try await eventually("jobs run") { bench.api.requests().count >= gone + 3 }
                try await server.sql(
                    "alter system reset default_transaction_read_only")
                try await server.sql("select pg_reload_conf()")
                try await bench.health()
                try await daemon.stop()
                try await expectWhole(bench, server)
            }
        }
    }

    @Test("a word that says nothing about outages keeps the daemon from starting")
    func configuration() async throws {
        try await withBench { bench in
            try bench.write(everySecond)
            let result = try await bench.almanac("daemon", environment: ["ALMANAC_STORE_OUTAGE": "wait"])
            #expect(result.status == 78)
            #expect(result.errors.contains("ALMANAC_STORE_OUTAGE: “wait”"))
            #expect(result.errors.contains("write one of run, hold"))
        }
    }
}
