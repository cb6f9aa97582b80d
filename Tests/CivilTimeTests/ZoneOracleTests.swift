import CivilTime
import TestFiles
import Testing

@Suite("zones of the system against another implementation")
struct ZoneOracleTests {
    /// All of the past, what files list of the future, and years that follow from their rules: at ends of centuries,
    /// and where the calendar repeats itself.
    static let spans = [1850..<2040, 2087..<2088, 2099..<2101, 2399..<2401, 2500..<2501].map { years in
        begin(ofYear: years.lowerBound)..<begin(ofYear: years.upperBound)
    }

    private static func begin(ofYear year: Int) -> Int64 {
        Int64(CivilDate(uncheckedYear: year, month: 1, day: 1).dayNumber) * 86_400
    }

    /// Every zone of the system once: those with equal files count as one.
    private static func zones() throws -> [Zone] {
        var seen: Set<[UInt8]> = []
        return try ZoneFiles.names().filter { try seen.insert(ZoneFiles.bytes(of: $0)).inserted }
            .map(ZoneFiles.zone)
    }

    private static func changes(of zone: Zone) -> [Transition] {
        spans.flatMap { span in
            var changes: [Transition] = []
            var last = Instant(seconds: span.lowerBound)
            while let change = zone.nextTransition(after: last), change.instant.seconds <= span.upperBound {
                changes.append(change)
                last = change.instant
            }
            return changes
        }
    }

    @Test("every change of every zone, and no other, is one for the other implementation")
    func changes() throws {
        let zones = try Self.zones()
        let own = zones.map(Self.changes)
        let oracle = try ZoneOracle(
            spans: Self.spans,
            questions: zip(zones, own).map { ($0.name, $1.map(\.instant.seconds)) })
        var faults: [String] = []
        var compared = 0
        for (zone, own) in zip(zones, own) {
            var others: [Transition] = []
            for (seconds, offsets) in try #require(oracle.answers[zone.name]) {
                let instant = Instant(seconds: seconds)
                if zone.offset(at: instant) != offsets.after
                    || zone.offset(at: instant - .seconds(1)) != offsets.before
                {
                    faults.append("\(zone.name) at \(instant): \(offsets)")
                }
                guard offsets.before != offsets.after else { continue }
                others.append(
                    Transition(
                        instant: instant, offsetBefore: offsets.before, offsetAfter: offsets.after))
            }
            if own != others { faults.append("\(zone.name): \(own) instead of \(others)") }
            compared += others.count
        }
        #expect(faults == [])
        // Far less than tzdata has ever had: that the comparison has compared.
        #expect(zones.count > 250 && compared > 20_000)
    }

    @Test("the span around a change begins and ends at it, and searching back finds it again")
    func spans() throws {
        var faults: [String] = []
        for zone in try Self.zones() {
            for change in Self.changes(of: zone) {
                let last = change.instant - .seconds(1)
                if zone.previousTransition(atOrBefore: change.instant) != change
                    || zone.nextTransition(after: last) != change
                    || zone.span(containing: last).end != change.instant
                    || zone.span(containing: change.instant).start != change.instant
                {
                    faults.append("\(zone.name) at \(change.instant)")
                }
            }
        }
        #expect(faults == [])
    }
}
