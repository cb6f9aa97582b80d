import CivilTime
import RandomInput
import Testing

@Suite("zone files changed at random")
struct TZifMutationTests {
    /// Small files, so that a million of them take seconds in a debug build.
    static let seeds: [[UInt8]] = [
        TZifFile(version: "0").bytes,
        TZifFile(
            version: "0", types: [.init(offset: 3600), .init(offset: 0)], transitions: [(0, 1), (9, 0)]
        ).bytes,
        TZifFile(footer: "UTC0").bytes,
        TZifFile(
            version: "4", types: [.init(offset: 3600), .init(offset: 0)], transitions: [(0, 1), (9, 0)]
        ).bytes,
    ]

    /// The offsets within which a change is likely to be noticed: values at the edges of their fields.
    static let edges: [UInt8] = [0, 1, 2, 0x7f, 0x80, 0xff, 0x0a]

    @Test("a million damaged files never crash the decoder", arguments: 0..<10)
    func mutations(part: Int) {
        var generator = SeededRandom(seed: part)
        var decoded = 0
        for _ in 0..<100_000 {
            let random = generator.next()
            var bytes = Self.seeds[Int(random & 3)]
            for change in 0...Int(random >> 2 & 1) {
                let place = Int(random >> (8 + 16 * UInt64(change)) & 0xffff) % bytes.count
                bytes[place] = Self.edges[Int(random >> (40 + 8 * UInt64(change)) & 0xff) % Self.edges.count]
            }
            if random >> 60 == 0 { bytes.removeLast(Int(random >> 32 & 0xff) % bytes.count) }
            // A refusal is as good as a zone.
            guard let zone = try? Zone(name: "Damaged", tzif: bytes) else { continue }
            decoded += 1
            _ = zone.offset(at: Instant(microseconds: Int64(bitPattern: random)))
        }
        #expect(decoded > 1000)
    }

    @Test("damaged files with rules never give a zone that goes backwards")
    func rules() throws {
        var generator = SeededRandom(seed: 7)
        let rules = ["CET-1CEST,M3.5.0,M10.5.0/3", "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "XXX3EDT4,0/0,J365/23"]
        var decoded = 0
        for round in 0..<1000 {
            var rule = Array(rules[round % rules.count].utf8)
            for _ in 0...round % 2 {
                rule[Int(generator.next() % UInt64(rule.count))] =
                    UInt8(ascii: "+") + UInt8(generator.next() % 50)
            }
            let file = TZifFile(version: "3", footer: String(decoding: rule, as: UTF8.self))
            // Most damaged rules are refused; what is left must be sound.
            guard let zone = try? Zone(name: "Damaged", tzif: file.bytes) else { continue }
            decoded += 1
            var instant = Instant(seconds: 1_700_000_000)
            for _ in 0..<6 {
                guard let transition = zone.nextTransition(after: instant) else { break }
                #expect(transition.instant > instant)
                #expect(transition.offsetBefore != transition.offsetAfter)
                #expect(zone.previousTransition(atOrBefore: transition.instant) == transition)
                instant = transition.instant
            }
        }
        #expect(decoded > 100)
    }
}
