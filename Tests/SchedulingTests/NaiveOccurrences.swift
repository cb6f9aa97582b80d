import CivilTime
import RandomInput
import Scheduling

/// A window of time in a zone, walked step by step: what local clocks show at each step, what they skip and
/// what they repeat.
struct NaiveWindow {
    struct Step {
        let instant: Instant
        let local: CivilDateTime
        /// Local times between the step before and this one that no clock shows.
        let skipped: [CivilDateTime]
        /// Whether an earlier step shows the same local time.
        let isRepeat: Bool
        /// Whether a later step shows the same local time.
        let isRepeated: Bool
    }

    let steps: [Step]
    /// The local dates of the steps and of what they skip.
    private let dates: Set<CivilDate>

    /// Walks from `start` in steps of `stepSeconds`, 60 or 1.
    init(in zone: Zone, from start: Instant, count: Int, stepSeconds: Int) {
        let instants = (0..<count).map { start + .seconds($0 * stepSeconds) }
        let locals = instants.map { zone.local(at: $0) }
        var shownAt: [CivilDateTime: [Int]] = [:]
        for (index, local) in locals.enumerated() { shownAt[local, default: []].append(index) }
        steps = instants.indices.map { index in
            var skipped: [CivilDateTime] = []
            if index > 0 {
                var missing = locals[index - 1].secondsSinceEpoch + Int64(stepSeconds)
                while missing < locals[index].secondsSinceEpoch {
                    skipped.append(CivilDateTime(secondsSinceEpoch: missing))
                    missing += Int64(stepSeconds)
                }
            }
            let shown = shownAt[locals[index]] ?? []
            return Step(
                instant: instants[index], local: locals[index], skipped: skipped,
                isRepeat: shown.first != index, isRepeated: shown.last != index)
        }
        dates = Set(steps.flatMap { [$0.local.date] + $0.skipped.map(\.date) })
    }

    /// Every occurrence of an expression in the window after its first step.
    func occurrences(of expression: NaiveCron) -> [Occurrence] {
        let matchingDates = dates.filter(expression.matches)
        func matches(_ local: CivilDateTime) -> Bool {
            expression.matchesTime(of: local) && matchingDates.contains(local.date)
        }
        return steps.dropFirst().compactMap { step in
            if !expression.followsClock {
                if let moved = step.skipped.first(where: matches) {
                    return Occurrence(instant: step.instant, local: moved, adjustment: .movedOutOfGap)
                }
                if step.isRepeat { return nil }
            }
            guard matches(step.local) else { return nil }
            return Occurrence(
                instant: step.instant, local: step.local,
                adjustment: step.isRepeat ? .secondOfTwo : step.isRepeated ? .firstOfTwo : .none)
        }
    }
}

/// Expressions made up at random, near a local time so that many of them are due there.
struct RandomExpressions {
    var random: SeededRandom

    init(seed: Int) {
        random = SeededRandom(seed: seed)
    }

    /// An expression with five fields, or with more when `withSeconds`.
    mutating func next(near local: CivilDateTime, withSeconds: Bool) -> String {
        var fields = [
            timeField(near: local.minute, 0...59), timeField(near: local.hour, 0...23),
            dayField(near: local.date.day), monthField(near: local.date.month),
            weekdayField(near: local.date.weekday.rawValue),
        ]
        guard withSeconds else { return fields.joined(separator: " ") }
        fields.insert(timeField(near: local.second, 0...59), at: 0)
        if random.oneIn(3) {
            let year = local.date.year
            fields.append(
                random.pick(["*", "\(year)", "\(year)-\(year + 2)", "*/2", "1980,\(year)", "\(year)/3"]))
        }
        return fields.joined(separator: " ")
    }

    /// A number within two of another, around the range's ends.
    private mutating func near(_ number: Int, _ range: ClosedRange<Int>) -> Int {
        let offset = number + random.number(-2...2) - range.lowerBound + range.count
        return offset % range.count + range.lowerBound
    }

    private mutating func timeField(near number: Int, _ range: ClosedRange<Int>) -> String {
        let low = near(number, range)
        switch random.number(1...10) {
        case 1...2: return "*"
        case 3: return "*/\(random.number(1...range.count))"
        case 4: return "\(low)-\(near(number, range))"
        case 5: return "\(low)-\(random.number(range))/\(random.number(1...7))"
        case 6: return "\(low)/\(random.number(1...20))"
        case 7: return "\(low),\(random.number(range)),\(random.number(range))"
        case 8: return "0,30,\(low)"
        default: return String(low)
        }
    }

    private mutating func dayField(near day: Int) -> String {
        let near = near(day, 1...31)
        switch random.number(1...16) {
        case 1...8: return "*"
        case 9: return "*/\(random.number(1...31))"
        case 10: return random.pick(["L", "LW", "L-\(random.number(1...30))", "L,\(near)", "L-1,L-3"])
        case 11: return "\(near)W"
        case 12: return "\(near)-\(random.number(1...31))"
        case 13: return "\(near)/\(random.number(1...9))"
        case 14: return "?"
        default: return "\(near),\(random.number(1...31))"
        }
    }

    private mutating func monthField(near month: Int) -> String {
        switch random.number(1...10) {
        case 1...7: return "*"
        case 8: return NaiveCron.monthNames[month - 1].lowercased()
        case 9: return "\(near(month, 1...12))-\(random.number(1...12))"
        default: return "*/\(random.number(1...12))"
        }
    }

    private mutating func weekdayField(near weekday: Int) -> String {
        let near = near(weekday, 0...6)
        let name = NaiveCron.weekdayNames[near]
        switch random.number(1...16) {
        case 1...8: return "*"
        case 9: return "\(name)-\(NaiveCron.weekdayNames[random.number(0...6)])"
        case 10: return "\(near)#\(random.number(1...5))"
        case 11: return random.pick(["\(near)L", "\(name)L", "\(name)#L"])
        case 12: return "+\(near),\(random.number(0...7))"
        case 13: return "*/\(random.number(1...7))"
        case 14: return "?"
        case 15: return "\(random.number(0...6))-7"
        default: return "\(near),\(name)"
        }
    }
}
