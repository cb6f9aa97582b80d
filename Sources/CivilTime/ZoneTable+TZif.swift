/// What a zone file lists change by change.
struct ExplicitChanges {
    /// What holds before the first change.
    let before: ZoneChange
    /// The changes, ascending.
    var changes: [ZoneChange] = []
}

extension ZoneTable {
    /// The year near which a zone without explicit changes begins its written-out cycle; any would do.
    private static let anyYear = 1900
    /// Years between the last explicit change and the cycle: changes in the year before the cycle follow the
    /// rule alone even when the rule moves them a week into another year.
    private static let settlingYears = 3

    /// The table of the explicit changes, and of the rule that holds after the last of them.
    ///
    /// Where the rule contradicts the last explicit change, which RFC 9636 forbids, it takes over with its
    /// next change.
    convenience init(name: String, explicit: ExplicitChanges, rule: PosixTimeZone?) {
        let range = Instant.earliest.seconds...Instant.latest.seconds
        var changes = [explicit.before]
        for change in explicit.changes where change.start <= range.upperBound {
            // Files written by old programs begin with a change at the big bang.
            if change.start <= range.lowerBound {
                changes[0] = change
                changes[0].start = range.lowerBound
            } else {
                changes.append(change)
            }
        }
        let hasExplicit = changes.count > 1
        guard let rule, explicit.changes.last.map({ range.contains($0.start) }) ?? true else {
            self.init(name: name, changes: changes, cycle: nil, recursBackwards: false)
            return
        }
        guard rule.daylight != nil else {
            if !hasExplicit { changes[0] = rule.standardChange(from: range.lowerBound) }
            self.init(name: name, changes: changes, cycle: nil, recursBackwards: false)
            return
        }
        let lastStart = hasExplicit ? changes[changes.count - 1].start : nil
        let lastYear = lastStart.map { CivilDateTime(secondsSinceEpoch: $0).date.year } ?? Self.anyYear
        let cycleYear = lastYear + Self.settlingYears
        for change in rule.changes(inYears: lastYear - 1...cycleYear + 401)
        where change.start > lastStart ?? range.lowerBound {
            if changes[changes.count - 1].start == change.start { changes.removeLast() }
            changes.append(change)
        }
        let cycleStart = Int64(CivilDate(uncheckedYear: cycleYear, month: 1, day: 1).dayNumber) * 86_400
        let cycle = cycleStart..<cycleStart + Self.cycleSeconds
        let inCycle = changes.filter { cycle.contains($0.start) }
        if let first = inCycle.first, inCycle.allSatisfy({ $0.offset == first.offset }) {
            // Daylight saving all the year: after all the rule changes nothing.
            changes.removeAll { $0.start >= cycleStart }
            if !hasExplicit { changes = [first] }
            self.init(name: name, changes: changes, cycle: nil, recursBackwards: false)
        } else {
            self.init(name: name, changes: changes, cycle: cycle, recursBackwards: !hasExplicit)
        }
    }
}

extension PosixTimeZone {
    fileprivate func standardChange(from start: Int64) -> ZoneChange {
        ZoneChange(start: start, offset: Int32(offset), abbreviation: abbreviation)
    }

    /// The changes of some years, ascending; of two at one second (daylight saving all year) the end comes
    /// first.
    fileprivate func changes(inYears years: ClosedRange<Int>) -> [ZoneChange] {
        guard let daylight else { return [] }
        var changes: [(change: ZoneChange, rank: Int)] = []
        for year in years {
            let end = Self.second(of: daylight.end, inYear: year, offsetBefore: daylight.offset)
            changes.append((standardChange(from: end), 0))
            let start = Self.second(of: daylight.start, inYear: year, offsetBefore: offset)
            let change = ZoneChange(
                start: start, offset: Int32(daylight.offset), abbreviation: daylight.abbreviation)
            changes.append((change, 1))
        }
        return changes.sorted { ($0.change.start, $0.rank) < ($1.change.start, $1.rank) }.map(\.change)
    }
}
