import StandInAPI
import Testing

@Suite(
    "health while nothing can be recorded",
    .enabled(
        if: OwnServer.isWanted, "Tests/Support/with-postgres swift test runs what needs a server"))
struct HonestHealthTests {
    @Test("a database that takes no run fails health each time, though it answers every other question")
    func noInsert() async throws {
        try await withBench { bench in
            try await OwnServer.with(&bench) { bench, server in
                try bench.write(everySecond)
                // Then no journal stands in for the database.
                bench.environment["ALMANAC_STORE_OUTAGE"] = "hold"
                let daemon = try await bench.startDaemon()
                try await eventually("a first run") { bench.api.requests().count >= 1 }
                try await server.sql(
                    """
                    create function almanac.refuse() returns trigger language plpgsql as
                        $$ begin raise exception 'not today'; end $$;
                    create trigger refuse before insert on almanac.runs for each row
                        execute function almanac.refuse()
                    """)
                let what = "a trigger or a function of the database refuses it: not today"
                try await bench.health("health fails") { $0.status == 2 && $0.output.contains(what) }
                // What is read for those who ask is read anew at the most each five seconds.
                let clock = ContinuousClock()
                let end = clock.now + .seconds(12)
                while clock.now < end {
                    let answer = try await bench.almanac("health")
                    try #require(answer.status == 2 && answer.output.contains(what), "\(answer.output)")
                }
                try await server.sql("drop trigger refuse on almanac.runs")
                try await bench.health()
                try await daemon.stop()
            }
        }
    }
}
