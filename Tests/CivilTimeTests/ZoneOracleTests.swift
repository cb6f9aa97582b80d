import CivilTime
import TestFiles
import Testing

@Suite("zones of the system against another implementation")
struct ZoneOracleTests {
    struct Entry: Sendable {
        let seconds: Int64
        let before: Int?
        let after: Int
    }

    static let zones: [(name: String, entries: [Entry])] = {
        var zones: [(name: String, entries: [Entry])] = []
        for line in ZoneOracle.text.split(separator: "\n") {
            var words = line.split(separator: " ")
            if !line.hasPrefix(" ") {
                zones.append((String(words.removeFirst()), []))
            }
            for word in words {
                let numbers = word.split(separator: "/").compactMap { Int($0) }
                let entry = Entry(
                    seconds: Int64(numbers[0]), before: numbers.count == 3 ? numbers[1] : nil,
                    after: numbers[numbers.count - 1])
                zones[zones.count - 1].entries.append(entry)
            }
        }
        return zones
    }()

    /// Zone data may change what is to come, so with other data only the past is compared.
    static func horizon() throws -> Int64 {
        try ZoneFiles.version() == ZoneOracle.version ? .max : 1_735_689_600
    }

    @Test("offsets and changes are those of the other implementation", arguments: zones.map(\.name))
    func offsets(name: String) throws {
        let zone = try ZoneFiles.zone(name)
        let horizon = try Self.horizon()
        let entries = try #require(Self.zones.first { $0.name == name }).entries
        #expect(!entries.isEmpty)
        for entry in entries where entry.seconds < horizon {
            let instant = Instant(seconds: entry.seconds)
            #expect(zone.offset(at: instant) == entry.after, "at \(instant)")
            guard let before = entry.before else { continue }
            let last = Instant(seconds: entry.seconds - 1)
            let transition = Transition(instant: instant, offsetBefore: before, offsetAfter: entry.after)
            #expect(zone.offset(at: last) == before, "at \(last)")
            #expect(zone.nextTransition(after: last) == transition)
            #expect(zone.previousTransition(atOrBefore: instant) == transition)
            #expect(zone.span(containing: last).end == instant)
            #expect(zone.span(containing: instant).start == instant)
        }
    }
}
