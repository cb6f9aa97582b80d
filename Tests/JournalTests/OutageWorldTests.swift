import Glibc
import Testing

/// Worlds in which outages, takeovers, crashes and deliveries meet in every order, and what must hold in each.
@Suite("a journal in a world gone wrong")
struct OutageWorldTests {
    @Test("the store holds what happened, once, or it is told what it could not take", arguments: 0..<12)
    func fixedSeeds(part: Int) async {
        for seed in part * 10..<part * 10 + 10 { await Self.check(seed) }
    }

    @Test(
        "so it is where a takeover is answered during an outage or a delivery",
        arguments: [100_646, 200_495, 200_862, 484_762_892, 484_763_499])
    func crossingAnswers(seed: Int) async { await Self.check(seed) }

    /// Seeds that were never tried: `OUTAGE_FRESH` says how many, none if it does not.
    @Test("so it is with seeds that were never tried")
    func freshSeeds() async {
        let count = getenv("OUTAGE_FRESH").flatMap { Int(String(cString: $0)) } ?? 0
        let first = Int.random(in: 1_000...1_000_000_000)
        for seed in first..<first + count { await Self.check(seed) }
    }

    private static func check(_ seed: Int) async {
        let violations = await OutageWorld(seed: seed).run()
        #expect(violations.isEmpty, "seed \(seed)")
    }

    @Test("a world finds what a journal does wrong", arguments: OutageWorld.Bug.allCases)
    func planted(bug: OutageWorld.Bug) async {
        for seed in 0..<200 where await !OutageWorld(seed: seed, bug: bug).run().isEmpty { return }
        Issue.record("no world finds it: a check is missing, or what goes wrong is too harmless")
    }
}
