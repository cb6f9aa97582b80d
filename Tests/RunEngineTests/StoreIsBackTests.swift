import Records
import RunEngine
import Testing

@Suite("a store that failed, and answers again")
struct StoreIsBackTests {
    @Test(
        "is asked at once for what waits, unless it was a single lock"
    )
    func storeIsBack() throws {
        let (first, second) = (try makeJob(), try makeJob(name: "b"))
        for (error, isHurried) in [(storeAway, true), (StoreError(.busy, "a lock"), false)] {
            var bench = Bench([first, second])
            bench.wake(60)
            for _ in 0..<4 {
                bench.take(.run(runID(first, 60), .written(.failure(error))), at: 61)
                bench.take(.woke, at: 100)
            }
            bench.take(.run(runID(first, 60), .written(.failure(error))), at: 100)
            bench.startRequest(runID(second, 60), at: 100.5)
            #expect(bench.claims == (isHurried ? [runID(first, 60)] : []))
        }
    }
}
